/* SPDX-License-Identifier: MIT */
/* The packed image, in flash. IMAGE is its file. */
	.section .rodata
	.balign 8
	.globl filter_image, filter_image_end
filter_image:
	.incbin IMAGE
filter_image_end:
