/* SPDX-License-Identifier: Apache-2.0
 *
 * How long a load takes that waits for the one before it, over the size of what is read.
 *
 *   machine/latency/PAGE/SPACING/SIZE
 *
 * Pointers in one random cycle (chase.h) through a buffer of pages of PAGE: one a line of 64 bytes, one a pair of lines
 * (which a core may fetch together), one a page (so that a TLB is reached long before the caches are; each page has it
 * at another line). Addresses are random, so that no prefetcher knows the next; the caches hold SIZE at spacing `line`,
 * half as many lines at `pair`.
 */
#include "bench/suites/machine_latency.h"
#include "bench/consume.h"
#include "bench/suites.h"
#include "bench/suites/chase_memory.h"
#include "bench/suites/ladder_sizes.h"
#include "bench/suites/row_text.h"
#include "lib/units.h"
#include "platform.h"

enum spacing { SPACING_LINE, SPACING_PAIR, SPACING_PAGE };

static const char *const spacing_names[] = {"line", "pair", "page"};

/* Steps of four pages: 16 KiB, 8 MiB. */
enum { FIRST_OF_PAGES = 4 * LADDER_AN_OCTAVE, FIRST_OF_LARGE_PAGES = 13 * LADDER_AN_OCTAVE };

/* Sizes from step `first` on: four elements at the least. A page of 1 GiB is never one of several. */
static const struct family {
	uint8_t page, spacing, first;
} families[] = {
	{0, SPACING_LINE, 0}, {0, SPACING_PAIR, 0}, {0, SPACING_PAGE, FIRST_OF_PAGES},
	{1, SPACING_LINE, 0}, {1, SPACING_PAIR, 0}, {1, SPACING_PAGE, FIRST_OF_LARGE_PAGES},
	{2, SPACING_LINE, 0}, {2, SPACING_PAIR, 0},
};
enum { FAMILY_COUNT = sizeof families / sizeof families[0] };

/* What a row is made of, and struct benchmark's parameter. */
struct place {
	unsigned page;
	enum spacing spacing;
	uint64_t bytes;
};

enum { PAGE_SHIFT_IN = 60, SPACING_SHIFT_IN = 56, SIZE_MASK_BITS = 56 };

static uint64_t place_pack(const struct place *place) {
	return (uint64_t)place->page << PAGE_SHIFT_IN | (uint64_t)place->spacing << SPACING_SHIFT_IN | place->bytes;
}

static struct place place_unpack(uint64_t packed) {
	return (struct place){
		.page = (unsigned)(packed >> PAGE_SHIFT_IN),
		.spacing = (enum spacing)(packed >> SPACING_SHIFT_IN & 0xf),
		.bytes = packed & ((UINT64_C(1) << SIZE_MASK_BITS) - 1),
	};
}

static uint64_t element_bytes(const struct place *place) {
	switch (place->spacing) {
	case SPACING_LINE:
		return CHASE_LINE_BYTES;
	case SPACING_PAIR:
		return 2 * CHASE_LINE_BYTES;
	default:
		return chase_page_bytes[place->page];
	}
}

/* ---- set-up ------------------------------------------------------------------------------------------------------ */

static void teardown(const struct benchmark *benchmark, struct bench_context *context) {
	(void)benchmark;
	chase_memory_give(context->state);
}

static enum bench_setup_result setup(const struct benchmark *benchmark, struct bench_context *context) {
	static struct chase chase; /* one benchmark exists at a time */
	const struct place place = place_unpack(benchmark->parameter);
	const struct chase_shape shape = {
		.page = place.page,
		.element_bytes = element_bytes(&place),
		.count = place.bytes / element_bytes(&place),
		.stagger = place.spacing == SPACING_PAGE ? chase_page_bytes[place.page] - 1 : 0,
	};
	return chase_set_up(&chase, &shape, context);
}

/* ---- the loop ---------------------------------------------------------------------------------------------------- */

static void run(void *argument, uint64_t iterations) {
	struct chase *chase = argument;
	void **at = chase_follow(chase->at, iterations);
	bench_consume((uint64_t)(uintptr_t)at);
	chase->at = at;
}

/* ---- the rows ---------------------------------------------------------------------------------------------------- */

static void describe(const struct place *place, struct row_text *text) {
	static const char *const what[] = {"line of 64 bytes", "pair of lines", "page"};
	row_word(text, "one load that waits for the one before, one a ");
	row_word(text, what[place->spacing]);
	row_word(text, ", random, over ");
	row_size(text, place->bytes);
	row_word(text, " in pages of ");
	row_size(text, chase_page_bytes[place->page]);
}

static const struct benchmark model = {
	.unit = BENCH_UNIT_ELEMENTS, .per_iteration = 1, .setup = setup, .run = run, .teardown = teardown};

static void make_row(const struct place *place, struct bench_row *row) {
	struct row_text name = {row->name, sizeof row->name, 0};
	struct row_text iteration = {row->iteration, sizeof row->iteration, 0};
	row_word(&name, "machine/latency/");
	row_size(&name, chase_page_bytes[place->page]);
	row_word(&name, "/");
	row_word(&name, spacing_names[place->spacing]);
	row_word(&name, "/");
	row_size(&name, place->bytes);
	describe(place, &iteration);
	uint64_t pages = (place->bytes + chase_page_bytes[place->page] - 1) / chase_page_bytes[place->page];
	row->benchmark = model;
	row->benchmark.name = row->name;
	row->benchmark.iteration = row->iteration;
	row->benchmark.memory_bytes = pages * chase_page_bytes[place->page];
	row->benchmark.parameter = place_pack(place);
}

static void make(size_t index, struct bench_row *row) {
	const struct family *family = families;
	for (; index >= (size_t)LADDER_SIZES - family->first; family++)
		index -= (size_t)LADDER_SIZES - family->first;
	const struct place place = {family->page, (enum spacing)family->spacing,
				    ladder_size(family->first + (unsigned)index)};
	make_row(&place, row);
}

bool machine_latency_row(uint64_t bytes_of_page, uint64_t bytes, struct bench_row *row) {
	struct place place = {.page = 0, .spacing = SPACING_LINE, .bytes = bytes};
	while (place.page < CHASE_PAGE_SIZES && chase_page_bytes[place.page] != bytes_of_page)
		place.page++;
	if (place.page == CHASE_PAGE_SIZES || bytes < 4 * CHASE_LINE_BYTES || bytes % CHASE_LINE_BYTES != 0)
		return false;
	make_row(&place, row);
	return true;
}

const struct bench_suite suite_machine_latency = {
	.name = "machine/latency",
	.count = FAMILY_COUNT * LADDER_SIZES - FIRST_OF_PAGES - FIRST_OF_LARGE_PAGES,
	.make = make,
};
