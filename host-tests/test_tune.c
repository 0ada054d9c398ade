/* SPDX-License-Identifier: Apache-2.0
 *
 * What `tune` chooses on machines that are simulated: their methods' times are formulas, with noise from a generator.
 */
#include "bench/rng.h"
#include "bench/tune/make.h"
#include "bench/tune/words.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A machine of three methods: "plain", the built-in one, "wide", and "trap". */
struct machine {
	struct rng rng;
	double noise; /* relative */
	uint64_t now_ns;
	double clock;           /* of what comes next, 1: full */
	double wide_clock;      /* what a wide call makes of it */
	double trap;            /* factor on "trap" from 1 to 4 KiB */
	size_t wide_from;       /* bytes from which "wide" is faster */
	size_t wide_gains_from; /* bytes at which "wide" takes as long as "plain", each doubling a tenth less; 0: no */
	bool wide_at_powers;    /* "wide" is so at powers of two alone, and slower by a tenth elsewhere */
	size_t wide_step;       /* "wide" is slower by a fifth in every other step of so many bytes; 0: no */
	size_t wide_loses_from, wide_loses_below; /* it is slower by 3 % there */
	double wide_gain, wide_loss;              /* factors on "plain" from wide_from on and below */
	unsigned calls_to_interrupt;
	double quick;   /* calls alone take less by this factor; 0: no */
	uint32_t drawn; /* of the luck of all cells so far */
};

static const struct simd_method methods[] = {
	{"plain", SIMD_WIDTH_256}, {"wide", SIMD_WIDTH_512}, {"trap", SIMD_WIDTH_256}};
enum { PLAIN, WIDE, TRAP, METHODS };

static double noisy(struct machine *machine, double ns) {
	double u = (double)(rng_next(&machine->rng) >> 11) / 9007199254740992.0;
	return ns * (1 + machine->noise * u * u * u);
}

static size_t machine_methods(void *self, enum simd_operation operation, struct simd_method *into, size_t *built_in) {
	(void)self;
	*built_in = PLAIN;
	memcpy(into, methods, sizeof(methods));
	return operation == SIMD_OPERATION_COPY || operation == SIMD_OPERATION_FILL ||
			       operation == SIMD_OPERATION_LANES_MUL64
		       ? METHODS
		       : 1;
}

static bool machine_has(void *self, const struct tune_cell *cell) {
	(void)self;
	return cell->condition < 2 * TUNE_PLACES;
}

static double plain_ns(size_t bytes) {
	return 2 + (double)bytes / 32;
}

static double alone_ns(const struct machine *machine, size_t bytes, unsigned method) {
	double ns = plain_ns(bytes);
	if (method == WIDE && machine->wide_gains_from != 0)
		return ns * (1 - 0.1 * log2((double)bytes / (double)machine->wide_gains_from));
	if (method == WIDE && machine->wide_at_powers)
		return (bytes & (bytes - 1)) == 0 ? ns * machine->wide_gain : ns * 1.1;
	if (method == WIDE && machine->wide_step != 0 && bytes / machine->wide_step % 2 == 0)
		return ns * 1.2;
	if (method == WIDE && bytes >= machine->wide_loses_from && bytes < machine->wide_loses_below)
		return ns * 1.03;
	if (method == WIDE)
		return ns * (bytes >= machine->wide_from ? machine->wide_gain : machine->wide_loss);
	if (method == TRAP)
		return bytes >= 1024 && bytes <= 4096 ? ns * machine->trap : ns * 0.9;
	return ns;
}

static double machine_call_ns(void *self, const struct tune_cell *cell, unsigned method) {
	struct machine *machine = self;
	machine->now_ns += 20000;
	machine->drawn = machine->drawn * 31 + cell->luck;
	return noisy(machine, alone_ns(machine, cell->bytes, method) / (machine->quick > 0 ? machine->quick : 1));
}

static double machine_company_ns(void *self, enum simd_operation operation, size_t bytes, unsigned method,
				 uint64_t adds) {
	struct machine *machine = self;
	(void)operation;
	machine->now_ns += 60000;
	double clock = method == WIDE ? machine->wide_clock : 1;
	return noisy(machine, (alone_ns(machine, bytes, method) + (double)adds * 0.25) / clock);
}

