/* SPDX-License-Identifier: Apache-2.0
 *
 * What `noise` found, as a file and as records.
 */
#pragma once

#include "bench/json.h"
#include "bench/noise/noise.h"

#define NOISE_SCHEMA "anechoic-noise/1"

/* noise.json as docs/formats.md has it. `cut`: more was to come. */
void noise_write(const struct noise *noise, bool cut, struct text *text);

/* The same to PLATFORM_STREAM_RECORD, in its parts: once, at the first; all cores, which stand for earlier ones of
 * themselves; at the last. */
void noise_record_head(const struct noise *noise);
void noise_record_cores(const struct noise *noise);
void noise_record_end(bool cut);

/* NOISE records back into the file. */
struct noise_log {
	char *head; /* an object, terminated; NULL: did not come */
	char *end;
	char **cores; /* by number; NULL: did not come */
	size_t core_count;
	bool no_memory; /* something was dropped */
};

/* A record's object; a head begins a new one. false: it is of no part that is known. */
bool noise_log_take(struct noise_log *log, struct json_span record);
bool noise_log_has(const struct noise_log *log);
bool noise_log_is_whole(const struct noise_log *log);
void noise_log_write(const struct noise_log *log, struct text *text);
void noise_log_free(struct noise_log *log);
