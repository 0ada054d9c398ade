/* SPDX-License-Identifier: Apache-2.0
 *
 * TUNE records back into profile.json: what came is kept, what did not is marked as not measured. The records are
 * whole, and their content is a stranger's.
 */
#pragma once

#include "bench/json.h"
#include "bench/text.h"
#include "simd/profile.h"

#include <stdbool.h>

struct profile_log {
	char *head, *price, *end; /* objects, terminated; NULL: did not come */
	char *operations[SIMD_OPERATION_COUNT];
	bool no_memory; /* something was dropped */
};

/* A record's object. A head begins a new one: of several the last stands. false: it is of no part that is known. */
bool profile_log_take(struct profile_log *log, struct json_span record);

/* Whether any part came. */
bool profile_log_has(const struct profile_log *log);

/* Whether all parts came, and say that they are all. */
bool profile_log_is_whole(const struct profile_log *log);

void profile_log_write(const struct profile_log *log, struct text *text);
void profile_log_free(struct profile_log *log);