static double machine_add_ns(void *self) {
	(void)self;
	return 0.25;
}

static uint64_t machine_now_ns(void *self) {
	return ((struct machine *)self)->now_ns;
}

static bool machine_checkpoint(void *self) {
	struct machine *machine = self;
	return machine->calls_to_interrupt == 0 || --machine->calls_to_interrupt != 0;
}

static const struct machine fair = {
	.noise = 0.02,
	.clock = 1,
	.wide_clock = 1,
	.trap = 1.3,
	.wide_from = 512,
	.wide_gain = 0.6,
	.wide_loss = 1.2,
};

static struct tune *tune;

static struct tune_subject subject_of_machine(struct machine *machine, uint64_t seed) {
	machine->rng = rng_seeded(seed);
	return (struct tune_subject){
		.self = machine,
		.methods = machine_methods,
		.has = machine_has,
		.call_ns = machine_call_ns,
		.company_ns = machine_company_ns,
		.add_ns = machine_add_ns,
		.now_ns = machine_now_ns,
		.checkpoint = machine_checkpoint,
	};
}

static void choose(struct machine machine, uint64_t seed) {
	struct tune_subject subject = subject_of_machine(&machine, seed);
	free(tune);
	tune = calloc(1, sizeof(*tune));
	tune->plan = (struct tune_plan){.budget_ns = 1000000000, .seed = seed};
	cr_assert_eq(tune_sweep(tune, &subject, NULL, NULL, NULL), 0);
	for (unsigned i = 0; i < SIMD_OPERATION_COUNT; i++) {
		tune_choose(&tune->operations[i], &tune->choices[TUNE_FOR_BULK][i]);
		tune_refine(&tune->operations[i], &subject, seed, &tune->choices[TUNE_FOR_BULK][i]);
		tune_in_company(&tune->operations[i], &subject, seed, &tune->choices[TUNE_FOR_BULK][i],
				&tune->choices[TUNE_FOR_MIXED][i]);
	}
}

static unsigned method_of_at(enum tune_for what_for, enum simd_operation operation, size_t bytes) {
	const struct tune_choice *choice = &tune->choices[what_for][operation];
	for (size_t b = 0; b < choice->band_count; b++)
		if (bytes >= choice->bands[b].from && bytes < choice->bands[b].below)
			return choice->bands[b].method;
	return METHODS;
}

static unsigned method_at(enum tune_for what_for, size_t bytes) {
	return method_of_at(what_for, SIMD_OPERATION_FILL, bytes);
}

TestSuite(tune, .timeout = 60);

Test(tune, takes_what_is_fastest_at_each_size) {
	choose(fair, 1);
	cr_expect_geq(tune->rounds, TUNE_ROUNDS_LEAST);
	cr_expect_eq(method_at(TUNE_FOR_BULK, 64), TRAP);
	cr_expect_eq(method_at(TUNE_FOR_BULK, 600), WIDE);
	cr_expect_eq(method_at(TUNE_FOR_BULK, 100000), WIDE);
	cr_expect_eq(method_at(TUNE_FOR_BULK, (size_t)1 << 30), PLAIN, "not measured: as built in");
}

/* One method for all sizes would be the built-in one, as "wide" loses at the small ones. */
Test(tune, lanes_have_bands_too) {
	struct machine machine = fair;
	machine.trap = 2;
	choose(machine, 1);
	for (unsigned what_for = 0; what_for < TUNE_FOR_COUNT; what_for++) {
		cr_expect_neq(method_of_at(what_for, SIMD_OPERATION_LANES_MUL64, 256), WIDE);
		cr_expect_eq(method_of_at(what_for, SIMD_OPERATION_LANES_MUL64, 600), WIDE);
		cr_expect_eq(method_of_at(what_for, SIMD_OPERATION_LANES_MUL64, 50000), WIDE);
	}
}

Test(tune, finds_a_crossover_between_the_sizes_of_the_grid) {
	struct machine machine = fair;
	machine.wide_from = 1234;
	machine.trap = 2;
	choose(machine, 2);
	cr_expect_neq(method_at(TUNE_FOR_BULK, 1234 - 1234 / 30), WIDE);
	cr_expect_eq(method_at(TUNE_FOR_BULK, 1234 + 1234 / 30), WIDE);
}

