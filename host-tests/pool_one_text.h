/* SPDX-License-Identifier: Apache-2.0
 *
 * A user's text for both builds of the pool, with one include: reports of a write after the free. A checked build hears
 * of it once, any other never.
 */
#pragma once

#include "host-tests/unseen.h"
#include "mem/pool.h"

static inline void one_text_note(void *argument, const struct pool_fault *fault) {
	if (fault->kind == POOL_FAULT_OVERWRITTEN && fault->shared == NULL)
		++*(unsigned *)argument;
}

static inline unsigned one_text_reports(void) {
	static _Alignas(64) unsigned char memory[POOL_BYTES(64, 64, 4)];
	unsigned reports = 0;
	struct pool pool;
	if (pool_init(&pool, memory, sizeof memory, 64, 64, 4) != 0)
		return 100;
	pool_set_report(&pool, one_text_note, &reports);
	void *object = pool_alloc(&pool);
	pool_free(&pool, object);
	unseen_flip(object, 3);
	if (pool_checked_sweep(&pool) != reports)
		return 101;
	unseen_flip(object, 3);
	pool_end(&pool);
	return reports;
}
