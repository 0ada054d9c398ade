/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/advise/advice_pages.h"

#include "lib/units.h"

#include <math.h>

enum {
	LATER_FAULTS = 300, /* of a process, at the most, beyond those before its first line, which are files' */
	FILE_FAULTS = 1000, /* of a process, at the most, that are no heap's */
};

static struct advice_sum sum_of_touches(double least, double most, const struct costs_figure *figures, double doubt) {
	struct advice_sum sum = {0};
	advice_sum_add(&sum, (least + most) / 4, &figures[COSTS_ROW_TOUCH], doubt);
	advice_sum_add(&sum, (least + most) / 4, &figures[COSTS_ROW_GROWTH], doubt);
	sum.doubts[ADVICE_CAUSE_PAGES] += (most - least) / (most + least + 1) * fabs(sum.ns);
	return sum;
}

/* First touches of any memory: all faults at the most; at the least what memory or faults are more than files' can be.
 */
struct advice_sum advice_sum_of_pages(const struct record *record, const struct costs *costs) {
	double faults = (double)record->minor_faults;
	double memory = record->peak_bytes > ADVICE_FILE_BYTES
				? (double)(record->peak_bytes - ADVICE_FILE_BYTES) / PAGE_BYTES
				: 0;
	double beyond = faults - (double)record->processes * (ADVICE_FILE_BYTES / (double)PAGE_BYTES);
	return sum_of_touches(fmax(fmin(memory, faults), beyond), faults, costs->figures[COSTS_PLAIN],
			      ADVICE_SHARE_DOUBT);
}

/* What a page of those costs that are touched with others, all at once. */
static void add_untouched(struct advice_sum *sum, double pages, double doubt, const struct costs *costs, size_t row) {
	const struct costs_figure *plain = &costs->figures[COSTS_PLAIN][row], *more = &costs->figures[COSTS_HUGE][row];
	const struct costs_figure huge = {fmax(plain->ns + more->ns, 0), hypot(plain->error, more->error)};
	advice_sum_add(sum, pages, &huge, ADVICE_CALL_DOUBT);
	sum->doubts[ADVICE_CAUSE_ENDS] += doubt * huge.ns;
}

/* Pages of memory that the system gave for the heap, which alone huge pages are for. */
struct heap {
	double grown, again; /* a heap that grows, what was given back and taken again */
	double large;        /* blocks that are mapped by themselves and that a huge page fits into */
	double unlooked;     /* of these, those that nobody looked at */
	double touched;      /* of the others, those that were touched */
	double within;       /* of touched ones, those in whole huge pages, in the mean over where blocks may lie */
	double cleared;      /* of the huge pages that these are in, likewise */
	double small;        /* smaller blocks that are mapped by themselves */
	double behind;       /* of these, those that came after the heap had grown */
	double vacated;      /* of these and of what grew, what came after as much of smaller blocks had gone */
	double zeroed;       /* of both kinds, what calloc gave */
	double large_zeroed; /* likewise, of the large */
};

/* Of them, those that come in huge pages. */
struct huge {
	double touched; /* of a heap that grows, whether or not they do */
	double grown;
	double reach; /* heaps that grow so large that there is one */
};

static const double huge_page = LARGE_PAGE_BYTES / (double)PAGE_BYTES;

static double pages_of(uint64_t bytes) {
	return (double)bytes / PAGE_BYTES;
}

/* What was more than it is part of was written by nobody who counted. */
static double part_of(uint64_t bytes, double pages) {
	return fmin(pages_of(bytes), pages);
}

/* What the C library maps by itself; realloc's is not known. */
static void add_mapped(const struct counts_sums *sums, struct heap *heap) {
	heap->large = pages_of(sums->large_bytes);
	double looked = part_of(sums->looked_bytes, heap->large);
	heap->unlooked = heap->large - looked;
	heap->touched = part_of(sums->touched_bytes, looked);
	heap->within = part_of(sums->within_bytes, heap->touched);
	heap->cleared = fmax(part_of(sums->cleared_bytes, looked), heap->within);
	heap->small = fmax(pages_of(sums->mapped_bytes) - heap->large, 0);
	heap->behind = part_of(sums->behind_bytes, heap->small);
	heap->vacated = part_of(sums->vacated_bytes, heap->small + heap->grown);
	heap->zeroed = part_of(sums->zeroed_bytes, heap->small + heap->large);
	heap->large_zeroed = part_of(sums->large_zeroed_bytes, fmin(heap->large, heap->zeroed));
}

static struct heap heap_of(const struct record *record) {
	double peak = (double)record->peak_bytes * (double)record->processes, grown = (double)record->sums.grown_bytes;
	double first = fmin(grown, peak);
	struct heap heap = {.grown = first / PAGE_BYTES, .again = (grown - first) / PAGE_BYTES};
	add_mapped(&record->sums, &heap);
	return heap;
}

/* A heap's begin lies anyhow within a huge page: where the first lies that is in a piece is uniform about `singles`,
 * half of one to either side. */
