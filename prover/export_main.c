/* SPDX-License-Identifier: MIT */
/* Writes the model of BPF to standard output, or the checker of a binary, for `make proofs`. */
#include "prover/export_coq.h"

int main(int argc, char **argv)
{
	int status = argc > 1 ? export_check(stdout, argv[1]) : export_coq(stdout);

	return status == 0 && fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
