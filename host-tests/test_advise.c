/* SPDX-License-Identifier: Apache-2.0 */
#include "host-tests/advise_fixture.h"
#include "hosted/advise/advice.h"
#include "hosted/advise/advice_sum.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

static struct costs costs;
static struct record record;
static struct advice advice;

static void begin(void) {
	advise_fixture_costs(&costs);
	memset(&record, 0, sizeof(record));
	record.machine = costs.machine;
	strcpy(record.program, "one");
	record.processes = 1;
	record.user_ns = 1000000000;
}

TestSuite(advise, .init = begin);

static void blocks(uint64_t count) {
	record.sums.allocations[COUNTS_MALLOC][counts_class(64)] = record.allocated = record.freed = count;
	record.sums.orders[COUNTS_STACK] = 100;
	record.sums.lifetimes[3] = 100;
}

static void is_about(double found, double wanted, double within, const char *what) {
	cr_assert(fabs(found - wanted) < within, "%s: %g, not %g", what, found, wanted);
}

static void is_near(double found, double wanted, const char *what) {
	is_about(found, wanted, 0.001, what);
}

Test(advise, parts_are_counts_times_costs) {
	record.sums.calls[COUNTS_memcpy][counts_class(64)][0] = 20000000;
	blocks(10000000);
	record.minor_faults = 50000;
	record.sums.grown_bytes = 40000 * 4096;
	record.peak_bytes = 50000 * 4096 + (8 << 20);
	advice_make(&record, &costs, NULL, &advice);
	double time = 1e9 - 20e6 - 10e6 - 1e5;
	is_near(advice.time_ns / 1e9, time / 1e9, "time without what recording took");
	is_near(advice.parts[ADVICE_MEMORY].point, 20e6 * 10 / time, "memory");
	is_near(advice.parts[ADVICE_ALLOCATION].point, (10e6 * 20 + 50000 * 1000) / time, "blocks and pages");
	is_near(advice.parts[ADVICE_COMPUTE].point, 1 - (200e6 + 250e6) / time, "the rest");
	is_near(advice.settings[ADVICE_KERNELS].gain.point, 20e6 * 5 / time, "kernels");
	is_near(advice.settings[ADVICE_POOLS].gain.point, 10e6 * 10 / time, "pools");
	is_near(advice.settings[ADVICE_HUGE].gain.point, ((40000 - 256) * 500 - 256 * 500) / time, "huge pages");
	cr_assert_eq(advice.kind, ADVICE_IS_COMPUTE);
	cr_assert(advice.best == ADVICE_POOLS || advice.best == ADVICE_KERNELS, "both gain as much");
}

Test(advise, a_kind_is_what_more_than_half_of_the_time_goes_to) {
	static const struct {
		uint64_t calls, blocks;
		enum advice_kind kind;
	} loads[] = {
		{0, 0, ADVICE_IS_COMPUTE},
		{80000000, 1000, ADVICE_IS_MEMORY},
		{1000, 40000000, ADVICE_IS_ALLOCATION},
		{40000000, 20000000, ADVICE_IS_MIXED},
		{10000000, 5000000, ADVICE_IS_COMPUTE},
	};
	for (size_t i = 0; i < sizeof(loads) / sizeof(loads[0]); i++) {
		begin();
		record.sums.calls[COUNTS_memset][counts_class(100)][1] = loads[i].calls;
		blocks(loads[i].blocks);
		advice_make(&record, &costs, NULL, &advice);
		cr_assert_eq(advice.kind, loads[i].kind, "load %zu: %s", i, advice_kind_name(advice.kind));
		double all = 0;
		for (int kind = 0; kind < ADVICE_KINDS; kind++)
			all += advice.sure[kind];
		is_near(all, 1, "how sure, together");
	}
}

/* As many looks found it in one kind of call and in another as the shares say. */
static void looked(uint32_t in, double share) {
	record.glances = 10000;
	record.glanced_ns = 1000000000;
	record.in_ns[in] = (uint64_t)(share * 1e9);
}

static double width(enum advice_setting setting) {
	return advice.settings[setting].gain.upper - advice.settings[setting].gain.lower;
}

