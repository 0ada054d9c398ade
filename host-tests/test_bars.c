/* SPDX-License-Identifier: Apache-2.0
 *
 * What several launches of a row come to, and which bars it meets, with figures that are made up.
 */
#include "peers/choice.h"
#include "peers/judge/bars.h"
#include "peers/judge/grid_cells.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static const double alone_four = 1.0, alone_eight = 1.5;

static struct peer_probe probe_of(double four, double eight) {
	return (struct peer_probe){.usual = {four, eight}, .least = {alone_four, alone_eight}};
}

/* A run in which each launch had windows alone. */
static void note_alone(struct peer_alone *alone, unsigned times) {
	const struct peer_probe probe = probe_of(alone_four, alone_eight);
	for (unsigned i = 0; i < times; i++)
		peer_alone_note(alone, &probe);
}

/* ---- the probe --------------------------------------------------------------------------------------------------- */

Test(bars, a_launch_is_alone_whose_chains_take_what_they_took_at_the_least) {
	static struct peer_alone alone;
	note_alone(&alone, 5);
	const struct peer_probe idle = probe_of(1.03, 1.53), busy_adders = probe_of(1.3, 2.2),
				busy_little = probe_of(1.0, 1.7);
	cr_expect(peer_probe_idle(&alone, &idle));
	cr_expect_not(peer_probe_idle(&alone, &busy_adders));
	cr_expect_not(peer_probe_idle(&alone, &busy_little));
}

/* Four chains take a third longer than one there, in any launch. */
Test(bars, a_core_with_three_adders_is_not_busy_for_that) {
	static struct peer_alone alone;
	const struct peer_probe probe = {.usual = {1.36, 2.7}, .least = {1.34, 2.67}};
	for (unsigned i = 0; i < 5; i++)
		peer_alone_note(&alone, &probe);
	cr_expect(peer_probe_idle(&alone, &probe));
	const struct peer_probe busy = {.usual = {1.9, 3.6}, .least = {1.34, 2.67}};
	cr_expect_not(peer_probe_idle(&alone, &busy));
}

/* The clock changed between a chain and the four: one in a hundred. */
Test(bars, a_ratio_that_is_too_small_by_accident_makes_nobody_busy) {
	static struct peer_alone alone;
	const struct peer_probe odd = {.usual = {1.0, 1.5}, .least = {0.4, 0.5}}, usual = probe_of(1.02, 1.52);
	note_alone(&alone, 99);
	peer_alone_note(&alone, &odd);
	cr_expect(peer_probe_idle(&alone, &usual));
	cr_expect_float_eq(peer_alone_ratio(&alone, PEER_CHAINS_FOUR), alone_four, 0.005);
}

/* ---- launches ---------------------------------------------------------------------------------------------------- */

enum { OURS, LIMIT, ALLOCATOR, STACK, ENTRIES };

/* Ours, its limit, a user's choice, a reference. */
static struct peer_record record_of(double ours, double limit, double allocator, double stack) {
	struct peer_record record = {.count = ENTRIES, .core_ghz = 1, .probe = probe_of(1.0, 1.5)};
	const struct {
		const char *name;
		enum peer_role role;
		double ns;
	} of[ENTRIES] = {{"pool", PEER_OURS, ours},
			 {"chain", PEER_LIMIT_OF_OURS, limit},
			 {"tcmalloc", PEER_OTHER, allocator},
			 {"stack", PEER_OTHER, stack}};
	for (size_t i = 0; i < ENTRIES; i++) {
		peer_words_copy(record.entries[i].name, PEER_NAME_BYTES, of[i].name);
		record.entries[i].role = of[i].role;
		record.entries[i].minimum_ns = record.entries[i].median_ns = of[i].ns;
		record.entries[i].paired = ours / of[i].ns;
	}
	record.entries[STACK].reference = true;
	return record;
}

static struct peer_record merged_of(struct peer_record *launches, size_t count) {
	static struct peer_alone alone;
	const struct peer_record *places[8];
	struct peer_record merged;
	memset(&alone, 0, sizeof alone);
	for (size_t i = 0; i < count; i++) {
		places[i] = &launches[i];
		peer_alone_note(&alone, &launches[i].probe);
	}
	peer_records_merge(places, count, &alone, &merged);
	return merged;
}

