/* SPDX-License-Identifier: Apache-2.0
 *
 * Benchmarks as they are gathered from another tool's files, and the results.json that is made of them.
 */
#pragma once

#include "bench/text.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct import {
	const char *tool;       /* its name */
	const char *file;       /* that is being read, in complaints */
	struct text *complaint; /* one line, once */
	json_t *rows;           /* by name, in order: {"status", "reason", "iters", "times"} */
};

/* "FILE: MEMBER WHAT" as the complaint; false. `member` is a format, "benchmarks[%zu].name"; its bytes come from us. */
bool import_complain(struct import *import, const char *what, const char *member, ...)
	__attribute__((format(printf, 3, 4)));

/* The row of this name, made where there is none; NULL: it was complained of, as having no name or as one too many. */
json_t *import_row(struct import *import, const char *name);

/* One more sample: what `iterations` of at least 1 took. false: no finite time from 0 on, of a length that can be; the
 * caller complains. */
bool import_add_sample(json_t *row, json_int_t iterations, double nanoseconds);

/* Why there are no samples; `status` as results.json has it. */
void import_set_reason(json_t *row, const char *status, const char *reason);

/* false: complained of; a benchmark without samples and reason is one that was skipped. */
bool import_write(struct import *import, struct text *results);
