/* SPDX-License-Identifier: Apache-2.0
 *
 * A folder of a recorder's own, in one that others use, too. While the recorder lives it holds a lock on it (flock),
 * which ends with it however that ends: the next one that wants a folder there removes what a killed one left. It has
 * the library in it, and files of processes, and no other.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Removes those in `base` that killed recorders of this user left and no process has a file of any more. Follows no
 * link. */
void folder_remove_left(const char *base);

/* Makes one in `base` that is the user's alone, and says its path. A descriptor that holds it until it is closed, or
 * -1: errno says why. */
int folder_make(const char *base, char *path, size_t capacity);

/* Whether a name is that of a process' file. */
bool folder_has_counts(const char *name);
