/* SPDX-License-Identifier: Apache-2.0
 *
 * --still: what makes figures worse and can be changed for the time of a measurement, changed and put back. One hold a
 * process; on its first thread, before others are started.
 *
 * Of the machine: every governor becomes `performance`, /dev/cpu_dma_latency is held open at 0 us. Of this process: its
 * memory so far is locked, and where real-time processes are not throttled its first thread is SCHED_FIFO. What is put
 * back is put back by a process of its own, which waits for this one's end, whatever that is; where it is killed as
 * well, by the next hold_begin or hold_restore (found.h).
 */
#pragma once

#include "bench/text.h"
#include "hosted/still/tree.h"

/* A root folder in this machine's place, which tests give: $ANECHOIC_ROOT, "" where there is none. */
struct tree hold_tree(void);

/* What cannot be done is in hold_summary, and the rest is done; `said`: lines beside it. `tree` is copied, its root is
 * not. `own`: what is this process's, too. */
void hold_begin(const struct tree *tree, bool own, struct text *said);

/* Nothing without hold_begin. Returns when all is as it was found; it may be begun again. */
void hold_end(void);

/* In one line, what is still and what is not; empty: hold_begin was not called. */
const char *hold_summary(void);

/* Puts back what a process left that was killed, and says so. 0: done, or nothing was left; 2: it cannot, or another
 * process holds the machine still. */
int hold_restore(const struct tree *tree, struct text *said);