Test(advise, the_time_in_calls_says_where_between_its_ends_a_cost_is) {
	size_t steady = costs_row_of_call(COUNTS_memset, counts_class(2048), false, COSTS_STEADY);
	costs.figures[COSTS_PLAIN][steady + 1].ns = 30; /* varied */
	costs.figures[COSTS_KERNELS][steady + 1].ns = -1;
	record.sums.calls[COUNTS_memset][counts_class(2048)][0] = 10000000;
	advice_make(&record, &costs, NULL, &advice);
	double time = advice.time_ns, unknown = width(ADVICE_KERNELS);
	is_near(advice.settings[ADVICE_KERNELS].gain.point, 10e6 * 3 / time, "the mean of 5 and 1");
	looked(1 + COUNTS_memset, 0.10);
	advice_make(&record, &costs, NULL, &advice);
	is_about(advice.settings[ADVICE_KERNELS].gain.point / (10e6 * 5 / time), 1, 0.1, "that of the first end");
	cr_assert_lt(width(ADVICE_KERNELS), unknown / 2);
	looked(1 + COUNTS_memset, 0.30);
	advice_make(&record, &costs, NULL, &advice);
	is_about(advice.settings[ADVICE_KERNELS].gain.point / (10e6 * 1 / time), 1, 0.9, "that of the second");
	looked(1 + COUNTS_memset, 0.60);
	advice_make(&record, &costs, NULL, &advice);
	cr_assert_gt(advice.settings[ADVICE_KERNELS].gain.upper, 10e6 * 1.5 / time, "beyond it may gain as much more");
	record.glances = 5;
	advice_make(&record, &costs, NULL, &advice);
	is_near(width(ADVICE_KERNELS), unknown, "a few looks say nothing");
}

Test(advise, calls_at_the_place_of_the_one_before_have_costs_of_their_own) {
	size_t row = costs_row_of_call(COUNTS_memchr, counts_class(800), false, COSTS_STEADY);
	costs.figures[COSTS_KERNELS][row + COSTS_SAME].ns = 3;
	costs.figures[COSTS_KERNELS][row + COSTS_RESIZED].ns = -7;
	record.sums.calls[COUNTS_memchr][counts_class(800)][0] = 10000000;
	advice_make(&record, &costs, NULL, &advice);
	double time = advice.time_ns;
	is_near(advice.settings[ADVICE_KERNELS].gain.point, 10e6 * 5 / time, "none is: an end's");
	record.sums.in_place[COUNTS_memchr][COUNTS_RESIZED] = 8000000;
	advice_make(&record, &costs, NULL, &advice);
	is_near(advice.settings[ADVICE_KERNELS].gain.point, (8e6 * 7 + 2e6 * 5) / time, "most are, of other sizes");
	record.sums.in_place[COUNTS_memchr][COUNTS_SAME] = 2000000;
	advice_make(&record, &costs, NULL, &advice);
	is_near(advice.settings[ADVICE_KERNELS].gain.point, (8e6 * 7 - 2e6 * 3) / time, "all are, some of one size");
	record.sums.in_place[COUNTS_memchr][COUNTS_SAME] = UINT64_MAX;
	advice_make(&record, &costs, NULL, &advice);
	cr_assert_not(advice.settings[ADVICE_KERNELS].measured, "more than there are: all of one size");
}

/* Width of the gain by kernels where their costs alone are in doubt. */
static double width_of_errors(void) {
	for (int row = 0; row < COSTS_CALL_ROWS; row++)
		costs.figures[COSTS_KERNELS][row].error = 2;
	advice_make(&record, &costs, NULL, &advice);
	double wide = width(ADVICE_KERNELS);
	for (int row = 0; row < COSTS_CALL_ROWS; row++)
		costs.figures[COSTS_KERNELS][row].error = 0;
	advice_make(&record, &costs, NULL, &advice);
	return sqrt(wide * wide - width(ADVICE_KERNELS) * width(ADVICE_KERNELS));
}

Test(advise, calls_of_one_cost_have_its_error_in_common) {
	uint64_t(*calls)[COUNTS_ALIGNMENTS] = record.sums.calls[COUNTS_memcpy];
	uint32_t last = COSTS_CALL_CLASSES - 1;
	costs.has[COSTS_RECORDED] = false;
	calls[counts_class(512)][1] = 40000000;
	advice_make(&record, &costs, NULL, &advice);
	double together = width_of_errors();
	calls[counts_class(512)][1] = calls[counts_class(512)][2] = 20000000;
	is_about(width_of_errors(), together, 1e-6, "whichever of the pointers is not aligned");
	calls[counts_class(512)][2] = 0;
	calls[counts_class(800)][1] = 20000000;
	is_about(width_of_errors(), together / sqrt(2), 1e-6, "of two costs each has its own");
	calls[counts_class(512)][1] = calls[counts_class(800)][1] = 0;
	calls[last][0] = 30000000;
	together = width_of_errors();
	calls[last][0] = calls[last + 2][0] = 10000000; /* twice as large */
	is_about(width_of_errors(), together, 1e-6, "as many of the last");
}

Test(advise, what_is_more_than_a_mean_has_the_errors_of_both) {
	const struct costs_figure figures[] = {{10, 0.3}, {1, 0.8}, {99, 99}, {2, 0.8}, {99, 99},
					       {2, 0.8},  {99, 99}, {3, 0.8}, {99, 99}};
	struct costs_figure extra = advice_extra_of(figures, 0, 1, 2, 4);
	is_about(extra.ns, 8, 1e-9, "less the mean of each second");
	is_about(extra.error, 0.5, 1e-9, "0.3, and 0.8 of the root of four");
}

Test(advise, of_comparisons_that_nobody_sees_nobody_knows_where_they_end) {
	record.sums.calls[COUNTS_memcmp][counts_class(64)][0] = 20000000;
	advice_make(&record, &costs, NULL, &advice);
	double unknown = width(ADVICE_KERNELS);
	looked(1 + COUNTS_memcmp, 0.1);
	advice_make(&record, &costs, NULL, &advice);
	is_near(width(ADVICE_KERNELS), unknown, "too small to be seen");
	record.sums.calls[COUNTS_memcmp][counts_class(64)][0] = 0;
	record.sums.calls[COUNTS_memcmp][counts_class(2048)][0] = 20000000;
	advice_make(&record, &costs, NULL, &advice);
	cr_assert_lt(width(ADVICE_KERNELS), unknown / 2);
	record.glanced_ns = 1000000; /* the same, seen again and again */
	record.in_ns[1 + COUNTS_memcmp] = 100000;
	advice_make(&record, &costs, NULL, &advice);
	is_near(width(ADVICE_KERNELS), unknown, "and seen once");
}

Test(advise, kernels_are_for_programs_with_a_call_that_they_gain) {
	record.sums.calls[COUNTS_memcpy][counts_class(64)][0] = 1000000;
	for (int row = 0; row < COSTS_ROWS; row++)
		costs.figures[COSTS_KERNELS][row] = (struct costs_figure){1, 0.1};
	advice_make(&record, &costs, NULL, &advice);
	cr_assert_not(advice.settings[ADVICE_KERNELS].measured);
	for (int row = 0; row < COSTS_CALL_ROWS; row++)
		if (row >= (int)costs_row_of_call(COUNTS_memset, 0, false, COSTS_STEADY))
			costs.figures[COSTS_KERNELS][row].ns = -1;
	record.sums.calls[COUNTS_memset][counts_class(64)][0] = 3000000;
	advice_make(&record, &costs, NULL, &advice);
	is_near(advice.settings[ADVICE_KERNELS].gain.point, (3e6 - 1e6 - 1) / advice.time_ns,
		"what others lose counts");
}

Test(advise, faults_of_files_are_none_of_the_heaps) {
	record.minor_faults = 5000;
	record.sums.grown_bytes = UINT64_C(4500) * 4096;
	record.peak_bytes = 5000 * 4096;
	advice_make(&record, &costs, NULL, &advice);
	double unknown = width(ADVICE_HUGE);
	record.start_faults = 100;
	advice_make(&record, &costs, NULL, &advice);
	is_near(advice.settings[ADVICE_HUGE].gain.point, ((4500 - 256) * 500 - 256 * 500) / advice.time_ns,
		"all of it");
	cr_assert_lt(width(ADVICE_HUGE), unknown);
	record.start_faults = 4000;
	advice_make(&record, &costs, NULL, &advice);
	cr_assert_lt(advice.settings[ADVICE_HUGE].gain.point, (1000 - 256) * 500 / advice.time_ns);
}

Test(advise, a_heap_that_is_given_back_is_taken_again) {
	record.minor_faults = 110000;
	record.sums.grown_bytes = UINT64_C(100000) * 4096;
	record.peak_bytes = 10000 * 4096;
	costs.figures[COSTS_HUGE][COSTS_ROW_AGAIN].ns = -900;
	advice_make(&record, &costs, NULL, &advice);
	double wanted = 90000.0 * 900 + (10000 - 256) * 500 - 256 * 500;
	is_near(advice.settings[ADVICE_HUGE].gain.point, wanted / advice.time_ns, "pages by how they came");
}

/* Where 8 us of work or more lie between two touches, huge pages save 300 ns of it. */
Test(advise, faults_take_from_what_is_beside_them) {
	record.minor_faults = 10000;
	record.sums.grown_bytes = UINT64_C(9000) * 4096;
	record.peak_bytes = 10000 * 4096;
	record.start_faults = 100;
	advice_make(&record, &costs, NULL, &advice);
	double alone = advice.settings[ADVICE_HUGE].gain.point, narrow = width(ADVICE_HUGE), time = advice.time_ns;
	costs.figures[COSTS_HUGE][COSTS_ROW_BESIDE + 2].ns -= 300;
	costs.figures[COSTS_HUGE][COSTS_ROW_BESIDE + 3].ns -= 300;
	advice_make(&record, &costs, NULL, &advice);
	double more = (9000 - 256) * 300 / time;
	is_about(advice.settings[ADVICE_HUGE].gain.point, alone + more / 2, 1e-6, "half of what they may take");
	cr_assert_gt(width(ADVICE_HUGE), narrow);
	is_about(advice.settings[ADVICE_HUGE].gain.upper, alone + more, narrow, "all of it");
	record.read_bytes = 4096 * 4000;
	double wide = width(ADVICE_HUGE);
	advice_make(&record, &costs, NULL, &advice);
	is_about(advice.settings[ADVICE_HUGE].gain.point, alone + more / 2 - 2000 / 2 * 300 / time, 1e-6,
		 "or half of what is not in half of what was read");
	cr_assert_lt(width(ADVICE_HUGE), wide);
	record.read_bytes = 0;
	record.fault_paces[10] = 9000; /* less than a touch itself takes */
	advice_make(&record, &costs, NULL, &advice);
	is_about(advice.settings[ADVICE_HUGE].gain.point, alone, 1e-6, "nothing lies between them");
	record.fault_paces[20] = 9000;
	advice_make(&record, &costs, NULL, &advice);
	is_about(advice.settings[ADVICE_HUGE].gain.point, alone + more / 4, 1e-6, "half of them follow each other");
}

Test(advise, a_heap_that_ends_before_its_first_huge_page_gains_nothing) {
	costs.figures[COSTS_PLAIN][COSTS_ROW_SINGLES].ns = 768;
	record.sums.grown_bytes = UINT64_C(512) * 4096;
	record.minor_faults = 600;
	record.peak_bytes = 1000 * 4096;
	advice_make(&record, &costs, NULL, &advice);
	is_about(advice.settings[ADVICE_HUGE].gain.point, 0, 1e-9, "none begins in it");
	record.sums.grown_bytes = UINT64_C(768) * 4096;
	record.minor_faults = 1500;
	record.start_faults = 10;
	advice_make(&record, &costs, NULL, &advice);
	double huge = 256 * 256 / 2.0 / 512, cleared = 0.5 * 256;
	is_about(advice.settings[ADVICE_HUGE].gain.point, (huge - cleared) * 500 / advice.time_ns, 1e-6,
		 "half of the heaps reach one, and touch a quarter of it");
	cr_assert_lt(advice.settings[ADVICE_HUGE].gain.point, 0, "of which all is cleared");
}

/* A block of so many pages that the C library maps by itself, of which all is touched, and `faults` beside files'. */
static void mapped(uint64_t pages, bool zeroed, uint64_t faults) {
	uint64_t bytes = pages * 4096, whole = pages - 512;
	record.sums.mapped_bytes = record.sums.large_bytes = bytes;
	record.sums.zeroed_bytes = record.sums.large_zeroed_bytes = zeroed ? bytes : 0;
	record.sums.looked_bytes = record.sums.touched_bytes = bytes;
	record.sums.within_bytes = record.sums.cleared_bytes = whole * 4096;
	record.start_faults = 100;
	record.minor_faults = 100 + 300 + faults;
	record.peak_bytes = 4000 * 4096;
}

