/* SPDX-License-Identifier: Apache-2.0
 *
 * Costs of no machine: round numbers, so that what is made of them can be computed by hand.
 */
#pragma once

#include "hosted/advise/costs.h"

#include <string.h>

/* A call takes 10 ns, a block 20 ns, a page 1000 ns, a start 1 ms; recorded 1 ns more, and 100 us of a start. Kernels
 * take half of a call, pools half of a block, huge pages half of a page, but the first 256 of a heap. */
static inline void advise_fixture_costs(struct costs *costs) {
	static const double plain[] = {10, 20, 1000, 1e6};
	static const double more[COSTS_SETTINGS][4] = {
		[COSTS_RECORDED] = {1, 1, 0, 1e5},
		[COSTS_KERNELS] = {-5, 0, 0, 0},
		[COSTS_POOLS] = {0, -10, 0, 0},
		[COSTS_HUGE] = {0, 0, -500, 0},
	};
	memset(costs, 0, sizeof(*costs));
	strcpy(costs->machine.architecture, "x86_64");
	strcpy(costs->machine.cpu, "Fake 1.2.3");
	strcpy(costs->huge_pages, "madvise");
	costs->rounds = COSTS_ROUNDS;
	for (int setting = 0; setting < COSTS_SETTINGS; setting++) {
		costs->has[setting] = true;
		for (int row = 0; row < COSTS_ROWS; row++) {
			bool is_call =
				row < COSTS_CALL_ROWS || (row >= COSTS_ROW_MIXED_CALLS && row < COSTS_ROW_MIXED_BLOCKS);
			int of = is_call ? 0 : row < COSTS_ROW_TOUCH ? 1 : row < COSTS_ROW_START ? 2 : 3;
			costs->figures[setting][row].ns = setting == COSTS_PLAIN ? plain[of] : more[setting][of];
		}
		costs->figures[setting][COSTS_ROW_SINGLES].ns = setting == COSTS_PLAIN ? 256 : 0;
	}
}