static void reach_huge(double pages, double heaps, const struct costs *costs, struct huge *huge) {
	const struct costs_figure *figures[] = {&costs->figures[COSTS_PLAIN][COSTS_ROW_SINGLES],
						&costs->figures[COSTS_HUGE][COSTS_ROW_SINGLES]};
	double singles = figures[0]->ns + figures[1]->ns;
	double past = fmax(pages / heaps - singles + huge_page / 2, 0);
	huge->touched = pages;
	huge->reach = heaps * fmin(past / huge_page, 1);
	huge->grown = heaps * (past < huge_page ? past * past / huge_page / 2 : past - huge_page / 2);
}

static double faults_of_files(const struct record *record) {
	double processes = (double)record->processes;
	return record->start_faults ? (double)record->start_faults + processes * LATER_FAULTS : processes * FILE_FAULTS;
}

/* What of the heap, and of what nobody looked at, is touched is half of it or all, and the faults that neither files
 * nor blocks mapped by themselves explain. */
static struct advice_range touched_of(const struct record *record, const struct heap *heap) {
	double given = heap->grown + heap->again + heap->unlooked;
	double faults = (double)record->minor_faults - heap->touched;
	double most = fmax(fmin(given, faults - (double)record->start_faults), 0);
	double least = fmax(most / 2, fmin(given, faults - faults_of_files(record) - heap->small));
	return (struct advice_range){(least + most) / 2, least, most};
}

/* Pages that calloc gave of a mapping have zeros already; what is read of them before it is written to takes two
 * faults. So many of those that are touched, `zeroed`, are that as there are faults that nothing else explains, to all
 * that may be. */
static struct advice_range twice_of(const struct record *record, const struct heap *heap, double touched,
				    double zeroed) {
	double faults = (double)record->minor_faults - heap->touched;
	double given = heap->grown + heap->again + heap->unlooked + heap->small;
	double most = fmin(zeroed, fmax(faults - (double)record->start_faults - touched, 0));
	double least = fmin(most, fmax(faults - faults_of_files(record) - given, 0));
	return (struct advice_range){(least + most) / 2, least, most};
}

/* By which a touch's difference grows where there is work beside it that all of a core's own caches are for, `pace_ns`
 * of it between two faults. */
static struct costs_figure more_beside(const struct costs *costs, double pace_ns) {
	const struct costs_figure *figures = &costs->figures[COSTS_HUGE][COSTS_ROW_BESIDE];
	size_t at = 1;
	while (at + 1 < COSTS_BESIDES && pace_ns > costs_beside_ns[at])
		at++;
	double from = costs_beside_ns[at - 1], way = advice_clamp((pace_ns - from) / (costs_beside_ns[at] - from));
	double ns = (1 - way) * figures[at - 1].ns + way * figures[at].ns;
	double error = hypot((1 - way) * figures[at - 1].error, way * figures[at].error);
	return (struct costs_figure){ns - figures[0].ns, hypot(error, figures[0].error)};
}

/* In the mean over faults, as far as looks saw how they follow each other; else as if they came all through the run. */
static struct costs_figure more_in_mean(const struct record *record, const struct costs *costs) {
	double seen = 0, touch = costs->figures[COSTS_PLAIN][COSTS_ROW_BESIDE].ns;
	double cpu = record_cpu_ns(record);
	struct costs_figure mean = {0, 0};
	for (size_t i = 0; i < RECORD_PACES; i++) {
		double faults = (double)record->fault_paces[i];
		struct costs_figure more = more_beside(costs, fmax(ldexp(0.75, (int)i) - touch, 0));
		mean.ns += faults * more.ns;
		mean.error += faults * more.error;
		seen += faults;
	}
	if (seen > 0)
		return (struct costs_figure){mean.ns / seen, mean.error / seen};
	return more_beside(costs, fmax(cpu / ((double)record->minor_faults + 1) - touch, 0));
}

/* A fault takes from the program a part of caches, TLBs and what branches are foretold by, which it pays for later. How
 * much it has of these is between nothing and all. Faults within a call that reads have nothing of it beside them: none
 * are, to all that what was read has pages. */
static void add_beside(struct advice_sum *sum, const struct record *record, const struct costs *costs, double pages) {
	struct costs_figure more = more_in_mean(record, costs);
	double in_reads = fmin((double)record->read_bytes / PAGE_BYTES, pages) / 2, beside = (pages - in_reads) / 2;
	advice_sum_add(sum, beside, &more, 0);
	sum->doubts[ADVICE_CAUSE_BESIDE] += beside * fabs(more.ns);
	sum->doubts[ADVICE_CAUSE_READS] += in_reads / 2 * fabs(more.ns);
}