/* Nobody can tell the two apart around it. */
Test(tune, finds_a_crossover_that_is_no_step) {
	for (uint64_t seed = 1; seed <= 5; seed++) {
		struct machine machine = fair;
		machine.wide_gains_from = 10000; /* as fast as "trap" at twice that */
		machine.noise = 0.1;
		choose(machine, seed);
		cr_expect_neq(method_at(TUNE_FOR_BULK, 20000 / 6 * 5), WIDE, "seed %zu", (size_t)seed);
		cr_expect_eq(method_at(TUNE_FOR_BULK, 20000 / 5 * 6), WIDE, "seed %zu", (size_t)seed);
	}
}

Test(tune, finds_the_method_that_is_slowed_from_1_to_4_kib) {
	struct machine machine = fair;
	machine.wide_from = SIZE_MAX;
	choose(machine, 3);
	for (size_t bytes = 1100; bytes <= 4000; bytes += 100)
		cr_expect_eq(method_at(TUNE_FOR_BULK, bytes), PLAIN, "%zu", bytes);
	cr_expect_eq(method_at(TUNE_FOR_BULK, 600), TRAP);
	cr_expect_eq(method_at(TUNE_FOR_BULK, 8192), TRAP);
}

Test(tune, finds_the_method_that_is_fast_alone_and_lowers_the_clock) {
	struct machine machine = fair;
	machine.wide_clock = 0.87;
	choose(machine, 4);
	cr_expect_eq(method_at(TUNE_FOR_BULK, 4096), WIDE);
	cr_expect_eq(method_at(TUNE_FOR_MIXED, 4096), PLAIN);
	cr_expect_eq(method_at(TUNE_FOR_MIXED, 64), TRAP);
	machine.wide_clock = 1;
	choose(machine, 4);
	cr_expect_eq(method_at(TUNE_FOR_MIXED, 4096), WIDE);
}

Test(tune, a_power_of_two_does_not_speak_for_its_neighbours) {
	struct machine machine = fair;
	machine.wide_at_powers = true;
	machine.wide_gain = 0.7;
	machine.trap = 1;
	choose(machine, 9);
	for (size_t bytes = 16; bytes <= 65536; bytes += 16)
		cr_assert_neq(method_at(TUNE_FOR_BULK, bytes), WIDE, "%zu", bytes);
}

/* Less than a change of method and back costs. */
Test(tune, the_built_in_method_stays_at_a_size_at_which_the_band_s_is_slower) {
	struct machine machine = fair;
	machine.wide_loses_from = 2048;
	machine.wide_loses_below = 2435;
	choose(machine, 11);
	cr_expect_eq(method_at(TUNE_FOR_BULK, 1500), WIDE);
	cr_expect_eq(method_at(TUNE_FOR_BULK, 2200), PLAIN);
	cr_expect_eq(method_at(TUNE_FOR_BULK, 10000), WIDE);
}

Test(tune, the_built_in_method_stays_where_another_is_slower_at_half_of_the_sizes) {
	struct machine machine = fair;
	machine.wide_step = 16;
	machine.trap = 1;
	choose(machine, 12);
	for (size_t bytes = 1024; bytes <= 65536; bytes += 64)
		cr_assert_neq(method_at(TUNE_FOR_BULK, bytes), WIDE, "%zu", bytes);
}

Test(tune, the_built_in_method_stays_where_another_is_slower_by_less_than_a_cycle) {
	struct machine machine = fair;
	machine.quick = 20;
	machine.wide_loses_from = 2048;
	machine.wide_loses_below = 2435;
	choose(machine, 11);
	cr_expect_eq(method_at(TUNE_FOR_BULK, 1500), WIDE);
	cr_expect_eq(method_at(TUNE_FOR_BULK, 2200), PLAIN, "0.1 ns of 3.5");
	cr_expect_eq(method_at(TUNE_FOR_BULK, 10000), WIDE);
}

