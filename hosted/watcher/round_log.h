/* SPDX-License-Identifier: Apache-2.0
 *
 * Rounds from a log: records of a watch (bench/rounds/record.h), as a console or a journal has them, with whatever else
 * stands between. The file may be a pipe that goes on for days: each record is handed on as its line ends. Any bytes
 * may be in it; what is no whole record is passed over, and strings of one are plain (bench/plain.h).
 */
#pragma once

#include "bench/rounds/record.h"

#include <stdio.h>

enum { ROUND_LOG_LINE_MOST = 1 << 17 };

struct round_log {
	/* Both end the reading where they say false. */
	bool (*begin)(void *argument, const struct rounds_head *head);
	bool (*take)(void *argument, const struct round *round);
	void *argument;
	uint64_t heads, rounds; /* handed on */
};

/* false: it cannot be read to its end, errno says why; or one of them said false, then errno is 0. ENOMEM, likewise. */
bool round_log_read(struct round_log *log, FILE *file);
