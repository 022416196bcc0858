/* SPDX-License-Identifier: MIT */
/* Running an image that nobody vouches for: with exact allocations, little fuel and no helpers to
 * speak of. */
#ifndef VOUCH_TEST_RUN_IMAGE_H
#define VOUCH_TEST_RUN_IMAGE_H

#include "vouch/image.h"

/* Returns what vouch_init() or vouch_run() did. Images with much data are not run: VOUCH_BAD_SIZE.
 */
enum vouch_status run_image(const struct vouch_image *image, uint64_t *r0);

#endif
