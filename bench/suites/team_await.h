/* SPDX-License-Identifier: Apache-2.0
 *
 * Until a core that was started has begun. Apart from team.h, which is for bench/tune/, too: there <stdatomic.h> may be
 * newlib's, which knows no _Atomic.
 */
#pragma once

#include "bench/benchmark.h"
#include "bench/suites/team.h"
#include "bench/ticks.h"
#include "lib/units.h"
#include "platform.h"

#include <stdatomic.h>
#include <stdint.h>

/* Until what was started on the core has written to `word`, which was 0 before, seconds at the most. BENCH_READY; else
 * it has not: BENCH_FAIL, and the reason. */
static inline enum bench_setup_result team_await(struct bench_context *context, unsigned core,
						 const _Atomic(uint64_t) *word) {
	enum { LOOKS = 10000, PATIENCE_MS = 5000 };
	for (unsigned i = 0; i < LOOKS; i++) {
		if (atomic_load_explicit(word, memory_order_acquire) != 0)
			return BENCH_READY;
		(void)ticks_end(); /* a core that shares its units with this one has them meanwhile */
	}
	/* Only the platform knows how long a millisecond is. */
	int joined = PLATFORM_EBUSY;
	for (unsigned ms = 0; ms < PATIENCE_MS && joined == PLATFORM_EBUSY; ms++) {
		joined = platform_core_join(core, NS_PER_MS);
		if (atomic_load_explicit(word, memory_order_acquire) != 0)
			return BENCH_READY;
	}
	return team_say(context, BENCH_FAIL, core, ": it does not begin what it was started for");
}
