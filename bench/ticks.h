/* SPDX-License-Identifier: Apache-2.0
 *
 * The clock as the timed code reads it: TSC or CNTVCT, without a system call, on both platforms; bench/<arch>/ticks.c.
 * Ordering: everything before begin has finished before the counter is read, and nothing after it starts earlier; the
 * same for end. Intel SDM volume 2B, RDTSC (LFENCE before and after); AMD APM volume 3, RDTSCP/LFENCE; Arm ARM D11.2
 * (ISB before CNTVCT_EL0).
 */
#pragma once

#include <stdint.h>

uint64_t ticks_begin(void);
uint64_t ticks_end(void);

/* The same counter with nothing waited for: for a loop that does nothing but look at it. What stands before and behind
 * it may be done on its other side, another look included. */
uint64_t ticks_look(void);
