/* SPDX-License-Identifier: Apache-2.0
 *
 * Linux's clocks, and times that it tells, in nanoseconds.
 */
#pragma once

#include "lib/units.h"

#include <stdint.h>
#include <sys/time.h>
#include <time.h>

/* 0: there is no such clock, or no more: a process' goes with it. */
static inline uint64_t clock_ns(clockid_t clock) {
	struct timespec now;
	return clock_gettime(clock, &now) == 0 ? (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec : 0;
}

static inline uint64_t timeval_ns(struct timeval time) {
	return (uint64_t)time.tv_sec * NS_PER_SECOND + (uint64_t)time.tv_usec * NS_PER_US;
}