/* Else the last size before it would be slow by as much as they differ. */
Test(tune, finds_a_crossover_just_below_a_size_of_the_grid) {
	struct machine machine = fair;
	machine.wide_from = 30000;
	machine.wide_loss = 1.8;
	machine.trap = 2;
	for (uint64_t seed = 1; seed <= 5; seed++) {
		choose(machine, seed);
		cr_expect_neq(method_at(TUNE_FOR_BULK, 28000), WIDE, "seed %zu", (size_t)seed);
		cr_expect_eq(method_at(TUNE_FOR_BULK, 32767), WIDE, "seed %zu", (size_t)seed);
	}
}

Test(tune, a_copy_that_is_slower_at_some_size_below_a_page_is_taken_for_none_of_them) {
	struct machine machine = fair;
	machine.wide_from = 512;
	machine.wide_gain = 0.4;
	machine.trap = 2;
	choose(machine, 7);
	for (size_t bytes = 1; bytes <= SIMD_PAGE_BYTES; bytes++)
		cr_assert_eq(method_of_at(TUNE_FOR_BULK, SIMD_OPERATION_COPY, bytes), PLAIN, "%zu", bytes);
	cr_expect_eq(method_of_at(TUNE_FOR_BULK, SIMD_OPERATION_COPY, 8192), WIDE);
}

/* simd_copy looks at no band up to a page. */
Test(tune, copies_up_to_a_page_have_the_method_that_is_best_over_all_of_them) {
	struct machine machine = fair;
	machine.wide_from = 512; /* of no use at more sizes, but faster by more */
	machine.wide_gain = 0.4;
	machine.wide_loss = 1;
	choose(machine, 7);
	for (unsigned what_for = 0; what_for < TUNE_FOR_COUNT; what_for++) {
		for (size_t bytes = 1; bytes <= SIMD_PAGE_BYTES; bytes++)
			cr_assert_eq(method_of_at(what_for, SIMD_OPERATION_COPY, bytes), WIDE, "%zu", bytes);
		cr_expect_eq(method_of_at(what_for, SIMD_OPERATION_COPY, 8192), WIDE);
	}
	machine.wide_from = 6000;
	machine.wide_loss = 1.2;
	machine.trap = 2;
	choose(machine, 7);
	unsigned method = method_of_at(TUNE_FOR_BULK, SIMD_OPERATION_COPY, 1);
	cr_expect_neq(method, WIDE);
	for (size_t bytes = 1; bytes <= SIMD_PAGE_BYTES; bytes++)
		cr_assert_eq(method_of_at(TUNE_FOR_BULK, SIMD_OPERATION_COPY, bytes), method, "%zu", bytes);
	cr_expect_eq(method_of_at(TUNE_FOR_BULK, SIMD_OPERATION_COPY, 8192), WIDE);
}

Test(tune, copies_up_to_a_page_are_kept_from_a_clock_that_sinks_as_one) {
	struct machine machine = fair;
	machine.wide_gain = 0.4;
	machine.wide_loss = 1;
	machine.wide_clock = 0.87;
	choose(machine, 8);
	cr_expect_eq(method_of_at(TUNE_FOR_BULK, SIMD_OPERATION_COPY, 16), WIDE);
	for (size_t bytes = 1; bytes <= 2 * SIMD_PAGE_BYTES; bytes++)
		cr_assert_eq(method_of_at(TUNE_FOR_MIXED, SIMD_OPERATION_COPY, bytes), PLAIN, "%zu", bytes);
}

Test(tune, keeps_the_built_in_method_where_nothing_differs) {
	struct machine machine = fair;
	machine.wide_from = 0;
	machine.wide_gain = 1;
	machine.noise = 0.05;
	for (uint64_t seed = 1; seed <= 10; seed++) {
		struct machine same = machine;
		same.trap = 1;
		choose(same, seed);
		const struct tune_choice *choice = &tune->choices[TUNE_FOR_BULK][SIMD_OPERATION_FILL];
		for (size_t b = 0; b < choice->band_count; b++)
			cr_expect_neq(choice->bands[b].method, WIDE, "seed %zu", (size_t)seed);
	}
}

