/* SPDX-License-Identifier: Apache-2.0
 *
 * How quiet a core is: time that a programme which only looks at the clock does not get. A *detour* is a step of the
 * clock from one look to the next that is longer than a threshold; nine times the shortest such step is the rule of
 * the selfish detour (P. Beckman, K. Iskra, K. Yoshii, S. Coghlan: "The Influence of Operating Systems on the
 * Performance of Collective Operations at Extreme Scale", CLUSTER 2006), and 1 us is that of Linux's osnoise and
 * hwnoise. All times are in ticks of the clock, those of detours from the recording's begin on.
 */
#pragma once

#include "bench/noise/periods.h"
#include "bench/suites/noise_loops.h"
#include "bench/text.h"
#include "platform.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- histogram --------------------------------------------------------------------------------------------------- */

enum {
	NOISE_STEPS = 32, /* an octave: a bucket is at most 1/32 = 3.1 % wide */
	NOISE_OCTAVES = 44,
	NOISE_BUCKETS = NOISE_STEPS * NOISE_OCTAVES,
};

/* Of whole ticks; below NOISE_STEPS a bucket is one tick, from 2^48 on all is in the last. */
unsigned noise_bucket(uint64_t ticks);
/* The least that falls into it. */
uint64_t noise_bucket_from(unsigned bucket);

/* ---- what a core saw --------------------------------------------------------------------------------------------- */

enum { NOISE_LONGEST = 100, NOISE_KEPT_MOST = 1 << 16, NOISE_TIMES_LEAST = 9 };

struct noise_period {
	double ticks;    /* from one to the next */
	double length;   /* ticks: median of those that came at that beat */
	double turns;    /* share of those in which one came, beyond chance */
	uint64_t events; /* that came at that beat */
};

/* Times of one and the same work, ticks; and how often a shorter one was done in each of equal times. */
struct noise_fixed {
	uint64_t works;
	double least, median, longest;
	double variation; /* standard deviation over mean */
	uint64_t quanta;
	double quantum;
	double lost; /* share of the works that the best quantum would have seen in all */
	double quanta_variation;
	size_t period_count;
	struct noise_period periods[PERIODS_MOST]; /* `turns` and `events` unknown, 0 */
};

/* What was put in on purpose, on the first core, and what of it was found. Its length is the time that the core is
 * taken for: the way there and back, as earlier ones showed it, and the stay. */
struct noise_plant {
	uint64_t every_ns, length_ns; /* 0: nothing */
	uint64_t times;
	double way;      /* ticks */
	double measured; /* ticks: that, and the median of what who planted measured of his stays; 0: nobody did */
	bool found;      /* a period within a hundredth of it: */
	struct noise_period period;
};

/* Detours of one core, taken up one by one. 1.1 MiB: not for the stack. */
struct noise_core {
	unsigned core;      /* as platform.h counts them */
	uint64_t cpu;       /* as Linux does */
	uint64_t least;     /* step of the clock from look to look */
	uint64_t threshold; /* longer ones are detours: NOISE_TIMES_LEAST times that */
	uint64_t us;        /* a microsecond */
	uint64_t looks;
	uint64_t looked; /* time in which it looked: what it spends on its own records is no part of it */

	uint64_t detours, lost;       /* all of them */
	uint64_t over_us, lost_to_us; /* of those longer than a microsecond */
	uint64_t unseen;              /* of `detours`: they came so fast that their length is in `lost` alone */
	uint64_t backs;               /* steps back of the clock: what it says is not to be trusted then */
	uint64_t together;            /* of `over_us`: every core had one at that time */
	double by_chance;             /* of `together`, of the first core: where no core's had to do with another's */
	uint32_t histogram[NOISE_BUCKETS];
	struct noise_detour longest[NOISE_LONGEST]; /* longest first */
	unsigned longest_count;
	struct noise_detour kept[NOISE_KEPT_MOST]; /* the first of them, in the order of time */
	size_t kept_count;

	size_t period_count;
	struct noise_period periods[PERIODS_MOST];
	struct noise_fixed fixed;
	struct noise_plant plant;
	struct platform_witness witness; /* of while it was looked at */
};

/* All that it wrote since the last time; it may write anew then. */
void noise_core_take(struct noise_core *core, struct noise_look *look);

/* Which detours over a microsecond fell on every one of the cores: what stops them all is below them, as far as they
 * are more than would by chance. Of those kept, with at least two cores; `slack` ticks apart at the most. */
void noise_mark_together(struct noise_core *const *cores, size_t count, uint64_t slack);

/* What was counted from one reading to the next: of what was not, why. */
void noise_settle_witness(struct platform_witness *witness, const struct platform_witness *before,
			  const struct platform_witness *after);

/* The time lost to those over a microsecond that nobody is known to have taken, in ns: beyond what the host took
 * surely. *at_most: who else was counted took some of it, and of them nobody says how long. */
double noise_unknown_ns(const struct noise_core *core, uint64_t hz, bool *at_most);

/* What comes at even intervals. 0, or PLATFORM_ENOMEM. */
int noise_core_periods(struct noise_core *core);

/* The way to a disturbance and back, ticks: of the longest step in each turn that has one, the low decile, as
 * others make it longer and nobody shorter, less the median of the stays as they were measured. Sorts. */
double noise_way_of(uint32_t *longest, size_t turns, const struct platform_planted *planted);

/* Which of the core's periods it is; what was measured, plant->way included. */
void noise_find_plant(struct noise_core *core, uint64_t hz, const struct platform_planted *planted);

/* At least two of each. 0, or PLATFORM_ENOMEM; sorts the works. */
int noise_fixed_summarise(struct noise_fixed *fixed, uint32_t *work_ticks, size_t works, uint32_t *quantum_works,
			  size_t quanta, double quantum_ticks);

/* Upper end of the rate of what was seen `count` times in a span, at 95 %, in events a span: 3 where there was none
 * (the rule of three: J. Hanley, A. Lippman-Hand, JAMA 249 (1983)), else the Poisson limit by Wilson and Hilferty's
 * approximation of chi-square (PNAS 17 (1931)), which is good to a hundredth. */
double noise_rate_upper(uint64_t count);

/* ---- a measurement ----------------------------------------------------------------------------------------------- */

struct noise {
	uint64_t hz;
	uint64_t asked_ns;  /* --duration */
	const char *held;   /* how the system holds what looks, in words; NULL: nobody else is there */
	unsigned cores_not; /* that do not start, or for which there was no memory */
	bool cut;           /* it ended before its time */
	size_t core_count;
	struct noise_core *cores[]; /* each on the heap */
};

struct noise_request {
	uint64_t duration_ns;
	uint64_t timeout_ns;
	uint64_t plant_every_ns, plant_length_ns;          /* 0: nothing */
	const char *held;                                  /* as struct noise has it */
	uint64_t first_cpu;                                /* the first core's number on Linux */
	void (*progress)(const char *phase, double share); /* NULL: none */
	/* Every some seconds, with what there is so far; other cores are at rest. */
	void (*so_far)(void *argument, const struct noise *noise);
	void *argument;
};

/* Looks on all cores at once. 0, or the exit status, and why in `complaint`: 2 it could not, 4 a core faulted or was
 * lost, or that of interrupted.h: *noise has what it had then. noise_free in any case. */
int noise_make(const struct noise_request *request, struct noise **noise, struct text *complaint);
void noise_free(struct noise *noise);

enum { NOISE_SECONDS = 60, NOISE_SECONDS_QUICK = 10 }; /* where nobody says how long */
#define NOISE_SECONDS_LEAST 0.001
#define NOISE_SECONDS_MOST  86400.0

/* "0.5", or with its unit, "0.5s". false: it is none within the bounds. */
bool noise_duration_of(const char *word, uint64_t *duration_ns);

/* "1ms:10us": every so much, for so long; units ns, us, ms and s. false: it is none, or not within platform_plant's
 * bounds, which NOISE_PLANT_ALLOWED says. */
#define NOISE_PLANT_ALLOWED "EVERY:LENGTH as 1ms:10us: EVERY 100us to 1s, LENGTH half of that at the most"
bool noise_plant_of(const char *word, uint64_t *every_ns, uint64_t *length_ns);

/* A measurement of any length takes no longer than this between two looks at the time-out. */
#define NOISE_TIMEOUT_NS UINT64_C(30000000000)

static inline bool noise_has_looked(const struct noise *noise) {
	return noise->core_count != 0 && noise->cores[0]->looks != 0;
}

/* Exit status of what was found: 3 where a core's clock went back, as nothing can be told by such a one, else 0. */
static inline int noise_status(const struct noise *noise) {
	int status = 0;
	for (size_t i = 0; i < noise->core_count; i++)
		status = noise->cores[i]->backs != 0 ? 3 : status;
	return status;
}

/* For people. */
void noise_show_table(const struct noise *noise, struct text *text);
/* A core's, as JSON: of the file, and of a record. */
void noise_write_core(const struct noise *noise, const struct noise_core *core, struct text *text);
