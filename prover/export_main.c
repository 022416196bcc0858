/* SPDX-License-Identifier: MIT */
/* Writes the model of BPF to standard output, for `make proofs`.*/
#include "prover/export_coq.h"

int main(void)
{
	if (export_coq(stdout) < 0)
		return 1;
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
