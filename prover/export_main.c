/* SPDX-License-Identifier: MIT */
/*
 * Writes C code as Coq to standard output, for `make proofs`: `export_coq bpf`, the model of BPF;
 * `export_coq world`, what theorems say of its surroundings; `export_coq check ELF`, the checker of
 * a binary.
 */
#include <string.h>

#include "prover/export_coq.h"

static int export(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "bpf") == 0)
		return export_coq(stdout);
	if (argc == 2 && strcmp(argv[1], "world") == 0)
		return export_world(stdout);
	if (argc == 3 && strcmp(argv[1], "check") == 0)
		return export_check(stdout, argv[2]);
	fprintf(stderr, "usage: export_coq bpf | world | check ELF\n");
	return -1;
}

int main(int argc, char **argv)
{
	int status = export(argc, argv);

	return status == 0 && fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
