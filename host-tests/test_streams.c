/* SPDX-License-Identifier: Apache-2.0
 *
 * From what size on to go past the caches, on machines that are simulated.
 */
#include "bench/rng.h"
#include "bench/tune/tune.h"

#include <criterion/criterion.h>

struct machine {
	struct rng rng;
	uint64_t now_ns;
	size_t from[STREAM_OPERATIONS][STREAM_LOADS]; /* from here on streams are faster, alone and busy; 0: never */
	unsigned others, begun, ended;
	bool busy;
};

static double call_ns(void *self, enum stream_operation operation, size_t bytes, enum stream_way way) {
	struct machine *machine = self;
	bool streams = way == STREAM_PAST;
	size_t from = machine->from[operation][machine->busy];
	bool best = (from != 0 && bytes >= from) == streams;
	double noise = (double)(rng_next(&machine->rng) >> 11) / 9007199254740992.0;
	machine->now_ns += 1000000;
	if (way ==
	    STREAM_REP) /* beside STREAM_THROUGH where that is best: a fifth less alone, a quarter more among others */
		return (double)bytes / (machine->busy ? 8 : 12.5) * (1 + 0.05 * noise);
	return (double)bytes / (best ? 10 : 8) * (1 + 0.05 * noise);
}

static unsigned others_begin(void *self) {
	struct machine *machine = self;
	machine->begun++;
	machine->busy = machine->others != 0;
	return machine->others;
}

static void others_end(void *self) {
	struct machine *machine = self;
	machine->ended++;
	machine->busy = false;
}

static uint64_t now_ns(void *self) {
	return ((struct machine *)self)->now_ns;
}

static struct streams *find(struct machine *machine) {
	static struct streams streams;
	const struct streams_subject subject = {.self = machine,
						.call_ns = call_ns,
						.has_rep = {[STREAM_COPY] = true},
						.others_begin = others_begin,
						.others_end = others_end,
						.now_ns = now_ns};
	machine->rng = rng_seeded(5);
	cr_assert_eq(tune_streams(&streams, &subject, UINT64_C(2000000000), 1), 0);
	cr_assert(streams.measured);
	cr_expect_eq(machine->begun, machine->ended);
	return &streams;
}

Test(streams, alone_the_crossover_is_the_threshold) {
	struct machine machine = {.from = {{8 << 20, 0}, {0, 0}}};
	struct streams *streams = find(&machine);
	cr_expect_eq(streams->bytes[STREAM_COPY], 8 << 20);
	cr_expect_eq(streams->bytes[STREAM_ZERO], SIZE_MAX, "never");
	cr_expect_eq(streams->others, 0);
	cr_expect_eq(streams->ratio[STREAM_PAST][STREAM_COPY][STREAM_BUSY][0].rounds, 0, "not measured");
}

Test(streams, busy_cores_count_as_much) {
	struct machine machine = {.from = {{32 << 20, 4 << 20}, {512 << 10, 512 << 10}}, .others = 3};
	struct streams *streams = find(&machine);
	cr_expect_geq(streams->bytes[STREAM_COPY], 4 << 20, "between both");
	cr_expect_leq(streams->bytes[STREAM_COPY], 32 << 20);
	cr_expect_eq(streams->bytes[STREAM_ZERO], 512 << 10);
	cr_expect_eq(streams->others, 3);
	cr_expect_eq(streams->bytes_at[STREAM_COPY][STREAM_ALONE], 32 << 20);
	cr_expect_eq(streams->bytes_at[STREAM_COPY][STREAM_BUSY], 4 << 20);
	cr_expect_lt(streams->ratio[STREAM_PAST][STREAM_COPY][STREAM_BUSY][8].upper, 1);
	cr_expect_gt(streams->ratio[STREAM_PAST][STREAM_COPY][STREAM_ALONE][8].lower, 1);
}

Test(streams, rep_is_measured_alone_and_with_all_cores_busy) {
	struct machine machine = {.others = 3};
	struct streams *streams = find(&machine);
	for (unsigned size = 0; size < STREAM_SIZES; size++) {
		cr_expect_float_eq(streams->ratio[STREAM_REP][STREAM_COPY][STREAM_ALONE][size].point, 0.8, 0.04);
		cr_expect_float_eq(streams->ratio[STREAM_REP][STREAM_COPY][STREAM_BUSY][size].point, 1.25, 0.06);
		cr_expect_eq(streams->ratio[STREAM_REP][STREAM_ZERO][STREAM_ALONE][size].rounds, 0, "there is none");
	}
}

static bool never_on(void *self) {
	return ((struct machine *)self)->now_ns < 40000000;
}

Test(streams, what_ends_early_is_not_measured_and_ends_the_others) {
	struct machine machine = {.from = {{8 << 20, 8 << 20}, {0, 0}}, .others = 3};
	struct streams streams;
	const struct streams_subject subject = {.self = &machine,
						.call_ns = call_ns,
						.others_begin = others_begin,
						.others_end = others_end,
						.now_ns = now_ns,
						.checkpoint = never_on};
	machine.rng = rng_seeded(5);
	cr_expect_eq(tune_streams(&streams, &subject, UINT64_C(2000000000), 1), 0);
	cr_expect_not(streams.measured);
	cr_expect_eq(machine.begun, machine.ended);
}