Test(tune, keeps_the_built_in_method_in_a_loud_room) {
	struct machine machine = fair;
	machine.noise = 3;
	choose(machine, 5);
	const struct tune_choice *choice = &tune->choices[TUNE_FOR_BULK][SIMD_OPERATION_FILL];
	cr_expect_eq(choice->band_count, 1);
	cr_expect_eq(choice->bands[0].method, PLAIN);
	cr_expect_eq(choice->bands[0].basis, TUNE_TOO_LOUD);
}

Test(tune, ten_runs_choose_alike) {
	static const size_t sizes[] = {16, 64, 100, 300, 700, 1500, 5000, 20000, 100000};
	unsigned first[sizeof(sizes) / sizeof(sizes[0])];
	for (uint64_t seed = 1; seed <= 10; seed++) {
		choose(fair, seed);
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			unsigned method = method_at(TUNE_FOR_BULK, sizes[i]);
			first[i] = seed == 1 ? method : first[i];
			cr_expect_eq(method, first[i], "seed %zu, %zu bytes", (size_t)seed, sizes[i]);
		}
	}
}

Test(tune, ends_when_it_is_asked_to) {
	struct machine machine = fair;
	machine.calls_to_interrupt = 100;
	choose(machine, 6);
	cr_expect(tune->cut);
	cr_expect_eq(method_at(TUNE_FOR_BULK, 4096), PLAIN);
}

/* ---- launches ---------------------------------------------------------------------------------------------------- */

struct launches {
	struct tune_subject subject;
	float *memory;
	size_t bytes;
	unsigned count, to_fail;
};

static float *launches_memory(void *self, size_t bytes) {
	struct launches *launches = self;
	launches->bytes = bytes;
	launches->memory = calloc(1, bytes);
	return launches->memory;
}

static int launches_launch(void *self, const struct tune_plan *plan, uint32_t first, uint32_t end) {
	struct launches *launches = self;
	struct tune *own = calloc(1, sizeof(*own));
	own->plan = *plan;
	if (++launches->count == launches->to_fail) {
		free(own);
		return -1;
	}
	int error = tune_sweep_rounds(own, &launches->subject, launches->memory, launches->bytes, first, end);
	free(own);
	return error;
}

static int sweep_in_launches(struct machine *machine, struct launches *launches) {
	const struct tune_launcher launcher = {launches, launches_memory, launches_launch};
	launches->subject = subject_of_machine(machine, 10);
	free(tune);
	tune = calloc(1, sizeof(*tune));
	tune->plan = (struct tune_plan){.budget_ns = 1000000000, .seed = 10};
	int error = tune_sweep(tune, &launches->subject, &launcher, NULL, NULL);
	free(launches->memory);
	return error;
}

Test(tune, launches_measure_the_rounds_of_one_sweep) {
	struct machine machine = fair;
	struct launches launches = {0};
	cr_assert_eq(sweep_in_launches(&machine, &launches), 0);
	cr_expect_gt(launches.count, 1);
	cr_expect_eq(tune->rounds % launches.count, 0);
	const struct tune_operation *fill = &tune->operations[SIMD_OPERATION_FILL];
	cr_expect_eq(fill->ratio[WIDE][TUNE_ALIGNED][fill->size_count - 1].rounds, tune->rounds, "of every launch");
	struct tune_choice *choice = &tune->choices[TUNE_FOR_BULK][SIMD_OPERATION_FILL];
	tune_choose(fill, choice);
	cr_expect_eq(method_at(TUNE_FOR_BULK, 64), TRAP);
	cr_expect_eq(method_at(TUNE_FOR_BULK, 100000), WIDE);
}

static uint32_t drawn_by(uint64_t seed, uint32_t first) {
	struct machine machine = fair;
	struct tune_subject subject = subject_of_machine(&machine, 1);
	struct launches launches = {0};
	cr_assert_eq(sweep_in_launches(&machine, &launches), 0);
	free(tune);
	tune = calloc(1, sizeof(*tune));
	tune->plan = (struct tune_plan){.budget_ns = 1000000000, .seed = seed};
	float *samples = calloc(1, launches.bytes);
	machine.drawn = 0;
	cr_assert_eq(tune_sweep_rounds(tune, &subject, samples, launches.bytes, first, first + 1), 0);
	free(samples);
	return machine.drawn;
}