/* Of blocks that nobody looked at nothing is in huge pages, or all that is touched. */
static double add_large(struct advice_sum *sum, const struct record *record, const struct costs *costs,
			const struct heap *heap, const struct advice_range *touched, double of_each) {
	const struct costs_figure *figures = costs->figures[COSTS_HUGE];
	const struct costs_figure *touch = &figures[COSTS_ROW_TOUCH], *twice = &figures[COSTS_ROW_TWICE];
	const struct costs_figure second = {twice->ns - touch->ns, hypot(twice->error, touch->error)};
	double unlooked = heap->unlooked * of_each / 2, pages = heap->within + unlooked;
	double of_large = heap->large > 0 ? heap->large_zeroed / heap->large : 0;
	double zeroed = (heap->touched + 2 * unlooked) * of_large + heap->zeroed - heap->large_zeroed;
	double of_zeroed = zeroed > 0 ? pages * of_large / zeroed : 0;
	const struct advice_range range = twice_of(record, heap, touched->lower, zeroed);
	advice_sum_add(sum, pages, touch, ADVICE_CALL_DOUBT);
	sum->doubts[ADVICE_CAUSE_ENDS] += unlooked * fabs(touch->ns);
	advice_sum_add(sum, range.point * of_zeroed, &second, ADVICE_CALL_DOUBT);
	sum->doubts[ADVICE_CAUSE_TWICE] += (range.upper - range.lower) / 2 * of_zeroed * fabs(second.ns);
	return pages;
}

/* Where the heap grows by huge pages, what is left of its last piece takes blocks, as far as they fit, that are mapped
 * by themselves otherwise: from none to what the pieces that it has without them leave, and one more, where it grew
 * before them. Of these as many lie in huge pages as of a heap that is so much larger. And the places of blocks that
 * were freed take others, and what the heap grows, whose pages were touched already. */
static double add_carved(struct advice_sum *sum, const struct record *record, const struct costs *costs,
			 const struct heap *heap, const struct huge *huge) {
	const struct costs_figure *touch = &costs->figures[COSTS_HUGE][COSTS_ROW_TOUCH];
	double heaps = (double)record->processes, of_each = heap->grown / heaps;
	double left = (ceil(of_each / huge_page) + 1) * huge_page - of_each;
	struct huge with = {0};
	reach_huge(huge->touched + fmin(heap->behind, heaps * left), heaps, costs, &with);
	double most = with.grown - huge->grown + heap->vacated;
	most = fmin(most, heap->small + fmax(heap->grown - huge->grown, 0));
	advice_sum_add(sum, most / 2, touch, ADVICE_CALL_DOUBT);
	sum->doubts[ADVICE_CAUSE_CARVED] += most / 2 * fabs(touch->ns);
	return most / 2;
}

/* The rest of a huge page is cleared as well, where the heap ends or what is used of a large block. */
struct advice_sum advice_sum_of_heap(const struct record *record, const struct costs *costs) {
	struct advice_sum sum = {0};
	struct huge huge = {0};
	const struct costs_figure *figures = costs->figures[COSTS_HUGE];
	const struct heap heap = heap_of(record);
	double given = heap.grown + heap.again + heap.unlooked;
	const struct advice_range touched = touched_of(record, &heap);
	double of_each = given > 0 ? touched.point / given : 0;
	reach_huge(heap.grown * of_each, (double)record->processes, costs, &huge);
	advice_sum_add(&sum, huge.grown, &figures[COSTS_ROW_GROWTH], ADVICE_CALL_DOUBT);
	advice_sum_add(&sum, heap.again * of_each, &figures[COSTS_ROW_AGAIN], ADVICE_CALL_DOUBT);
	sum.doubts[ADVICE_CAUSE_PAGES] +=
		(touched.upper - touched.lower) / (touched.upper + touched.lower + 1) * fabs(sum.ns);
	double large = add_large(&sum, record, costs, &heap, &touched, of_each);
	sum.doubts[ADVICE_CAUSE_ENDS] +=
		ADVICE_DEVIATIONS * huge.reach * figures[COSTS_ROW_SINGLES].error * fabs(figures[COSTS_ROW_GROWTH].ns);
	double carved = add_carved(&sum, record, costs, &heap, &huge), end = huge.reach * huge_page / 2;
	add_beside(&sum, record, costs, huge.grown + heap.again * of_each + large + carved);
	add_untouched(&sum, end, end, costs, COSTS_ROW_GROWTH);
	add_untouched(&sum, heap.cleared - heap.within, 0, costs, COSTS_ROW_TOUCH);
	return sum;
}

struct advice_sum advice_sum_of_starts(const struct record *record, const struct costs *costs,
				       enum costs_setting setting) {
	struct advice_sum sum = {0};
	const struct costs_figure *figures = costs->figures[setting];
	advice_sum_add(&sum, 1, &figures[COSTS_ROW_START], ADVICE_CALL_DOUBT);
	if (record->processes > 1)
		advice_sum_add(&sum, (double)(record->processes - 1), &figures[COSTS_ROW_CHILD_START],
			       ADVICE_CALL_DOUBT);
	if (setting != COSTS_RECORDED)
		advice_sum_add(&sum, (double)record->processes, &figures[COSTS_ROW_END], ADVICE_CALL_DOUBT);
	return sum;
}
