/* SPDX-License-Identifier: MIT */
/*
 * Running obligations: each in a process of its own, so that one that dies, or takes all memory, is
 * one that is unknown. A worker sends its report through a pipe and is gone.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "prover/command/command.h"
#include "prover/write_all.h"

enum { JOBS_MAX = 256 };

struct worker {
	struct task *task;
	pid_t pid;
	int fd;
	char *bytes;
	size_t size;
};

/* When memory runs out, a worker goes, not the command. Where that can't be said, so be it. */
static void go_first_without_memory(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	write_all(fd, "1000", 4);
	close(fd);
}

/* The report, then both strings with their zeros. */
static void work(const struct request *request, const struct task *task, pid_t parent, int fd)
{
	struct report report = {.verdict = VERDICT_UNKNOWN, .reason = "no verdict"};
	double begin = seconds_now();
	const char *text, *replay;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	go_first_without_memory();
	task->obligation.theorem->prove(&task->obligation, &request->prove, &report);
	report.seconds = seconds_now() - begin;
	text = report.text ? report.text : "";
	replay = report.replay ? report.replay : "";
	_exit(write_all(fd, &report, sizeof(report)) && write_all(fd, text, strlen(text) + 1) &&
				write_all(fd, replay, strlen(replay) + 1)
			? 0
			: 1);
}

static bool start(const struct request *request, struct worker *w, struct task *task)
{
	pid_t parent = getpid();
	int fd[2];

	if (pipe(fd) != 0)
		return false;
	fflush(stdout);
	*w = (struct worker){.task = task, .fd = fd[0], .pid = fork()};
	if (w->pid == 0) {
		close(fd[0]);
		work(request, task, parent, fd[1]);
	}
	close(fd[1]);
	if (w->pid < 0)
		close(fd[0]);
	return w->pid > 0;
}

static void finish(const struct request *request, struct worker *w)
{
	struct task *task = w->task;
	size_t head = sizeof(struct report);
	int status = 0;

	close(w->fd);
	waitpid(w->pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && w->size > head + 1) {
		const char *text = w->bytes + head, *replay = text + strlen(text) + 1;

		memcpy(&task->report, w->bytes, head);
		if ((unsigned)task->report.verdict > VERDICT_UNKNOWN)
			task->report.verdict = VERDICT_UNKNOWN;
		task->report.text = *text ? strdup(text) : NULL;
		task->report.replay = *replay ? strdup(replay) : NULL;
	} else {
		task->report = (struct report){.verdict = VERDICT_UNKNOWN};
		snprintf(task->report.reason, sizeof(task->report.reason), "the prover died: %s",
			WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "no report");
	}
	free(w->bytes);
	task->done = true;
	cache_write(request, task);
}

/* False at the end of what the worker sends. */
static bool receive(struct worker *w)
{
	char block[65536];
	ssize_t n = read(w->fd, block, sizeof(block));

	if (n < 0 && errno == EINTR)
		return true;
	if (n <= 0)
		return false;
	w->bytes = realloc(w->bytes, w->size + (size_t)n + 1);
	if (!w->bytes)
		abort();
	memcpy(w->bytes + w->size, block, (size_t)n);
	w->size += (size_t)n;
	w->bytes[w->size] = '\0';
	return true;
}

/* The one that took longest last time, so that none of those is left to the end; NULL: no more. */
static struct task *next_task(const struct request *request)
{
	struct task *longest = NULL;

	for (size_t i = 0; i < request->tasks; i++) {
		struct task *task = &request->task[i];

		if (!task->started && !task->done &&
			(!longest || task->expected > longest->expected))
			longest = task;
	}
	if (longest)
		longest->started = true;
	return longest;
}

bool run_tasks(struct request *request)
{
	struct worker worker[JOBS_MAX];
	struct pollfd poll_fd[JOBS_MAX];
	unsigned running = 0, jobs = request->jobs < JOBS_MAX ? request->jobs : JOBS_MAX;
	struct task *task;

	for (;;) {
		while (running < jobs && (task = next_task(request)))
			if (!start(request, &worker[running++], task)) {
				fprintf(stderr, "vouch-prove: no process: %s\n", strerror(errno));
				return false;
			}
		show_progress(request, running, running == 0);
		if (running == 0)
			return true;
		for (unsigned i = 0; i < running; i++)
			poll_fd[i] = (struct pollfd){.fd = worker[i].fd, .events = POLLIN};
		poll(poll_fd, running, 1000);
		for (unsigned i = running; i-- > 0;)
			if (poll_fd[i].revents && !receive(&worker[i])) {
				finish(request, &worker[i]);
				worker[i] = worker[--running];
			}
	}
}