Test(tune, launches_draw_from_streams_of_their_own) {
	cr_expect_eq(drawn_by(10, 12), drawn_by(10, 12));
	cr_expect_neq(drawn_by(10, 12), drawn_by(22, 0), "of another seed");
	cr_expect_neq(drawn_by(10, 12), drawn_by(10, 0));
}

Test(tune, a_launch_that_fails_ends_the_sweep) {
	struct machine machine = fair;
	struct launches launches = {.to_fail = 2};
	cr_expect_eq(sweep_in_launches(&machine, &launches), -1);
	cr_expect_eq(launches.count, 2);
}

Test(tune, a_launch_refuses_memory_of_another_plan) {
	struct machine machine = fair;
	struct tune_subject subject = subject_of_machine(&machine, 1);
	float sample = 0;
	free(tune);
	tune = calloc(1, sizeof(*tune));
	cr_expect_eq(tune_sweep_rounds(tune, &subject, &sample, sizeof(sample), 0, 1), -1);
	cr_expect_eq(machine.now_ns, 0, "nothing was measured");
}

Test(tune, bands_cover_every_size_once) {
	struct machine machine = fair;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		machine.noise = 0.2;
		machine.wide_clock = seed % 2 ? 1 : 0.95;
		choose(machine, seed);
		for (unsigned what_for = 0; what_for < TUNE_FOR_COUNT; what_for++) {
			const struct tune_choice *choice = &tune->choices[what_for][SIMD_OPERATION_FILL];
			cr_assert_geq(choice->band_count, 1);
			cr_expect_eq(choice->bands[0].from, 0);
			cr_expect_eq(choice->bands[choice->band_count - 1].below, SIZE_MAX);
			for (size_t b = 1; b < choice->band_count; b++) {
				cr_expect_eq(choice->bands[b].from, choice->bands[b - 1].below);
				cr_expect_lt(choice->bands[b].from, choice->bands[b].below);
			}
		}
	}
}

Test(tune, a_profile_names_what_is_not_built_in) {
	struct simd_profile profile;
	choose(fair, 1);
	tune_profile(tune, TUNE_FOR_BULK, &profile);
	const struct simd_choice *fill = &profile.choice[SIMD_OPERATION_FILL];
	cr_expect_str_eq(fill->method[0], "trap");
	cr_expect_str_eq(fill->method[1], "wide");
	cr_expect_null(fill->method[2]);
	cr_expect_eq(fill->below[2], 0);
	cr_expect_null(profile.choice[SIMD_OPERATION_CRC32C].method[0]);
}

/* ---- ratios ------------------------------------------------------------------------------------------------------ */

Test(tune, an_interval_of_signs_has_its_ranks) {
	double ratios[20];
	for (size_t i = 0; i < 20; i++)
		ratios[i] = (double)((i * 7) % 20 + 1);
	struct tune_ratio ratio = tune_ratio_of(ratios, 20);
	cr_expect_float_eq(ratio.point, 10.5, 1e-9);
	cr_expect_float_eq(ratio.lower, 6, 1e-9, "order statistics 6 and 15 of 20: 95.9 %%");
	cr_expect_float_eq(ratio.upper, 15, 1e-9);
	cr_expect_float_eq(ratio.high, log(15), 1e-9, "a quarter lies above");
	double few[] = {3, 1, 2};
	ratio = tune_ratio_of(few, 3);
	cr_expect_float_eq(ratio.lower, 1, 1e-9);
	cr_expect_float_eq(ratio.upper, 3, 1e-9);
	cr_expect_eq(tune_ratio_of(few, 0).rounds, 0);
}

Test(tune, a_typical_ratio_goes_from_heap_to_heap_by_degrees) {
	for (size_t low = 5; low <= 15; low++) {
		double ratios[20];
		for (size_t i = 0; i < 20; i++)
			ratios[i] = i < low ? 0.5 : 1;
		struct tune_ratio ratio = tune_ratio_of(ratios, 20);
		cr_expect_float_eq(ratio.typical, log(0.5) * (double)(low - 5) / 10, 1e-9);
	}
	double ratios[] = {exp(0), exp(1), exp(2), exp(3), exp(4), exp(5), exp(6), exp(99)};
	struct tune_ratio ratio = tune_ratio_of(ratios, 8);
	cr_expect_float_eq(ratio.typical, 3.5, 1e-9);
	cr_expect_float_eq(ratio.error, sqrt(14.0 / 7 * 8) / 4, 1e-9, "winsorized: 2 2 2 3 4 5 5 5");
}

