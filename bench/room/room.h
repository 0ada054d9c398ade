/* SPDX-License-Identifier: Apache-2.0
 *
 * What happened while a benchmark was measured, and in one word whether its figure can be believed for that. Pure; rule
 * and reasons are in docs/methodology.md, "The room".
 *
 * The probe: chains of additions that do not wait for each other, more of them than a core has units for additions,
 * beside one. A busy thread on the same core makes no gap: it takes units and issue slots, so that the many take
 * longer, and the one does not. Their ratio is at least 1, as each of the many is such a one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The better, the greater. */
enum room_word { ROOM_UNKNOWN, ROOM_LOUD, ROOM_USABLE, ROOM_QUIET, ROOM_SILENT, ROOM_WORDS };

/* "silent", "quiet", "usable", "loud"; "not known". */
const char *room_word_name(enum room_word word);
/* One of the four that say something; false: `name` is none of them. */
bool room_word_of(const char *name, enum room_word *word);

enum room_count {
	ROOM_INTERRUPTS, /* that the kernel took */
	ROOM_SMIS,
	ROOM_SWITCHES,  /* the core was taken away, for another thread */
	ROOM_WAITS,     /* it was given away */
	ROOM_MOVES,     /* 1: it ended on another CPU */
	ROOM_STOLEN_NS, /* by the host */
	ROOM_AWAY_NS,   /* neither run nor waited, as the scheduler counts it */
	ROOM_COUNTS,
};

struct room_seen {
	uint64_t measured_ns; /* from the first sample's begin to the last one's end, probes included; 0: nothing */

	uint64_t probes;
	uint64_t chains; /* of a probe */
	double ratio_low, ratio_median,
		ratio_high;           /* quantiles of the chains, 10, 50, 90 %, over the low decile of the one */
	double ratio_alone;           /* the most that it is by the documents of such cores; 0: they say nothing */
	double add_before, add_after; /* ticks: of an addition, before the samples and after them */

	/* Of samples that took longer than their like, and of times between two samples. */
	uint64_t within, within_ns;
	uint64_t between, between_ns;
	uint64_t longest_ns;

	bool counted[ROOM_COUNTS]; /* what nobody counts here is not known */
	uint64_t counts[ROOM_COUNTS];
};

/* ---- from raw times ---------------------------------------------------------------------------------------------- */

/* Samples of one benchmark as they were taken; in ticks. */
struct room_times {
	const uint64_t *ticks;
	const uint64_t *gaps; /* before each sample, since the one before; the first is none */
	size_t count;
	uint64_t step; /* iterations */
	bool linear;   /* x[i] is (i + 1) * step, else step */
	uint64_t us;   /* ticks of a microsecond */
	uint64_t hz;
};

/* Which of them have something foreign in them: fills `within` to `longest_ns`. A sample's detour is what it took
 * beyond the median of t / x, where that is more than 1 us and more than three times the way from the low decile to the
 * median; a gap's likewise of the gaps. `sorted` has room for `count`. */
void room_find_detours(const struct room_times *times, double *sorted, struct room_seen *seen);

/* Of each sample by the same rule, in nanoseconds; 0: nothing foreign is in it. `gaps` is not looked at. */
void room_detours_within(const struct room_times *times, double *sorted, uint64_t *detours);

/* ---- a benchmark's word ------------------------------------------------------------------------------------------ */

enum room_probe {
	ROOM_PROBE_UNKNOWN, /* none was taken, or nothing says what is usual here */
	ROOM_PROBE_ALONE,
	ROOM_PROBE_PARTLY, /* busy in more than a tenth of the probes */
	ROOM_PROBE_BUSY,   /* in half of them or more */
};

/* `best`: the least ratio_low of the run; 0: there is none. */
enum room_probe room_probe_of(const struct room_seen *seen, double best);

/* The ratio that the core shows alone: `best` where nobody can have taken much then, else by the documents; 0: nothing
 * says so. */
double room_alone(const struct room_seen *seen, double best);

/* How far the clock at one end of the samples is from that at the other, as a share; 0 where one is not known. */
double room_clock_change(const struct room_seen *seen);

/* Of what the host is said to have taken between two readings, what it took surely: of steps of 10 ms, as Linux counts,
 * the last may have been all but full before. */
uint64_t room_stolen_surely(uint64_t stolen_ns);

/* Share of the measured time that was surely lost: the most of what each of the witnesses says. */
double room_lost(const struct room_seen *seen);

/* The best that a room can be in which that was lost, and in which the last step of steal may have been. */
enum room_word room_best_of_lost(const struct room_seen *seen);

enum room_word room_judge(const struct room_seen *seen, double best);

/* ---- many words -------------------------------------------------------------------------------------------------- */

/* How many there are of each. */
struct room_tally {
	size_t words[ROOM_WORDS];
};

/* Of a run's benchmarks, or of a benchmark's launches: the word that nine tenths of those that have one reach, and no
 * better than usable where one is loud, or where `apart`: launches lie apart from the others. */
enum room_word room_of_many(const struct room_tally *tally, bool apart);
