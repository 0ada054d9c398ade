/* SPDX-License-Identifier: Apache-2.0
 *
 * results.json, schema anechoic/1 (docs/formats.md), read back. The file is a stranger's: whatever is in it, the answer
 * is a whole struct or a line that names the file, the line and byte in it, and what is wrong there. What this header
 * does not name can be had from the JSON itself; members that it does not know are left alone.
 */
#pragma once

#include "bench/ladder/levels.h"
#include "bench/layout.h"
#include "bench/room/room.h"
#include "bench/runner.h"
#include "bench/stats.h"
#include "bench/text.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Nanoseconds an iteration; everything finite, lower <= upper, 0 < level < 1. */
struct results_estimate {
	double point;
	double standard_error;
	double level;
	double lower;
	double upper;
};

struct results_benchmark {
	const char *name;
	const char *group;
	const char *reason;      /* why not ok; "" */
	const char *iteration;   /* what one is; "" */
	const char **parameters; /* parts of the name behind the group */
	size_t parameter_count;
	enum bench_status status;

	/* All that follows only where count > 0, which it is in every `ok` benchmark. */
	size_t count; /* samples */
	bool linear;
	uint64_t *iters;                    /* each at least 1 */
	double *times;                      /* nanoseconds, not negative */
	struct results_estimate low_decile; /* the file's, or where it has none, of its samples */
	bool has_slope;
	struct results_estimate slope, mean, median, median_abs_dev, std_dev;
	uint32_t outliers[STATS_OUTLIER_CLASSES];
	const char *unit; /* of the throughput: "bytes", "elements"; "": none */
	uint64_t per_iteration;
	double per_second;
	bool has_luck;                 /* it was measured under random placements, too */
	struct layout_luck luck;       /* `mean` is 0; deviations from 0 on, lower <= upper */
	uint64_t layouts, visits_each; /* only where has_luck */
	struct room_tally luck_rooms;  /* of all visits; a file may say nothing of theirs */
	double limit;                  /* units a second that the hardware allows; 0: not known */
	const char *limit_source;      /* who says so */
	bool unchecked;                /* nobody looked whether what was timed is right */
	bool has_room;                 /* the file says something of what happened beside it */
	enum room_word room;           /* where it does; ROOM_UNKNOWN: that nothing is known */
	const json_t *json;            /* the whole entry */
};

/* A level of the memory; intervals are in order. */
struct results_level {
	enum levels_kind kind;
	double ns, ns_lower, ns_upper;            /* of a load; above 0 */
	uint64_t bytes, bytes_lower, bytes_upper; /* its size, at least 1; LEVEL_LAST: all 0 */
	uint64_t named_bytes, told_bytes;         /* 0: none */
	bool certain;
	const json_t *doubts; /* an array of strings, none of them empty */
};

/* What the ladder of one size of page shows. */
struct results_ladder {
	uint64_t page_bytes;
	const char *outcome;
	double noise; /* relative deviation of a point; -1: not known */
	struct results_level *levels;
	size_t count;
};

struct results {
	char *file;
	json_t *root;
	json_t *context;
	struct results_benchmark *benchmarks; /* in the file's order; names are unique */
	size_t count;
	struct results_ladder *ladders; /* of `levels`, pages ascending; NULL: the file has none */
	size_t ladder_count;
};

/* 0, or PLATFORM_EIO, PLATFORM_EINVAL, PLATFORM_ENOMEM with one line in `complaint`; then there is nothing to free.
 * `file` "-": standard input. All strings live as long as the results. */
int results_read(const char *file, struct results *results, struct text *complaint);

/* The same of bytes in memory; `file` is their name in complaints. */
int results_parse(const char *file, const char *bytes, size_t length, struct results *results, struct text *complaint);

void results_free(struct results *results);

/* NULL: none of this name. */
const struct results_benchmark *results_find(const struct results *results, const char *name);

/* The figure of the row, the one that verdicts go by: its low decile (bench/stats.h). */
const struct results_estimate *results_headline(const struct results_benchmark *benchmark);

/* A string of the context, by members with '/' between: "platform/cpu"; "" where there is none. */
const char *results_context(const struct results *results, const char *path);

/* The figures are not the hardware's: emulated, or a build with sanitizers. */
bool results_functional_only(const struct results *results);