/* Cells of equal weight, and of none: the mean of n has an error of 1 / sqrt(n). */
Test(tune, a_mean_of_cells_is_surer_than_each_of_them) {
	struct tune_mean mean = {0};
	struct tune_ratio cell = {.typical = log(0.9), .error = 0.02, .rounds = 8};
	tune_mean_add(&mean, &cell, 1);
	struct tune_ratio one = tune_mean_of(&mean);
	cr_expect_float_eq(one.point, 0.9, 1e-9);
	cr_expect_float_eq(log(one.upper / one.point), 3.182 * 0.02, 0.001, "Student's t of 3 degrees of freedom");
	for (int i = 1; i < 64; i++)
		tune_mean_add(&mean, &cell, 1);
	tune_mean_add(&mean, &(struct tune_ratio){.typical = 7}, 1);
	struct tune_ratio all = tune_mean_of(&mean);
	cr_expect_float_eq(all.point, 0.9, 1e-9);
	cr_expect_float_eq(log(all.upper / all.point), 1.97 * 0.02 / 8, 0.0001);
	cr_expect_float_eq(log(all.point / all.lower), 1.97 * 0.02 / 8, 0.0001);
	mean = (struct tune_mean){0};
	cr_expect_eq(tune_mean_of(&mean).rounds, 0);
}

static void expect_words(size_t from, size_t below, const char *words) {
	struct text text = {0};
	tune_words_sizes(&text, from, below);
	text_add(&text, "", 1);
	cr_expect_str_eq(text.bytes, words);
	text_free(&text);
}

Test(tune, sizes_are_words) {
	expect_words(0, SIZE_MAX, "all sizes");
	expect_words(0, 15, "below 15 B");
	expect_words(1022, 1024, "1022 B to 1 KiB");
	expect_words(90, 91, "90 B");
	expect_words(1023, 1024, "1023 B");
	expect_words(65530, 65537, "64 KiB");
	expect_words(0, 24608, "below 24 KiB");
	expect_words(24608, 370727, "24 KiB to 362 KiB");
	expect_words(92681, 98464, "90.5 KiB to 96.2 KiB");
	expect_words(7230, 1048575, "7.06 KiB to 1 MiB");
	expect_words(370727, (256 << 10) * 4 + 1, "362 KiB to 1 MiB");
	expect_words((256 << 10) + 1, SIZE_MAX, "beyond 256 KiB");
	expect_words((64 << 20) + 1, SIZE_MAX, "beyond 64 MiB");
	expect_words(815, SIZE_MAX, "from 815 B");
	expect_words(1536 << 10, SIZE_MAX, "from 1.5 MiB");
	expect_words((size_t)3 << 30, SIZE_MAX, "from 3 GiB");
}

/* ---- price ------------------------------------------------------------------------------------------------------- */

static size_t price_arms(void *self, enum simd_width *arm) {
	(void)self;
	arm[0] = SIMD_WIDTH_SCALAR;
	arm[1] = SIMD_WIDTH_256;
	arm[2] = SIMD_WIDTH_512;
	return 3;
}

static bool price_sample(void *self, enum simd_width arm, unsigned duty_percent, uint64_t burst_ns,
			 struct price_sample *sample) {
	struct machine *machine = self;
	double clock = arm == SIMD_WIDTH_512 && (burst_ns != 0 || duty_percent > 5) ? machine->wide_clock : 1;
	machine->now_ns += 1000000;
	sample->add_ns = noisy(machine, 0.25 / clock);
	sample->idle_ns = 0.25;
	sample->settle_ns = clock < 1 ? 670000 : 0;
	sample->stall_ns = noisy(machine, arm == SIMD_WIDTH_512 ? 12000 : 20);
	return true;
}