Test(advise, of_a_block_of_its_own_mapping_counts_what_is_touched_in_whole_huge_pages) {
	mapped(1024, false, 1024);
	advice_make(&record, &costs, NULL, &advice);
	double time = advice.time_ns;
	is_about(advice.settings[ADVICE_HUGE].gain.point, 512 * 500 / time, 1e-6, "one less");
	is_about(width(ADVICE_HUGE), 2 * 0.15 * 512 * 500 / time, 1e-6, "and no doubt about it");
	record.sums.cleared_bytes += 100 * 4096;
	advice_make(&record, &costs, NULL, &advice);
	is_about(advice.settings[ADVICE_HUGE].gain.point, (512 - 100) * 500 / time, 1e-6, "all of them is cleared");
	record.sums.touched_bytes = record.sums.looked_bytes = 300 * 4096; /* less than what lies within */
	record.sums.cleared_bytes = 0;
	record.sums.large_bytes = record.sums.mapped_bytes = 300 * 4096;
	advice_make(&record, &costs, NULL, &advice);
	is_about(advice.settings[ADVICE_HUGE].gain.point, 300 * 500 / time, 1e-6, "no more than was touched");
}

Test(advise, of_a_block_that_nobody_looked_at_all_is_in_huge_pages_or_nothing) {
	mapped(1024, false, 1024);
	record.sums.looked_bytes = record.sums.touched_bytes = record.sums.within_bytes = record.sums.cleared_bytes = 0;
	advice_make(&record, &costs, NULL, &advice);
	is_about(advice.settings[ADVICE_HUGE].gain.point, 512 * 500 / advice.time_ns, 1e-6, "half of it");
	double from_nothing = 2 * 512 * 500 / advice.time_ns;
	is_about(width(ADVICE_HUGE), from_nothing * hypot(1, 0.15), 1e-6, "or none, or all");
}

Test(advise, smaller_blocks_are_in_what_is_left_of_a_heap_that_grows_before_them) {
	costs.figures[COSTS_PLAIN][COSTS_ROW_SINGLES].ns = 768;
	mapped(1024, false, 3000);
	record.sums.grown_bytes = 1024 * 4096;
	advice_make(&record, &costs, NULL, &advice);
	double time = advice.time_ns, without = advice.settings[ADVICE_HUGE].gain.point, each = 500 / time;
	record.sums.mapped_bytes += 600 * 4096;
	advice_make(&record, &costs, NULL, &advice);
	is_about(advice.settings[ADVICE_HUGE].gain.point, without, 1e-6, "and not where it begins");
	record.sums.behind_bytes = 400 * 4096;
	advice_make(&record, &costs, NULL, &advice);
	is_about(advice.settings[ADVICE_HUGE].gain.point, without + 400 / 2 * each, 1e-6, "but behind that");
	record.sums.vacated_bytes = 100 * 4096;
	advice_make(&record, &costs, NULL, &advice);
	is_about(advice.settings[ADVICE_HUGE].gain.point, without + 500 / 2 * each, 1e-6, "or where others were");
	record.sums.vacated_bytes = 1600 * 4096;
	advice_make(&record, &costs, NULL, &advice);
	is_about(advice.settings[ADVICE_HUGE].gain.point, without + (600 + 1024 - 256) / 2 * each, 1e-6,
		 "all of them, and of the heap what is not in huge pages, at the most");
}

Test(advise, what_is_left_of_a_heap_that_ends_before_its_first_huge_page_is_none_either) {
	costs.figures[COSTS_PLAIN][COSTS_ROW_SINGLES].ns = 768;
	mapped(1024, false, 3000);
	record.sums.grown_bytes = 100 * 4096;
	advice_make(&record, &costs, NULL, &advice);
	double without = advice.settings[ADVICE_HUGE].gain.point;
	record.sums.mapped_bytes += 400 * 4096;
	record.sums.behind_bytes = 400 * 4096;
	advice_make(&record, &costs, NULL, &advice);
	is_about(advice.settings[ADVICE_HUGE].gain.point, without, 1e-6, "with them it ends there as well");
	record.sums.mapped_bytes += 400 * 4096;
	record.sums.behind_bytes = 800 * 4096;
	advice_make(&record, &costs, NULL, &advice);
	double past = 900 - 768 + 256, more = past * past / 512 / 2;
	is_about(advice.settings[ADVICE_HUGE].gain.point, without + more / 2 * 500 / advice.time_ns, 1e-6,
		 "or some heaps do, and others go on");
}

