	.text
	.file	"fletcher32.c"
	.globl	entry                           # -- Begin function entry
	.p2align	3
	.type	entry,@function
entry:                                  # @entry
# %bb.0:
	w3 = 65535
	r2 >>= 1
	w0 = 65535
	if w2 == 0 goto LBB0_7
# %bb.1:
	w5 = 65535
	w3 = 65535
	goto LBB0_2
LBB0_5:                                 #   Parent Loop BB0_2 Depth=1
                                        # =>  This Inner Loop Header: Depth=2
	w0 = *(u16 *)(r1 + 0)
	w3 += w0
	r1 += 2
	w0 = w3
	w0 += w5
	w6 += -1
	w5 = w0
	if w6 != 0 goto LBB0_5
# %bb.6:                                #   in Loop: Header=BB0_2 Depth=1
	w5 = w0
	w5 >>= 16
	w0 &= 65535
	w0 += w5
	w5 = w3
	w5 >>= 16
	w3 &= 65535
	w3 += w5
	w2 -= w4
	w5 = w0
	if w2 != 0 goto LBB0_2
LBB0_7:
	w1 = w0
	w1 >>= 16
	w0 &= 65535
	w0 += w1
	w1 = w3
	w1 >>= 16
	w3 &= 65535
	w3 += w1
	r0 <<= 16
	r0 |= r3
	exit
LBB0_2:                                 # =>This Loop Header: Depth=1
                                        #     Child Loop BB0_5 Depth 2
	w4 = w2
	if w2 < 359 goto LBB0_4
# %bb.3:                                #   in Loop: Header=BB0_2 Depth=1
	w4 = 359
LBB0_4:                                 #   in Loop: Header=BB0_2 Depth=1
	w6 = w4
	goto LBB0_5
.Lfunc_end0:
	.size	entry, .Lfunc_end0-entry
                                        # -- End function
	.addrsig