/* One sample in eight takes three times as long, as where the host takes the core away: no bound. */
static bool price_sample_with_spells(void *self, enum simd_width arm, unsigned duty_percent, uint64_t burst_ns,
				     struct price_sample *sample) {
	struct machine *machine = self;
	bool good = price_sample(self, arm, duty_percent, burst_ns, sample);
	if (rng_below(&machine->rng, 8) == 0)
		sample->add_ns *= 3;
	return good;
}

Test(tune, a_spell_among_few_rounds_leaves_no_price_undecided) {
	static struct price price;
	struct machine machine = fair;
	const struct price_subject subject = {&machine, price_arms, price_sample_with_spells, machine_now_ns};
	machine.noise = 0.01;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		machine.rng = rng_seeded(seed);
		cr_assert_eq(tune_price(&price, &subject, 1000000000, seed), 0);
		cr_expect(price.none, "seed %u", (unsigned)seed);
		cr_expect_leq(price.bound, PRICE_NONE, "seed %u: %g", (unsigned)seed, price.bound);
	}
}

Test(tune, rounds_behind_the_least_go_to_the_point_that_keeps_the_bound) {
	static struct price price;
	struct machine machine = fair;
	const struct price_subject subject = {&machine, price_arms, price_sample, machine_now_ns};
	machine.rng = rng_seeded(1);
	machine.noise = 0.01;
	machine.wide_clock = 0.87;
	cr_assert_eq(tune_price(&price, &subject, 500000000, 1), 0);
	uint32_t least = price.cell[1][0][0].during.rounds, most = least;
	for (unsigned duty = 0; duty < PRICE_DUTIES; duty++)
		for (unsigned burst = 0; burst < PRICE_BURSTS; burst++) {
			uint32_t rounds = price.cell[1][duty][burst].during.rounds;
			bool wide_is_slow = burst != 0 || price_duty_percent[duty] > 5;
			least = rounds < least ? rounds : least;
			most = rounds > most ? rounds : most;
			cr_expect_geq(rounds, TUNE_ROUNDS_LEAST);
			cr_expect(wide_is_slow || rounds == TUNE_ROUNDS_LEAST, "%u %u: %u", duty, burst, rounds);
		}
	cr_expect_gt(most, least);
}

Test(tune, what_the_arm_without_vectors_shows_too_is_not_seen) {
	static struct price price;
	struct machine machine = fair;
	const struct price_subject subject = {&machine, price_arms, price_sample, machine_now_ns};
	machine.rng = rng_seeded(1);
	machine.noise = 0.3;
	cr_assert_eq(tune_price(&price, &subject, 100000000, 1), 0);
	cr_expect_geq(price.stall_bound_ns, 40);
	for (unsigned duty = 0; duty < PRICE_DUTIES; duty++)
		for (unsigned burst = 0; burst < PRICE_BURSTS; burst++) {
			cr_expect_eq(price.cell[1][duty][burst].stall_ns, 0);
			cr_expect_eq(price.cell[1][duty][burst].settle_ns, 0);
			cr_expect_gt(price.cell[2][duty][burst].stall_ns, 10000);
		}
}

Test(tune, the_price_of_a_width_is_found_with_its_bound) {
	static struct price price;
	struct machine machine = fair;
	const struct price_subject subject = {&machine, price_arms, price_sample, machine_now_ns};
	machine.rng = rng_seeded(1);
	machine.noise = 0.01;
	machine.wide_clock = 0.87;
	cr_assert_eq(tune_price(&price, &subject, 100000000, 1), 0);
	cr_expect_not(price.none);
	cr_expect_float_eq(price.cell[2][2][1].during.point, 1 / 0.87, 0.01);
	cr_expect_float_eq(price.cell[2][2][1].settle_ns, 670000, 1);
	cr_expect_float_eq(price.cell[2][0][0].during.point, 1, 0.01);
	cr_expect_gt(price.cell[2][0][0].stall_ns, 11000);
	cr_expect_lt(fabs(price.cell[1][3][2].during.point - 1), 0.01);
	machine.wide_clock = 1;
	cr_assert_eq(tune_price(&price, &subject, 100000000, 1), 0);
	cr_expect(price.none);
	cr_expect_lt(price.bound, 0.02);
}
