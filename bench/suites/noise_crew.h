/* SPDX-License-Identifier: Apache-2.0
 *
 * A crew (crew.h) for who is no suite: compiled as these are, as <stdatomic.h> of newlib knows no _Atomic.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct noise_crew;

/* What noise_crew_make needs for so many cores. */
size_t noise_crew_bytes(unsigned cores);

/* In that memory, which is zeroed and aligned to a page; each core's argument is `stride` bytes behind the one
 * before. */
struct noise_crew *noise_crew_make(void *memory, unsigned cores, void *arguments, size_t stride);

/* As many as start, in order, of those that did the time before; at least 1, the caller's own. *lost: one does not
 * end. */
unsigned noise_crew_start(struct noise_crew *crew, bool *lost);

/* All of them, on the caller's core too; returns when the last has. */
void noise_crew_run(struct noise_crew *crew, void (*work)(void *argument, uint64_t passes), uint64_t passes);

/* false: one does not end, and what it looks at must stay mapped. At rest already, nothing. */
bool noise_crew_end(struct noise_crew *crew);
