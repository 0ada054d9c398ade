/* SPDX-License-Identifier: Apache-2.0
 *
 * Files below a folder, by the end of their names.
 */
#pragma once

#include "bench/text.h"

#include <stddef.h>

/* How deep below the folder files are found, and how many of them at the most. */
enum { WALK_DEPTH_MOST = 16, WALK_FILES_MOST = 1000000 };

struct walk {
	char **names; /* each begins with the folder's as it was given; in order, numbers by value: 9 before 10 */
	size_t count;
};

/* Plain files alone whose names end in `ending`, in either case of letters, as file systems of sticks have them; no
 * link below the folder is followed. What cannot be looked at, or lies deeper, has a line in `complaint`, and the rest
 * is found all the same. 0, PLATFORM_EIO where anything was left out, PLATFORM_ENOMEM; walk_free in any case. */
int walk_folder(const char *folder, const char *ending, struct walk *walk, struct text *complaint);
void walk_free(struct walk *walk);
