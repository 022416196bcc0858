/* SPDX-License-Identifier: MIT */
/* One thread and one interrupt: see start.c. The function is called 20 ms after pthread_create().
 */
#ifndef VOUCH_TEST_LITE_PTHREAD_H
#define VOUCH_TEST_LITE_PTHREAD_H

typedef int pthread_t, pthread_attr_t;

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
	void *argument);
int pthread_join(pthread_t thread, void **result);

#endif