/* A latency chain keeps its time beside a busy sibling, what fills the core does not: 4.5 of 13.2, 4.3 of 8.1. */
Test(bars, the_least_of_each_over_the_launches_alone) {
	struct peer_record launches[] = {record_of(4.5, 4, 13.2, 5), record_of(4.3, 4, 8.4, 5),
					 record_of(4.4, 4, 8.1, 5), record_of(4.2, 4, 13.0, 4)};
	launches[0].probe = launches[3].probe = probe_of(1.6, 2.9);
	struct peer_record merged = merged_of(launches, 4);
	cr_expect_eq(merged.launches, 4);
	cr_expect_eq(merged.idle, 2);
	cr_expect_float_eq(merged.entries[OURS].minimum_ns, 4.3, 1e-9);
	cr_expect_float_eq(merged.entries[ALLOCATOR].minimum_ns, 8.1, 1e-9);
	cr_expect_float_eq(merged.entries[ALLOCATOR].median_ns, 8.25, 1e-9);
	cr_expect_float_eq(merged.entries[ALLOCATOR].paired_least, 4.3 / 8.4, 1e-9);
	cr_expect_float_eq(merged.entries[ALLOCATOR].paired_most, 4.4 / 8.1, 1e-9);
	cr_expect(peer_record_judged(&merged, 3));
	cr_expect_not(peer_record_judged(&merged, 4), "two of four are not more than half");
}

Test(bars, instructions_are_counted_in_one_launch_for_all) {
	struct peer_record launches[] = {record_of(1, 1, 1, 1), record_of(1, 1, 1, 1)};
	launches[0].entries[STACK].claim.instructions = 14;
	launches[0].probe = probe_of(2, 3);
	struct peer_record merged = merged_of(launches, 2);
	cr_expect_float_eq(merged.entries[STACK].claim.instructions, 14, 1e-9);
}

/* ---- bars -------------------------------------------------------------------------------------------------------- */

static struct peer_record alone_of(double ours, double limit, double allocator, double stack) {
	struct peer_record launch = record_of(ours, limit, allocator, stack);
	launch.launches = launch.idle = 5;
	return launch;
}

static void expect_judged(const struct peer_record *row, struct peer_bar bar, enum peer_verdict verdict, double seen) {
	struct peer_judgement found = peer_bar_judge(&bar, row, 1, 5);
	cr_expect_eq(found.verdict, verdict, "%s: %d", bar.against, found.verdict);
	cr_expect_float_eq(found.seen, seen, 1e-9, "%s: %g", bar.against, found.seen);
}

Test(bars, against_whom) {
	struct peer_record row = alone_of(4, 5, 16, 2);
	row.core_ghz = 3;
	expect_judged(&row, (struct peer_bar){.against = PEER_BEST, .ratio = 0.25}, PEER_MET, 0.25);
	expect_judged(&row, (struct peer_bar){.against = PEER_BEST, .ratio = 0.24}, PEER_MISSED, 0.25);
	expect_judged(&row, (struct peer_bar){.against = "stack", .ratio = 1.9}, PEER_MISSED, 2);
	expect_judged(&row, (struct peer_bar){.against = PEER_LIMIT, .ratio = 1.05}, PEER_MET, 0.8);
	expect_judged(&row, (struct peer_bar){.against = PEER_NS, .ratio = 5}, PEER_MET, 4);
	expect_judged(&row, (struct peer_bar){.against = PEER_CYCLES, .ratio = 11}, PEER_MISSED, 12);
	expect_judged(&row, (struct peer_bar){.against = "mimalloc", .ratio = 1}, PEER_ABSENT, 0);
	expect_judged(&row, (struct peer_bar){.against = PEER_WALKS, .ratio = 1}, PEER_ABSENT, 0);
	peer_words_copy(row.entries[ALLOCATOR].absent, PEER_WORDS_BYTES, "libtcmalloc.so: no such file");
	expect_judged(&row, (struct peer_bar){.against = PEER_BEST, .ratio = 1}, PEER_ABSENT, 0);
	row.entries[LIMIT].role = PEER_OTHER;
	expect_judged(&row, (struct peer_bar){.against = PEER_LIMIT, .ratio = 1}, PEER_NO_LIMIT, 0);
}

Test(bars, nothing_is_judged_while_the_sibling_is_busy) {
	struct peer_record row = alone_of(4, 5, 16, 2);
	row.idle = 2;
	expect_judged(&row, (struct peer_bar){.against = PEER_BEST, .ratio = 0.3}, PEER_VOID_BUSY, 0.25);
	expect_judged(&row, (struct peer_bar){.against = PEER_BEST, .ratio = 0.2}, PEER_VOID_BUSY, 0.25);
	row.idle = 3;
	expect_judged(&row, (struct peer_bar){.against = PEER_BEST, .ratio = 0.3}, PEER_MET, 0.25);
}