Test(advise, pages_of_zeros_that_are_read_first_take_two_faults) {
	costs.figures[COSTS_PLAIN][COSTS_ROW_TWICE].ns = 1600;
	costs.figures[COSTS_HUGE][COSTS_ROW_TWICE].ns = -900;
	mapped(1024, true, 2 * 1024);
	advice_make(&record, &costs, NULL, &advice);
	double time = advice.time_ns, all = 512 * 900 / time;
	is_about(advice.settings[ADVICE_HUGE].gain.point, all, 1e-6, "nothing else takes so many");
	record.minor_faults -= 300;
	advice_make(&record, &costs, NULL, &advice);
	is_about(advice.settings[ADVICE_HUGE].gain.point, all - 512 * 400 * 150 / 1024.0 / time, 1e-6, "or files'");
	record.minor_faults -= 1024;
	advice_make(&record, &costs, NULL, &advice);
	is_about(advice.settings[ADVICE_HUGE].gain.point, 512 * 500 / time, 1e-6, "or there are none");
}

Test(advise, pages_of_zeros_that_are_not_touched_take_no_faults) {
	costs.figures[COSTS_PLAIN][COSTS_ROW_TWICE].ns = 1600;
	costs.figures[COSTS_HUGE][COSTS_ROW_TWICE].ns = -900;
	mapped(8 * 1024, true, 2 * 1024);
	record.sums.touched_bytes = 1024 * 4096;
	record.sums.within_bytes = record.sums.cleared_bytes = 512 * 4096;
	advice_make(&record, &costs, NULL, &advice);
	is_about(advice.settings[ADVICE_HUGE].gain.point, 512 * 900 / advice.time_ns, 1e-6, "half of those that do");
	record.minor_faults += 5000;
	advice_make(&record, &costs, NULL, &advice);
	is_about(advice.settings[ADVICE_HUGE].gain.point, 512 * 900 / advice.time_ns, 1e-6, "and no more of them");
}

Test(advise, where_nothing_is_gained_for_sure_nothing_is_advised) {
	record.sums.calls[COUNTS_memcpy][counts_class(64)][0] = 1000000;
	for (int row = 0; row < COSTS_CALL_ROWS; row++)
		costs.figures[COSTS_KERNELS][row] = (struct costs_figure){-0.5, 0.1};
	costs.figures[COSTS_KERNELS][COSTS_ROW_START] = (struct costs_figure){-100, 1e6};
	advice_make(&record, &costs, NULL, &advice);
	cr_assert(advice.settings[ADVICE_KERNELS].gain.point > 0 && advice.settings[ADVICE_KERNELS].gain.lower < 0);
	cr_assert_eq(advice.best, ADVICE_SETTINGS);
	costs.figures[COSTS_KERNELS][COSTS_ROW_START] = (struct costs_figure){-8e6, 1e3};
	advice_make(&record, &costs, NULL, &advice);
	double lower = advice.settings[ADVICE_KERNELS].gain.lower;
	cr_assert(lower > 0 && lower < ADVICE_UNNOTICED, "a gain that is one, and none to notice: %g", lower);
	cr_assert_eq(advice.best, ADVICE_SETTINGS);
	struct text shown = {0};
	advice_show(&record, &advice, &shown);
	text_add(&shown, "", 1);
	cr_assert(strstr(shown.bytes, "nothing to gain"), "%s", shown.bytes);
	text_free(&shown);
}

Test(advise, another_library_moves_what_lies_in_memory) {
	record.sums.calls[COUNTS_memcpy][counts_class(64)][0] = 1000;
	blocks(1000);
	advice_make(&record, &costs, NULL, &advice);
	is_near(width(ADVICE_KERNELS), 0.012, "whatever it gains");
	is_near(width(ADVICE_POOLS), 0.012, "likewise");
	is_near(width(ADVICE_HUGE), 0, "a variable is no library");
}

Test(advise, a_process_takes_longer_to_its_end) {
	blocks(10000000);
	record.processes = 3;
	advice_make(&record, &costs, NULL, &advice);
	double before = advice.settings[ADVICE_POOLS].gain.point;
	costs.figures[COSTS_POOLS][COSTS_ROW_END].ns = 2e6;
	costs.figures[COSTS_RECORDED][COSTS_ROW_END].ns = 5e8;
	advice_make(&record, &costs, NULL, &advice);
	is_about(before - advice.settings[ADVICE_POOLS].gain.point, 3 * 2e6 / advice.time_ns, 1e-6,
		 "each; what recording does behind it is no time of theirs");
}

