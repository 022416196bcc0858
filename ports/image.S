/* SPDX-License-Identifier: MIT */
/* A packed image in flash: IMAGE is its file, NAME_image its address. */
#define JOIN(a, b) JOIN_(a, b)
#define JOIN_(a, b) a##b
	.section .rodata
	.balign 8
	.globl JOIN(NAME, _image), JOIN(NAME, _image_end)
JOIN(NAME, _image):
	.incbin IMAGE
JOIN(NAME, _image_end):