Test(bars, a_reference_that_is_not_what_it_claims_is_void) {
	struct peer_record row = alone_of(4, 5, 16, 2);
	row.costs.cycles[PEER_ADD] = 1;
	row.entries[STACK].claims = true;
	row.entries[STACK].claim.loops[0].chain[PEER_ADD] = 2;
	expect_judged(&row, (struct peer_bar){.against = "stack", .ratio = 2}, PEER_MET, 2);
	row.entries[STACK].claim.loops[0].chain[PEER_ADD] = 10;
	expect_judged(&row, (struct peer_bar){.against = "stack", .ratio = 2}, PEER_VOID, 2);
}

Test(bars, walks_are_a_tlbs_own) {
	struct peer_record row = alone_of(4, 5, 16, 2);
	peer_words_copy(row.entries[STACK].name, PEER_NAME_BYTES, PEER_NEVER_EVICTS);
	row.entries[OURS].walks = 110;
	row.entries[STACK].walks = 100;
	expect_judged(&row, (struct peer_bar){.against = PEER_WALKS, .ratio = 1.1}, PEER_MET, 1.1);
	row.entries[OURS].walks = 120;
	expect_judged(&row, (struct peer_bar){.against = PEER_WALKS, .ratio = 1.1}, PEER_MISSED, 1.2);
}

/* Chosen: 4 of a limit of 3.9; 256 bits: 2 of 1.5; 512 bits, without a limit: 3. */
Test(bars, the_best_method_is_ours_and_each_has_its_own_limit) {
	struct peer_record row = alone_of(4, 3.9, 5, 9);
	const struct peer_entry methods[] = {{.role = PEER_OURS_METHOD, .minimum_ns = 2},
					     {.role = PEER_LIMIT_OF_METHOD, .minimum_ns = 1.5},
					     {.role = PEER_OURS_METHOD, .minimum_ns = 3}};
	memcpy(&row.entries[row.count], methods, sizeof methods);
	row.count += sizeof methods / sizeof methods[0];
	expect_judged(&row, (struct peer_bar){.against = "tcmalloc", .ratio = 0.5}, PEER_MISSED, 0.8);
	expect_judged(&row, (struct peer_bar){.against = "tcmalloc", .ratio = 0.5, .methods = true}, PEER_MET, 0.4);
	expect_judged(&row, (struct peer_bar){.against = PEER_LIMIT, .ratio = 1.05}, PEER_MET, 4 / 3.9);
	expect_judged(&row, (struct peer_bar){.against = PEER_LIMIT, .ratio = 1.05, .methods = true}, PEER_MISSED,
		      2 / 1.5);
}

Test(bars, of_two_that_would_do_one_is_enough) {
	cr_expect_eq(peer_verdict_of_either(PEER_MISSED, PEER_MET), PEER_MET);
	cr_expect_eq(peer_verdict_of_either(PEER_MISSED, PEER_MISSED), PEER_MISSED);
	cr_expect_eq(peer_verdict_of_either(PEER_MISSED, PEER_VOID_BUSY), PEER_VOID_BUSY);
	cr_expect_eq(peer_verdict_of_either(PEER_ABSENT, PEER_MISSED), PEER_MISSED);
	cr_expect_eq(peer_verdict_of_either(PEER_NO_LIMIT, PEER_ABSENT), PEER_ABSENT);
}

/* ---- the grid ---------------------------------------------------------------------------------------------------- */

static struct peer_alone grid_alone;

static void note(struct grid_cell *cell, double median, double half_width, bool busy) {
	const struct grid_seen seen = {.probe = busy ? probe_of(1.7, 3) : probe_of(1, 1.5),
				       .median = median,
				       .lower = median - half_width,
				       .upper = median + half_width};
	grid_cell_note(cell, &seen, &grid_alone);
}