Test(advise, a_pool_has_pages_of_its_own) {
	blocks(10000000);
	record.sums.small[62 / COUNTS_STEP_BYTES] = record.sums.small[64 / COUNTS_STEP_BYTES] = 5000000;
	record.sums.allocations[COUNTS_MALLOC][counts_class(200)] = 1;
	record.sums.allocations[COUNTS_MALLOC][counts_class(300)] = 5;
	advice_make(&record, &costs, NULL, &advice);
	double before = advice.settings[ADVICE_POOLS].gain.point, narrow = width(ADVICE_POOLS);
	costs.figures[COSTS_POOLS][COSTS_ROW_FIRST].ns = 1e6;
	advice_make(&record, &costs, NULL, &advice);
	double pools = 2 + 1 + (1 + 5) / 2.0;
	is_about(before - advice.settings[ADVICE_POOLS].gain.point, pools * 1e6 / advice.time_ns, 1e-6,
		 "64 and 80 bytes, one block of 200, and of 300 one to five");
	cr_assert_gt(width(ADVICE_POOLS), narrow);
}

/* Blocks of 64 bytes, which gain by pools for sure, and as many of 1000, of which pools take so much more. */
static void blocks_of_two_sizes(struct costs_figure pools_take_more) {
	blocks(10000000);
	record.sums.allocations[COUNTS_MALLOC][counts_class(1000)] = 10000000;
	record.allocated = record.freed = 20000000;
	for (int shape = 0; shape < COSTS_SHAPES; shape++)
		costs.figures[COSTS_POOLS][costs_row_of_block((enum costs_shape)shape, counts_class(1000))] =
			pools_take_more;
}

Test(advise, pools_are_for_the_sizes_that_they_gain) {
	blocks_of_two_sizes((struct costs_figure){10, 0});
	advice_make(&record, &costs, NULL, &advice);
	cr_assert(advice.pooled[counts_class(64)] && !advice.pooled[counts_class(1000)]);
	struct text command = {0};
	advice_command(&advice, ADVICE_POOLS, &command);
	text_add(&command, "", 1);
	cr_assert_str_eq(command.bytes, "anechoic apply --no-kernels --pools=64-95 -- ");
	text_free(&command);
}

Test(advise, pools_are_for_a_size_that_most_likely_gains_beside_one_that_does_for_sure) {
	blocks_of_two_sizes((struct costs_figure){-10, 100});
	advice_make(&record, &costs, NULL, &advice);
	cr_assert(advice.pooled[counts_class(64)] && advice.pooled[counts_class(1000)]);
	record.sums.allocations[COUNTS_MALLOC][counts_class(64)] = 0;
	advice_make(&record, &costs, NULL, &advice);
	cr_assert(!advice.pooled[counts_class(64)] && !advice.pooled[counts_class(1000)], "but not for it alone");
	cr_assert_not(advice.settings[ADVICE_POOLS].measured);
}

Test(advise, huge_pages_are_added_to_what_the_c_library_is_told) {
	static const struct {
		const char *old, *command;
	} tunables[] = {
		{NULL, "GLIBC_TUNABLES=glibc.malloc.hugetlb=1 "},
		{"", "GLIBC_TUNABLES=glibc.malloc.hugetlb=1 "},
		{"glibc.malloc.arena_max=1", "GLIBC_TUNABLES=glibc.malloc.arena_max=1:glibc.malloc.hugetlb=1 "},
		{"a=it's", "GLIBC_TUNABLES='a=it'\\''s:glibc.malloc.hugetlb=1' "},
	};
	for (size_t i = 0; i < sizeof(tunables) / sizeof(tunables[0]); i++) {
		struct text command = {0};
		advice.tunables = tunables[i].old;
		advice_command(&advice, ADVICE_HUGE, &command);
		text_add(&command, "", 1);
		cr_assert_str_eq(command.bytes, tunables[i].command);
		text_free(&command);
	}
}

Test(advise, costs_are_of_what_was_there_when_they_were_measured) {
	static struct costs here;
	char *const words[] = {here.machine.cpu, here.build, here.huge_pages, here.defrag, here.tunables};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		here = costs;
		here.rounds = 0;
		cr_assert(costs_are_of(&costs, &here));
		strcpy(words[i], "other");
		cr_assert_not(costs_are_of(&costs, &here), "word %zu", i);
	}
}

