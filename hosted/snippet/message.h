/* SPDX-License-Identifier: Apache-2.0
 *
 * What a snippet's process writes into its pipe, once, and what is believed of it. The snippet could have written all
 * of it: numbers are looked at before they are counted with. A forged message that holds what one may hold deceives
 * whoever forged it. Pure.
 */
#pragma once

#include "hosted/snippet/cage.h"

struct message {
	uint64_t end; /* enum cage_end */
	struct platform_fault fault;
	struct platform_thread before;
	struct room_seen seen;
	struct snippet_times times;
	uint64_t sums[SNIPPET_ROUNDS], gaps[SNIPPET_ROUNDS];
};

/* Fills run->fault, run->seen, and the job's times and gaps. `before` and `after`: what was counted outside of it, but
 * for before->thread, which is the message's. CAGE_GONE: no process of ours writes that, and nothing is filled. */
enum cage_end message_take(const struct message *message, const struct room_counted *before,
			   const struct room_counted *after, struct cage_run *run);
