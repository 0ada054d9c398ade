/* SPDX-License-Identifier: Apache-2.0
 *
 * How many pages the TLBs reach, and what a walk of the page tables takes.
 *
 *   machine/pages/reach/PAGE/STRIDE/COUNT   COUNT pages of PAGE, STRIDE pages from one to the next
 *   machine/pages/held/STRIDE/COUNT         lines where reach/4KiB/STRIDE/COUNT has them, in pages of 2 MiB
 *
 * Loads wait for each other (chase.h), one line a page, each page's at another place in it, so that they are spread
 * over the sets of caches. From stride 2 on a larger cache may be indexed by what they have in common; where the pages'
 * memory is contiguous, as the image's is, the lines of the other family have it, too. What one takes less the other is
 * the TLBs' and the walks', as far as the large pages are held: a host that makes small ones of them shows in both.
 *
 * STRIDE says which entries a walk reads, and which sets of a TLB the pages share. An entry has eight bytes: of
 * neighbouring pages eight share a line of the page table, at stride 8 each has its own, at stride 512 each page has
 * a table of its own. Source: Intel SDM volume 3A, 4.5 (4-KByte tables of 512 entries); Arm ARM (DDI 0487), D8.2 (4 KiB
 * granule).
 */
#include "bench/consume.h"
#include "bench/suites.h"
#include "bench/suites/chase_memory.h"
#include "bench/suites/row_text.h"
#include "lib/units.h"

/* From four pages on. */
enum { AN_OCTAVE_MOST = 4, COUNT_SHIFT = 12, COUNT_MOST = 65536 };

/* Pages of index `page`, in which elements are `stride` pages of index `unit` apart. */
struct family {
	const char *name;
	uint8_t page, unit, an_octave;
	uint16_t stride;
	uint64_t bytes_most;
};

#define GIB(n) ((uint64_t)(n) << 30)
static const struct family families[] = {
	{"reach", 0, 0, 4, 1, GIB(1)},   {"reach", 0, 0, 2, 2, GIB(1)},  {"reach", 0, 0, 2, 4, GIB(1)},
	{"reach", 0, 0, 2, 8, GIB(1)},   {"reach", 0, 0, 2, 16, GIB(1)}, {"reach", 0, 0, 2, 64, GIB(1)},
	{"reach", 0, 0, 2, 512, GIB(1)}, {"reach", 1, 1, 4, 1, GIB(8)},  {"reach", 1, 1, 2, 8, GIB(8)},
	{"reach", 2, 2, 4, 1, GIB(64)},  {"held", 1, 0, 4, 1, GIB(1)},   {"held", 1, 0, 2, 8, GIB(1)},
	{"held", 1, 0, 2, 512, GIB(1)},
};
enum { FAMILIES = sizeof families / sizeof families[0] };

static uint64_t count_of_step(const struct family *family, unsigned step) {
	static const uint64_t quarters[AN_OCTAVE_MOST] = {16384, 19484, 23170, 27554}; /* 2^(i/4) * 2^14 */
	unsigned quarter = step * (AN_OCTAVE_MOST / family->an_octave);
	uint64_t exact = quarters[quarter % AN_OCTAVE_MOST] << (quarter / AN_OCTAVE_MOST);
	return (exact + (1 << (COUNT_SHIFT - 1))) >> COUNT_SHIFT;
}

static struct chase_shape shape_of(const struct family *family, uint64_t count) {
	uint64_t unit = chase_page_bytes[family->unit];
	return (struct chase_shape){
		.page = family->page,
		.element_bytes = family->stride * unit,
		.count = count,
		.stagger = unit - 1,
	};
}

static size_t steps_of(const struct family *family) {
	size_t steps = 0;
	for (uint64_t count; (count = count_of_step(family, (unsigned)steps)) <= COUNT_MOST; steps++)
		if (count * family->stride * chase_page_bytes[family->unit] > family->bytes_most)
			break;
	return steps;
}

/* ---- set-up, and the loop ---------------------------------------------------------------------------------------- */

enum { FAMILY_SHIFT = 32 };

static void teardown(const struct benchmark *benchmark, struct bench_context *context) {
	(void)benchmark;
	chase_memory_give(context->state);
}

static enum bench_setup_result setup(const struct benchmark *benchmark, struct bench_context *context) {
	static struct chase chase; /* one benchmark exists at a time */
	const struct chase_shape shape =
		shape_of(&families[benchmark->parameter >> FAMILY_SHIFT], (uint32_t)benchmark->parameter);
	return chase_set_up(&chase, &shape, context);
}

static void run(void *argument, uint64_t iterations) {
	struct chase *chase = argument;
	void **at = chase_follow(chase->at, iterations);
	bench_consume((uint64_t)(uintptr_t)at);
	chase->at = at;
}

/* ---- the rows ---------------------------------------------------------------------------------------------------- */

static void describe(const struct family *family, uint64_t count, struct row_text *text) {
	row_word(text, "one load that waits for the one before, one a page, over ");
	row_number(text, count);
	row_word(text, " pages of ");
	row_size(text, chase_page_bytes[family->unit]);
	if (family->stride != 1) {
		row_word(text, ", every ");
		row_number(text, family->stride);
		row_word(text, "th");
	}
	if (family->page != family->unit) {
		row_word(text, ", made of pages of ");
		row_size(text, chase_page_bytes[family->page]);
	}
}

static void make_row(const struct family *family, uint64_t count, struct bench_row *row) {
	const struct chase_shape shape = shape_of(family, count);
	struct row_text name = {row->name, sizeof row->name, 0};
	struct row_text iteration = {row->iteration, sizeof row->iteration, 0};
	row_word(&name, "machine/pages/");
	row_word(&name, family->name);
	row_word(&name, "/");
	if (family->page == family->unit) {
		row_size(&name, chase_page_bytes[family->page]);
		row_word(&name, "/");
	}
	row_number(&name, family->stride);
	row_word(&name, "/");
	row_number(&name, count);
	describe(family, count, &iteration);
	row->benchmark = (struct benchmark){
		.name = row->name,
		.iteration = row->iteration,
		.unit = BENCH_UNIT_ELEMENTS,
		.per_iteration = 1,
		.memory_bytes = chase_memory_bytes(&shape),
		.parameter = (uint64_t)(family - families) << FAMILY_SHIFT | count,
		.quick_ns = 24 * NS_PER_MS,
		.setup = setup,
		.run = run,
		.teardown = teardown,
	};
}

static void make(size_t index, struct bench_row *row) {
	const struct family *family = families;
	for (size_t steps; index >= (steps = steps_of(family)); family++)
		index -= steps;
	make_row(family, count_of_step(family, (unsigned)index), row);
}

static size_t count_made(void) {
	size_t count = 0;
	for (unsigned i = 0; i < FAMILIES; i++)
		count += steps_of(&families[i]);
	return count;
}

const struct bench_suite suite_machine_pages = {.name = "machine/pages", .count_made = count_made, .make = make};