Test(advise, a_record_that_allows_no_advice_says_why) {
	record.user_ns = 1000;
	advice_make(&record, &costs, NULL, &advice);
	cr_assert_eq(advice.missing, ADVICE_TOO_SHORT);
	begin();
	record.processes = 0;
	advice_make(&record, &costs, NULL, &advice);
	cr_assert_eq(advice.missing, ADVICE_NOTHING_RECORDED);
	begin();
	strcpy(record.machine.cpu, "Other 1.2.3");
	advice_make(&record, &costs, NULL, &advice);
	cr_assert_eq(advice.missing, ADVICE_OTHER_MACHINE);
	cr_assert_eq(advice.best, ADVICE_SETTINGS);
}

Test(advise, counts_of_any_size_give_finite_shares) {
	memset(&record.sums, 0x7f, sizeof(record.sums));
	record.allocated = record.freed = record.freed_more = record.minor_faults = record.peak_bytes = INT64_MAX;
	record.processes = INT64_MAX;
	advice_make(&record, &costs, NULL, &advice);
	for (int part = 0; part < ADVICE_PARTS; part++)
		cr_assert(isfinite(advice.parts[part].lower) && isfinite(advice.parts[part].upper));
	for (int setting = 0; setting < ADVICE_SETTINGS; setting++)
		cr_assert(isfinite(advice.settings[setting].gain.lower));
	cr_assert_gt(advice.time_ns, 0);
}

/* ---- costs ------------------------------------------------------------------------------------------------------- */

static bool made_up(void *self, enum costs_setting setting, double ns[COSTS_ROWS]) {
	unsigned *turn = self;
	*turn += 1;
	for (int row = 0; row < COSTS_ROWS; row++)
		ns[row] = 100 + 10 * (double)setting + (double)(*turn % 7) * 0.01;
	return setting != COSTS_HUGE;
}

Test(advise, few_rounds_leave_more_in_doubt) {
	double numbers[] = {5, 2, 1, 4, 3, 7, 6};
	const struct costs_figure figure = costs_figure_of(numbers, 7);
	double standard_error = sqrt(18.0 / 6 * 7) / 5; /* winsorized: 2 2 3 4 5 6 6 */
	cr_assert_float_eq(figure.ns, 4, 1e-9);
	cr_assert_float_eq(1.96 * figure.error, 2.776 * standard_error, 0.01, "Student's t of 4 degrees of freedom");
}

Test(advise, costs_are_differences_in_the_same_round) {
	unsigned turn = 0;
	cr_assert_eq(costs_measure(&(struct costs_subject){&turn, made_up, NULL}, 1, &costs), 0);
	cr_assert(!costs.has[COSTS_HUGE] && costs.has[COSTS_POOLS]);
	for (int row = 0; row < COSTS_ROWS; row++) {
		cr_assert(fabs(costs.figures[COSTS_PLAIN][row].ns - 100) < 0.1);
		cr_assert(fabs(costs.figures[COSTS_POOLS][row].ns - 10.0 * COSTS_POOLS) < 0.1);
		cr_assert(costs.figures[COSTS_POOLS][row].error > 0 && costs.figures[COSTS_POOLS][row].error < 0.1);
	}
}

Test(advise, costs_come_back_as_they_were_written) {
	struct costs *back = calloc(1, sizeof(*back));
	struct text json = {0}, complaint = {0};
	costs.has[COSTS_POOLS] = false;
	memset(costs.figures[COSTS_POOLS], 0, sizeof(costs.figures[COSTS_POOLS]));
	costs_write(&costs, &json);
	cr_assert(back && costs_read(json.bytes, json.length, "f", back, &complaint), "%s", complaint.bytes);
	cr_assert_eq(memcmp(back, &costs, sizeof(costs)), 0);
	for (size_t length = 0; length + 1 < json.length; length += 97)
		cr_assert_not(costs_read(json.bytes, length, "f", back, &complaint), "cut to %zu", length);
	complaint.length = 0;
	cr_assert_not(costs_read("{\"schema\":\"anechoic-costs/1\"}", 29, "f", back, &complaint));
	cr_assert_not(costs_read(NULL, 0, "f", back, &complaint));
	text_add(&complaint, "", 1);
	cr_assert_str_eq(complaint.bytes, "f: the costs are damaged, or another version's: machine\nf: it is empty\n");
	text_free(&json);
	text_free(&complaint);
	free(back);
}
