/* SPDX-License-Identifier: Apache-2.0
 *
 * What a preloaded library answers calls with before it knows what else to call: the dynamic linker calls that early,
 * at times before our own relocations are done. So everything here is plain loops, touches static memory alone and
 * calls nothing. Any thread, at any time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define EXPORTED    __attribute__((visibility("default")))
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

/* ---- memory: as memmove, memset, memcmp; `ends`: a 0 in both is the end, as of strings -------------------------- */

void *early_move(void *to, const void *from, size_t length);
void *early_set(void *to, int byte, size_t length);
int early_compare(const void *a, const void *b, size_t length, bool ends);
void *early_find(const void *in, int byte, size_t length);

/* ---- blocks: of an arena of a few pages that never takes one back ------------------------------------------------ */

enum { EARLY_ALIGNMENT = 16 };

/* Zeroed. NULL with ENOMEM where the arena is used up. */
void *early_allocate(size_t size);
bool early_owns(const void *block);
size_t early_size(const void *block);
