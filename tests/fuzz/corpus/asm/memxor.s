	.text
	.file	"memxor.c"
	.globl	entry                           # -- Begin function entry
	.p2align	3
	.type	entry,@function
entry:                                  # @entry
# %bb.0:
	r0 = -7046029254386353131 ll
	if r2 < 8 goto LBB0_3
# %bb.1:
	r2 >>= 3
	r4 = -7046029254386353131 ll
	r3 = 0
LBB0_2:                                 # =>This Inner Loop Header: Depth=1
	r5 = *(u64 *)(r1 + 0)
	r5 ^= r4
	*(u64 *)(r1 + 0) = r5
	r1 += 8
	r0 = r3
	r0 += r4
	#APP
	#NO_APP
	r3 += 1
	r4 = r0
	if r3 < r2 goto LBB0_2
LBB0_3:
	exit
.Lfunc_end0:
	.size	entry, .Lfunc_end0-entry
                                        # -- End function
	.addrsig