Test(bars, a_cell_fails_in_three_launches_alone) {
	struct grid_cell cell = {0};
	note_alone(&grid_alone, 5);
	note(&cell, 1.2, 0.01, false);
	note(&cell, 1.2, 0.01, true);
	note(&cell, 1.15, 0.01, false);
	cr_expect(grid_cell_open(&cell), "the busy launch counts for nothing");
	note(&cell, 1.2, 0.01, false);
	cr_expect_not(grid_cell_open(&cell));
	cr_expect_eq(cell.failures, 3);
	cr_expect_float_eq(cell.best, 1.15, 1e-9);
	struct grid_cell lucky = {0};
	note(&lucky, 1.2, 0.01, false);
	note(&lucky, 1.04, 0.02, false);
	cr_expect(lucky.through && !grid_cell_open(&lucky), "its interval reaches below 1 / 0.97");
	struct grid_cell disturbed = {0};
	note(&disturbed, 1.43, 1.4, false);
	cr_expect(grid_cell_open(&disturbed), "an interval of nearly everything says nothing");
}

Test(bars, each_size_of_the_grid_is_in_one_class) {
	struct grid_cell *cells = calloc(grid_cells_count(), sizeof *cells);
	struct grid_tally tallies[GRID_CLASSES];
	unsigned all = 0;
	note_alone(&grid_alone, 5);
	for (size_t i = 0; i < grid_cells_count(); i++)
		note(&cells[i], 0.9, 0.01, false);
	const struct grid_place last = grid_place_of(grid_cells_count() - 1);
	cr_expect_eq(last.bytes, ((size_t)64 << 20) + 1);
	grid_tally(cells, tallies);
	for (size_t i = 0; i < GRID_CLASSES; i++) {
		all += tallies[i].cells;
		cr_expect_eq(tallies[i].by_count, PEER_MET);
		cr_expect_eq(tallies[i].by_greatest, PEER_MET);
		cr_expect_float_eq(tallies[i].mean, 0.9, 1e-9);
	}
	cr_expect_eq(all, grid_cells_count());
	cr_expect_eq(tallies[0].cells, 65 * 100);
	cr_expect_eq(tallies[5].cells, 7 * 3 * 100);
	free(cells);
}

Test(bars, a_hundredth_of_a_class_may_fail_and_none_by_a_tenth) {
	struct grid_cell *cells = calloc(grid_cells_count(), sizeof *cells);
	struct grid_tally tallies[GRID_CLASSES];
	note_alone(&grid_alone, 5);
	for (size_t i = 0; i < 1000; i++)
		for (unsigned launch = 0; launch < 3; launch++)
			note(&cells[i], i < 10 ? 1.08 : 0.9, 0.01, false);
	grid_tally(cells, tallies);
	cr_expect_eq(tallies[0].failed, 10);
	cr_expect_eq(tallies[0].by_count, PEER_MET);
	cr_expect_eq(tallies[0].by_greatest, PEER_MET);
	for (unsigned launch = 0; launch < 3; launch++) {
		cells[10] = cells[11] = (struct grid_cell){.taken = true, .failures = 3};
		cells[10].best = 1.11;
		cells[10].best_is_narrow = true;
	}
	grid_tally(cells, tallies);
	cr_expect_eq(tallies[0].by_count, PEER_MISSED);
	cr_expect_eq(tallies[0].by_greatest, PEER_MISSED);
	for (size_t i = 100; i < 120; i++)
		cells[i] = (struct grid_cell){.taken = true};
	grid_tally(cells, tallies);
	cr_expect_eq(tallies[0].by_count, PEER_VOID_BUSY);
	free(cells);
}

/* ---- what goes to another process -------------------------------------------------------------------------------- */

Test(bars, a_choice_is_the_profiles_own_when_it_comes_back) {
	struct simd_profile there = {.copy_stream_bytes = SIZE_MAX, .zero_stream_bytes = 4096}, back;
	struct simd_choice *compare = &there.choice[SIMD_OPERATION_COMPARE];
	struct peer_choice choice;
	compare->method[1] = "avx512";
	compare->below[0] = 256;
	peer_choice_make(&there, &choice);
	peer_choice_profile(&choice, &back);
	cr_expect_eq(back.copy_stream_bytes, SIZE_MAX);
	cr_expect_eq(back.zero_stream_bytes, 4096);
	for (size_t operation = 0; operation < SIMD_OPERATION_COUNT; operation++)
		for (size_t band = 0; band < SIMD_BANDS; band++) {
			const char *name = back.choice[operation].method[band];
			bool named = operation == SIMD_OPERATION_COMPARE && band == 1;
			cr_expect_eq(name != NULL, named, "%zu, %zu", operation, band);
			cr_expect(!named || strcmp(name, "avx512") == 0);
		}
	cr_expect_eq(back.choice[SIMD_OPERATION_COMPARE].below[0], 256);
}
