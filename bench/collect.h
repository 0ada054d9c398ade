/* SPDX-License-Identifier: Apache-2.0
 *
 * Records back into a run: the one reader of console captures, of anechoic.log, and of the programme's own records as
 * it writes them, so that results are the same whoever collects them. Bytes may come in any state: cut anywhere, with
 * other text, escape sequences and line ends in and between. No finished record is lost by damage to others.
 *
 * Compact records (bench/compact/compact.h) are read among others.
 *
 * A RUN record begins a run, but one that is said `again`: the end of a log is enough to know whose records they are.
 * One that says `resumed` goes on with the one before (its finished benchmarks are kept,
 * with the clock that they were measured with); any other replaces it: of several runs in one capture the last one
 * stands. So it is with the records of `tune`, `noise` and `snippet`, which are no run's. A run before them is kept all
 * the same: it may have been cut off, and go on after them.
 */
#pragma once

#include "bench/compact/compact.h"
#include "bench/json.h"
#include "bench/layout.h"
#include "bench/noise/publish.h"
#include "bench/room/room.h"
#include "bench/runner.h"
#include "bench/stats.h"
#include "bench/text.h"
#include "bench/tune/profile_log.h"
#include "lib/civil.h"

/* One visit to one of the random placements. */
struct collected_visit {
	uint32_t layout;
	double figure;         /* layout_figure's; 0: it did not run to its end */
	struct room_seen room; /* all 0: nobody watched */
};

struct collected {
	char name[96];
	uint64_t index;
	enum bench_status status; /* skipped after a START without an END, hung after two */
	bool finished;            /* there is an END */
	unsigned starts;          /* without an END behind them, over all boots */
	bool settled;             /* of an earlier boot: `hz` is what its END says */
	char *end;                /* END's object, terminated; NULL without */
	bool has_summary;
	struct stats_summary summary;
	uint64_t hz;                    /* as END says; 0: no samples */
	struct room_seen room;          /* likewise; all 0: nobody watched */
	struct collected_visit *visits; /* of LAYOUT records since START */
	size_t visit_count;
	char misplaced[96]; /* why a visit did not run to its end; "" */
};

struct collector {
	char *run;                    /* RUN's object, terminated; NULL: none yet */
	char *machine;                /* MACHINE's; NULL: there is none, or the run was cut off */
	char *context;                /* CONTEXT's; NULL: the run was cut off in its first benchmark */
	char *done;                   /* DONE's; NULL: the run was cut off, or goes on */
	struct collected *benchmarks; /* in the order of their first record */
	size_t count;
	size_t capacity;
	size_t runs_replaced;    /* by what came after them, all records of theirs */
	struct profile_log tune; /* what `tune` found, where that came last */
	struct noise_log noise;  /* what `noise` found, likewise */
	char *snippet;           /* SNIPPET's object, terminated; NULL: that did not come last */
	bool no_memory;          /* something was dropped */

	/* Is told of each END as it is taken; NULL: nobody is. */
	void (*on_end)(struct collector *collector, const struct collected *benchmark);

	struct text line; /* bytes of the line so far */
	struct compact_reader compact;
	struct text unpacked; /* the record that compact lines were */
};

/* All zero is an empty collector. Bytes in any pieces. */
void collect_bytes(struct collector *collector, const char *bytes, size_t length);

/* No more will come: a last line without its end counts. */
void collect_end(struct collector *collector);

void collect_free(struct collector *collector);

struct collected *collect_find(struct collector *collector, const char *name);

/* Ticks a second to read this benchmark's ticks with: DONE's clock, over the whole run, where it is of that run. */
uint64_t collect_hz(const struct collector *collector, const struct collected *benchmark);

/* The date of its first start, as RUN says; "unknown" where it does not. */
void collect_began(const struct collector *collector, char text[CIVIL_TEXT_BYTES]);

/* Benchmarks whose records are damaged or lost: of a run that has its DONE, those planned that have no END. */
size_t collect_damaged(const struct collector *collector);

/* 0: a complete run without a failure; 4: one failed or hung, is damaged, or there is no DONE; 2: no run at all. */
int collect_status(const struct collector *collector);

/* Computes the summary where there are samples and it is not there yet; false: none. In ticks, so that the
 * clock may still change. */
bool collect_summarise(struct collector *collector, struct collected *benchmark);

/* The samples of a finished benchmark, from its END: ticks are the caller's to free. false: it has none. */
bool collect_samples(const struct collector *collector, const struct collected *benchmark, struct stats_input *input,
		     uint64_t **ticks);

/* What its random placements did; false: it has none, or not each as often as the others. `visits`, where not
 * NULL: how many each has. */
bool collect_luck(const struct collected *benchmark, struct layout_luck *luck, size_t *visits);
