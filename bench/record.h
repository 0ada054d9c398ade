/* SPDX-License-Identifier: Apache-2.0
 *
 * Record lines, as docs/architecture.md describes them:
 *
 *     @anechoic TAG {json} xxxxxxxx
 *
 * Written with what platform_write(PLATFORM_STREAM_RECORD) is to carry, read from whatever a console or a broken file
 * made of it. Pure but for the heap behind struct text.
 */
#pragma once

#include "bench/json.h"
#include "bench/runner.h"
#include "bench/text.h"

#define RECORD_SCHEMA "anechoic/1"

/* How a line of this form begins; the CRC is over what follows. */
#define RECORD_MARK "@anechoic "
enum { RECORD_MARK_BYTES = sizeof(RECORD_MARK) - 1 };

/* Member of a RUN that says once more, at the end of a run, what the one at its begin said. */
#define RECORD_AGAIN "again"

/* Between the two, members are added to the record's object. */
void record_open(struct text *text, const char *tag);
void record_close(struct text *text);

/* A record that was read, once more. */
void record_copy(struct text *text, const char *tag, struct json_span json);

void record_start(struct text *text, const char *name, size_t index);
/* A benchmark that was begun, and ended because somebody asked for that: no hang, however often. */
void record_cut(struct text *text, const char *name, size_t index);
void record_end(struct text *text, const struct benchmark *benchmark, size_t index,
		const struct measurement *measurement);

/* Of one visit to a random placement: `layout`, its number from 1, the status, and END's samples or its reason. */
void record_layout(struct text *text, const struct benchmark *benchmark, size_t index, uint32_t layout,
		   const struct measurement *measurement);

/* END for a benchmark that an earlier boot did not come back from. */
void record_end_cut_off(struct text *text, const char *name, uint64_t index);

/* "bytes", "elements", "" */
const char *record_unit_name(enum bench_unit unit);

struct record {
	char tag[8];           /* "CONTEXT" is the longest */
	struct json_span json; /* an object, valid JSON; points into the text */
};

/* The next whole and undamaged record in *text, which moves behind it; what is none is passed over.
 * false: none is left. */
bool record_next(struct json_span *text, struct record *record);
