/* SPDX-License-Identifier: Apache-2.0 */
#include "peers/suites/pool_claims.h"

/* One object at a time, one loop. The stack's top is two variables' worth of chain, down and up again; the list's next
 * object goes through the list's head, then through the object. */
struct peer_claim claim_of_pool_pairs(enum pool_reference who) {
	static const struct peer_work stack = {.chain = {[PEER_ADD] = 2, [PEER_FORWARD] = 2},
					       .all = {[PEER_LOADS] = 4, [PEER_STORES] = 4, [PEER_TURNS] = 1}};
	static const struct peer_work list = {.chain = {[PEER_FORWARD] = 2},
					      .all = {[PEER_LOADS] = 3, [PEER_STORES] = 4, [PEER_TURNS] = 1}};
	static const struct peer_work floor = {.all = {[PEER_LOADS] = 1, [PEER_STORES] = 1, [PEER_TURNS] = 1}};
	if (who == POOL_STACK)
		return (struct peer_claim){.loops = {stack}, .instructions_most = 1.5 * 14};
	if (who == POOL_LIST)
		return (struct peer_claim){.loops = {list}, .instructions_most = 1.5 * 12};
	return (struct peer_claim){.loops = {floor}, .instructions_most = 1.5 * 6};
}

/* A loop that takes, which also keeps what it took, and a loop that gives: what it needs of memory may still be at
 * hand. Nor is a flood of touches the least that they take: where lines crowd in few sets, a core that has
 * more of them under
 * way at once is the slower one. */
struct peer_claim claim_of_pool_waves(enum pool_reference who) {
	static const struct peer_work stack_takes = {.chain = {[PEER_ADD] = 1, [PEER_FORWARD] = 1},
						     .all = {[PEER_LOADS] = 3, [PEER_STORES] = 3, [PEER_TURNS] = 1},
						     .perhaps = {[PEER_PROBE_0 + POOL_TOUCH] = 1}};
	static const struct peer_work stack_gives = {.chain = {[PEER_ADD] = 1, [PEER_FORWARD] = 1},
						     .all = {[PEER_LOADS] = 2, [PEER_STORES] = 2, [PEER_TURNS] = 1},
						     .perhaps = {[PEER_PROBE_0 + POOL_TOUCH] = 1}};
	static const struct peer_work list_takes = {
		.chain = {[PEER_FORWARD] = 1, [PEER_PROBE_0 + POOL_WALK] = 1},
		.all = {[PEER_LOADS] = 2, [PEER_STORES] = 3, [PEER_TURNS] = 1, [PEER_PROBE_0 + POOL_TOUCH] = 1}};
	static const struct peer_work list_gives = {.all = {[PEER_LOADS] = 2, [PEER_STORES] = 2, [PEER_TURNS] = 1},
						    .perhaps = {[PEER_PROBE_0 + POOL_TOUCH] = 1}};
	/* Ascending addresses that wait for nothing: how far ahead the core fetches them is its own. */
	static const struct peer_work floor_takes = {.all = {[PEER_LOADS] = 1, [PEER_STORES] = 2, [PEER_TURNS] = 1},
						     .perhaps = {[PEER_PROBE_0 + POOL_TOUCH_ASCENDING] = 1}};
	static const struct peer_work floor_gives = {.all = {[PEER_LOADS] = 1, [PEER_TURNS] = 1},
						     .perhaps = {[PEER_PROBE_0 + POOL_TOUCH] = 1}};
	if (who == POOL_STACK)
		return (struct peer_claim){.loops = {stack_takes, stack_gives}, .instructions_most = 1.5 * 21};
	if (who == POOL_LIST)
		return (struct peer_claim){.loops = {list_takes, list_gives}, .instructions_most = 1.5 * 20};
	return (struct peer_claim){.loops = {floor_takes, floor_gives}, .instructions_most = 1.5 * 13};
}
