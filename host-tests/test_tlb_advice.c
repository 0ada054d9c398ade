/* SPDX-License-Identifier: Apache-2.0
 *
 * Advice on the software TLB: counts are the TLB's own, what is chosen follows the rule, ratios are those of the times.
 * No test looks at how long anything took.
 */
#include "bench/rng.h"
#include "host-tests/stream_model.h"
#include "hosted/stream/read.h"
#include "hosted/stream/simulate.h"
#include "hosted/stream/tlb_advice.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ACCESSES = 60000, BYTES_MOST = 64 << 20 };

static struct stream_writer writer;
static const struct stream_note note = {.address_bits = 64, .page_shift = 12, .has_fetches = true, .source = "made up"};
static char name[] = "/tmp/anechoic-advice-XXXXXX";

/* A file with a model's stream, or with these events where there is none; the caller removes it. */
static void write_file(const struct stream_model *model, const struct stream_event *events, size_t count) {
	memcpy(name + strlen(name) - 6, "XXXXXX", 6);
	int file = mkstemp(name);
	FILE *stream = file < 0 ? NULL : fdopen(file, "w+b");
	cr_assert(stream != NULL);
	stream_writer_start(&writer, stream, &note);
	if (model)
		model->write(&writer, model->seed, ACCESSES);
	for (size_t i = 0; i < count; i++)
		stream_write(&writer, events[i]);
	cr_assert(stream_writer_end(&writer));
	fclose(stream);
}

/* ---- counts ------------------------------------------------------------------------------------------------------ */

static uint64_t walks;

static int walk(void *owner, uint64_t address, uint32_t asid, enum tlb_access access, struct tlb_mapping *mapping) {
	(void)owner;
	(void)asid;
	(void)access;
	walks++;
	mapping->host = (void *)(uintptr_t)(address & ~UINT64_C(4095));
	mapping->rights = TLB_RIGHT_READ | TLB_RIGHT_WRITE | TLB_RIGHT_EXECUTE;
	return 0;
}

static void use(struct tlb *tlb, const struct stream_event *event) {
	void *host;
	if (event->kind < STREAM_ACCESS_KINDS)
		cr_assert_eq(tlb_translate(tlb, event->address, (enum tlb_access)event->kind, &host), 0);
	else if (event->kind == STREAM_SWITCH)
		cr_assert_eq(tlb_switch_asid(tlb, (uint32_t)event->address), 0);
	else if (event->kind == STREAM_FLUSH_SPACE)
		cr_assert_eq(tlb_flush_asid(tlb, (uint32_t)event->address), 0);
	else if (event->kind == STREAM_FLUSH_PAGE)
		cr_assert_eq(tlb_flush_page(tlb, tlb->asid, event->address), 0);
	else
		tlb_flush_all(tlb);
}

/* What mem/tlb.c, as this program links it, makes of the file. */
static void count_by_hand(const struct stream_shape *shape, uint64_t *refills) {
	static struct tlb tlb;
	struct stream_event events[512];
	struct text complaint = {0};
	struct tlb_config config = {.entries = shape->entries, .asids = shape->asids, .page_bytes = 4096, .walk = walk};
	size_t bytes = tlb_bytes_needed(shape->entries, shape->asids);
	void *memory = aligned_alloc(TLB_ALIGNMENT, (bytes + 63) & ~UINT64_C(63));
	FILE *file = fopen(name, "rb");
	struct stream_reader *reader = stream_open(file, name, STREAM_WHOLE, &complaint);
	cr_assert(reader && tlb_init(&tlb, memory, bytes, &config) == 0);
	walks = 0;
	for (long count; (count = stream_read(reader, events, 512, &complaint)) > 0;)
		for (long i = 0; i < count; i++)
			use(&tlb, &events[i]);
	*refills = tlb.refills;
	stream_close(reader);
	fclose(file);
	free(memory);
}

static struct stream_counts counted(const struct stream_shape *shape) {
	struct text complaint = {0};
	struct stream_counts counts;
	cr_assert_eq(stream_simulate(name, shape, 1, BYTES_MOST, &counts, &complaint), 0);
	return counts;
}

Test(tlb_advice, counts_are_those_of_the_tlb_itself) {
	for (const struct stream_model *model = stream_models; model->name; model++) {
		struct stream_shape shape = {
			.slot_bits = TLB_SLOT_BITS, .ways = TLB_WAYS, .entries = 256, .asids = 2, .page_shift = 12};
		uint64_t refills;
		write_file(model, NULL, 0);
		struct stream_counts counts = counted(&shape);
		count_by_hand(&shape, &refills);
		cr_expect(counts.walks + counts.fresh == walks && counts.refills == refills &&
				  counts.accesses == ACCESSES,
			  "%s: %lu and %lu, not %lu and %lu", model->name, (unsigned long)(counts.walks + counts.fresh),
			  (unsigned long)counts.refills, (unsigned long)walks, (unsigned long)refills);
		unlink(name);
	}
}

/* In no order, over pages and spaces few enough that all meet; one event in forty is no access. */
Test(tlb_advice, every_kind_of_event_is_counted_as_the_tlb_itself_does) {
	enum { EVENTS = 20000, PAGES = 300, SPACES = 3 };
	static struct stream_event events[EVENTS];
	struct rng rng = rng_seeded(1);
	struct stream_shape shape = {
		.slot_bits = TLB_SLOT_BITS, .ways = TLB_WAYS, .entries = 128, .asids = SPACES, .page_shift = 12};
	uint64_t refills, flushes = 0, switches = 0, accesses = 0;
	for (size_t i = 0; i < EVENTS; i++) {
		uint8_t kind = rng_below(&rng, 40) == 0 ? STREAM_SWITCH + (uint8_t)rng_below(&rng, 4)
							: (uint8_t)rng_below(&rng, STREAM_ACCESS_KINDS);
		bool has_page = kind < STREAM_ACCESS_KINDS || kind == STREAM_FLUSH_PAGE;
		uint64_t address = has_page                   ? (uint64_t)rng_below(&rng, PAGES) << 12
				   : kind == STREAM_FLUSH_ALL ? 0
							      : rng_below(&rng, SPACES);
		events[i] = (struct stream_event){address, kind};
		flushes += kind == STREAM_FLUSH_SPACE || kind == STREAM_FLUSH_ALL;
		switches += kind == STREAM_SWITCH;
		accesses += kind < STREAM_ACCESS_KINDS;
	}
	write_file(NULL, events, EVENTS);
	struct stream_counts counts = counted(&shape);
	count_by_hand(&shape, &refills);
	unlink(name);
	cr_expect(counts.walks + counts.fresh == walks && counts.refills == refills && refills > 0,
		  "%lu and %lu, not %lu and %lu", (unsigned long)(counts.walks + counts.fresh),
		  (unsigned long)counts.refills, (unsigned long)walks, (unsigned long)refills);
	cr_expect(counts.accesses == accesses && counts.flushes == flushes && counts.switches == switches);
}

static struct stream_event read_of(uint64_t page) {
	return (struct stream_event){page << 12, STREAM_READ};
}

Test(tlb_advice, counts_that_are_known_on_paper) {
	struct stream_event events[64];
	for (uint64_t i = 0; i < 64; i++)
		events[i] = read_of(i / 2 % 2 << 10); /* two pages of one slot of 2^10, each twice */
	struct stream_shape shape = {.slot_bits = 10, .ways = 4, .entries = 64, .asids = 1, .page_shift = 12};
	write_file(NULL, events, 64);
	struct stream_counts counts = counted(&shape);
	cr_expect(counts.fresh == 1 && counts.walks == 1 && counts.refills == 30, "one slot");
	shape.slot_bits = 12;
	counts = counted(&shape);
	cr_expect(counts.fresh == 2 && counts.walks == 0 && counts.refills == 0, "slots of their own");
	shape.page_shift = 22;
	counts = counted(&shape);
	cr_expect(counts.fresh == 2 && counts.refills == 0, "4 MiB apart");
	shape.page_shift = 23;
	cr_expect_eq(counted(&shape).fresh, 1, "one page of 8 MiB");
	shape = (struct stream_shape){
		.slot_bits = 12, .ways = 4, .entries = 64, .asids = 1, .page_shift = 12, .flush_every = 16};
	counts = counted(&shape);
	cr_expect(counts.fresh == 8 && counts.flushes == 4, "two pages in each of four parts");
	unlink(name);
}

Test(tlb_advice, a_switch_flushes_where_there_is_one_space) {
	const struct stream_event events[] = {read_of(1), {1, STREAM_SWITCH},      read_of(1), {0, STREAM_SWITCH},
					      read_of(1), {1, STREAM_FLUSH_SPACE}, read_of(1)};
	struct stream_shape shape = {.slot_bits = 10, .ways = 2, .entries = 64, .asids = 2, .page_shift = 12};
	write_file(NULL, events, 7);
	struct stream_counts counts = counted(&shape);
	cr_expect(counts.walks + counts.fresh == 2 && counts.switches == 2 && counts.flushes == 1, "with spaces");
	shape.asids = 1;
	counts = counted(&shape);
	cr_expect(counts.walks + counts.fresh == 4 && counts.switches == 0 && counts.flushes == 3, "without");
	unlink(name);
}

Test(tlb_advice, a_file_is_read_again_for_shapes_that_do_not_fit) {
	struct stream_given given = {.spaces = 2, .page_shift = 12};
	struct stream_shape shapes[6];
	struct stream_counts at_once[6], one_by_one[6];
	struct text complaint = {0};
	for (unsigned i = 0; i < 6; i++) {
		shapes[i] = stream_shape_default(&given);
		shapes[i].slot_bits = 10 + i % 3 * 2;
		shapes[i].entries = 64u << i;
	}
	write_file(&stream_models[10], NULL, 0);
	cr_assert_eq(stream_simulate(name, shapes, 6, BYTES_MOST, at_once, &complaint), 0);
	cr_assert_eq(stream_simulate(name, shapes, 6, 1, one_by_one, &complaint), 0);
	cr_expect_eq(memcmp(at_once, one_by_one, sizeof(at_once)), 0);
	unlink(name);
	cr_expect_eq(stream_simulate(name, shapes, 6, 1, one_by_one, &complaint), -1);
	cr_expect(complaint.length > 0);
	text_free(&complaint);
}

Test(tlb_advice, every_size_that_is_compiled_in_is_what_it_says) {
	for (size_t i = 0; i < STREAM_VARIANT_COUNT; i++) {
		const struct stream_variant *variant = stream_variants[i];
		cr_expect_eq(stream_variant_find(variant->slot_bits, variant->ways), variant);
		cr_expect(variant->tlb_bytes > 5u << (variant->slot_bits + 3) &&
			  variant->tlb_bytes < (6u << (variant->slot_bits + 3)) + (1 << 16));
	}
	cr_expect_null(stream_variant_find(11, 4));
	struct stream_shape shape = {.slot_bits = 10, .ways = 4, .entries = 63, .asids = 1, .page_shift = 12};
	cr_expect_eq(stream_shape_bytes(&shape), 0);
}

/* ---- the choice -------------------------------------------------------------------------------------------------- */

struct made_up {
	double (*time)(const struct stream_shape *shape);
	size_t told;
};

static int tell(void *owner, const struct stream_row *first, struct stream_row *rows, size_t count) {
	struct made_up *made_up = owner;
	for (size_t i = 0; i < count; i++)
		for (size_t draw = 0; draw <= STREAM_DRAWS; draw++)
			rows[i].ratio.draws[draw] = made_up->time(&rows[i].shape) / made_up->time(&first->shape);
	made_up->told += count;
	return 0;
}

/* From 2^14 slots and 1024 entries on nothing gains more. */
static double enough(const struct stream_shape *shape) {
	double slots = shape->slot_bits < 14 ? 14 - shape->slot_bits : 0;
	return 10 + slots + (shape->entries < 1024 ? 5 : 0) + (shape->ways == 2 ? 1 : 0) + (shape->asids == 1 ? 4 : 0);
}

/* Flushes are cheaper than what spaces of their own cost, and two ways than four. */
static double without_spaces(const struct stream_shape *shape) {
	return 10 + (shape->asids == 1 ? 0 : 3) + shape->ways + (shape->slot_bits > 12 ? 2 : 0);
}

static double within_a_hundredth(const struct stream_shape *shape) {
	return 1000 - shape->slot_bits / 2.0;
}

/* What is best of the slots before a large store is not best before the small one, nor with the ways
 * that this wants. */
static double only_together(const struct stream_shape *shape) {
	bool small = shape->entries <= 1024, two = shape->ways == 2;
	return 20 - (small ? 3 : 0) - (small && two ? 3 : 0) -
	       (shape->slot_bits == 18                   ? (small && two ? 0 : 1)
		: shape->slot_bits == 12 && small && two ? 3
							 : 0);
}

/* Two ways are best with few entries alone, and with many others are. */
static double few_for_two(const struct stream_shape *shape) {
	return 20 - (shape->ways == 2 && shape->entries <= 256 ? 4 : 0) -
	       (shape->ways == 4 && shape->entries == STREAM_ENTRIES_MOST ? 2 : 0);
}

static struct stream_shape chosen_by(double (*time)(const struct stream_shape *), struct stream_rows *rows) {
	struct stream_given given = {.spaces = 3, .page_shift = 12};
	struct made_up made_up = {time, 0};
	cr_assert_eq(stream_search(&given, tell, &made_up, rows), 0);
	cr_expect(made_up.told >= rows->count && made_up.told < 5 * rows->count);
	cr_expect(3 * rows->count < 252, "%zu of 252", rows->count);
	return rows->rows[stream_choice(rows)].shape;
}

Test(tlb_advice, the_search_finds_what_a_sweep_finds) {
	static double (*const times[])(const struct stream_shape *) = {enough, without_spaces, within_a_hundredth,
								       only_together, few_for_two};
	static struct stream_rows rows, all;
	struct stream_given given = {.spaces = 3, .page_shift = 12};
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		struct made_up made_up = {times[i], 0};
		struct stream_shape found = chosen_by(times[i], &rows);
		cr_assert_eq(stream_sweep(&given, tell, &made_up, &all), 0);
		cr_expect_eq(all.count, 6 * 3 * 7 * 2);
		const struct stream_shape *best = &all.rows[stream_choice(&all)].shape;
		cr_expect(stream_shape_bytes(&found) == stream_shape_bytes(best) &&
				  times[i](&found) <= 1.01 * times[i](&all.rows[stream_fastest(&all)].shape),
			  "%zu: 2^%u %u %u %u", i, found.slot_bits, found.ways, found.entries, found.asids);
	}
}

/* And the next number of slots, up to the default's. */
Test(tlb_advice, the_rule_takes_the_least_memory_within_a_hundredth) {
	static struct stream_rows rows;
	struct stream_shape found = chosen_by(within_a_hundredth, &rows);
	cr_expect(found.slot_bits == 12 && found.entries == STREAM_ENTRIES_LEAST && found.asids == 1);
	found = chosen_by(enough, &rows);
	cr_expect(found.slot_bits == 16 && found.entries == 1024 && found.asids == 3 && found.ways == 4);
	struct stream_shape first = rows.rows[0].shape;
	cr_expect(first.slot_bits == 16 && first.ways == 4 && first.entries == 4096 && first.asids == 3);
}

/* Rows of one shape but for the slots; draws of the second are as far as `apart` from what the fastest takes, the
 * first. */
static size_t chosen_of_two(double apart, unsigned fastest_bits, unsigned bits) {
	static struct stream_rows rows;
	struct stream_given given = {.spaces = 1, .page_shift = 12};
	rows.count = 2;
	rows.rows[0].shape = rows.rows[1].shape = stream_shape_default(&given);
	rows.rows[0].shape.slot_bits = fastest_bits;
	rows.rows[1].shape.slot_bits = bits;
	for (size_t draw = 0; draw <= STREAM_DRAWS; draw++) {
		rows.rows[0].ratio.draws[draw] = 1;
		rows.rows[1].ratio.draws[draw] = 1.005 + (draw % 5 == 1 ? apart : 0);
	}
	return stream_choice(&rows);
}

Test(tlb_advice, less_memory_is_taken_where_all_of_the_interval_is_within_a_hundredth) {
	cr_expect_eq(chosen_of_two(0.004, 18, 10), 1);
	cr_expect_eq(chosen_of_two(0.01, 18, 10), 0, "a part in which it is slower");
	cr_expect_eq(chosen_of_two(0.004, 16, 10), 0, "room that costs no time");
	cr_expect_eq(chosen_of_two(0.004, 16, 18), 0, "the fastest is the least");
}

/* ---- times ------------------------------------------------------------------------------------------------------- */

Test(tlb_advice, ratios_are_of_low_deciles_and_hold_their_interval) {
	enum { ROUNDS = 40 };
	double times[2 * ROUNDS];
	struct stream_ratio ratios[2], first;
	for (size_t i = 0; i < ROUNDS; i++) {
		times[i] = 100 + (double)(i % 10);
		times[ROUNDS + i] = 2 * times[i] + (i == 7 ? 1e6 : 0);
	}
	cr_assert(stream_time_ratios(times, 2, 1, ROUNDS, ratios, &first));
	struct stream_interval one = stream_interval_of(&ratios[0]), two = stream_interval_of(&ratios[1]);
	cr_expect(one.point == 1 && one.lower == 1 && one.upper == 1);
	cr_expect(fabs(two.point - 2) < 0.02 && two.lower <= two.point && two.upper >= two.point && two.upper < 2.2,
		  "%g [%g %g]", two.point, two.lower, two.upper);
	cr_expect(first.draws[0] >= 100 && first.draws[0] <= 101);
}

/* Two shapes' times of two parts, nine rounds without noise: the second is as fast in one part, and twice
 * as slow in the other. */
Test(tlb_advice, an_interval_holds_what_differs_from_part_to_part) {
	enum { ROUNDS = 9 };
	double times[2][2][ROUNDS], whole[2][ROUNDS];
	struct stream_ratio ratios[2], first;
	for (size_t i = 0; i < ROUNDS; i++) {
		times[0][0][i] = times[0][1][i] = times[1][0][i] = 10;
		times[1][1][i] = 20;
		whole[0][i] = 20;
		whole[1][i] = 30;
	}
	cr_assert(stream_time_ratios(&times[0][0][0], 2, 2, ROUNDS, ratios, &first));
	struct stream_interval ratio = stream_interval_of(&ratios[1]);
	cr_expect(ratio.point == 1.5 && ratio.lower == 1 && ratio.upper == 2, "%g [%g %g]", ratio.point, ratio.lower,
		  ratio.upper);
	cr_assert(stream_time_ratios(&whole[0][0], 2, 1, ROUNDS, ratios, &first));
	ratio = stream_interval_of(&ratios[1]);
	cr_expect(ratio.lower == 1.5 && ratio.upper == 1.5, "all of it in every draw");
}

Test(tlb_advice, times_are_taken_of_every_shape_in_batches) {
	struct stream_given given = {.spaces = 1, .page_shift = 12};
	struct stream_shape shapes[5];
	struct stream_ratio ratios[5] = {{{0}}};
	struct stream_interval first;
	uint64_t packed[3000];
	for (uint64_t i = 0; i < 3000; i++)
		packed[i] = stream_pack(read_of(i * 7919 % 500));
	for (unsigned i = 0; i < 5; i++) {
		shapes[i] = stream_shape_default(&given);
		shapes[i].slot_bits = 10 + i % 2 * 2;
		shapes[i].entries = 64u << i;
	}
	struct stream_sample sample = {packed, 3000, STREAM_PARTS_MOST, -1, 1, 1};
	cr_assert(stream_time(&sample, shapes, 5, ratios, &first));
	cr_expect(first.point > 0 && first.lower <= first.upper);
	cr_expect_eq(ratios[0].draws[0], 1);
	for (size_t i = 1; i < 5; i++)
		cr_expect(ratios[i].draws[0] > 0 && ratios[i].draws[STREAM_DRAWS] > 0, "shape %zu", i);
	sample.parts = 1;
	sample.walk_ns = 1e6; /* 500 walks of 1 ms in 3000 accesses are 167 us each, whatever else there is */
	cr_assert(stream_time(&sample, shapes, 2, ratios, &first));
	cr_expect(first.lower >= 1e6 * 500 / 3000, "%g", first.lower);
}

Test(tlb_advice, tables_hold_every_page_however_many) {
	struct tables tables;
	struct tlb_mapping mapping = {0};
	cr_assert(tables_start(&tables, 12));
	cr_expect_eq(tables_walk(&tables, 0x1000, 0, TLB_READ, &mapping), 1);
	tables_map(&tables, 0x1234);
	cr_assert_eq(tables_walk(&tables, 0x1fff, 0, TLB_READ, &mapping), 0);
	cr_expect_eq((uintptr_t)mapping.host, 0x1000);
	cr_expect_eq(tables_walk(&tables, 0x2000, 0, TLB_READ, &mapping), 1);
	for (uint64_t i = 0; i < 50000; i++)
		tables_map(&tables, i << 30);
	for (uint64_t i = 0; i < 50000; i++)
		cr_assert_eq(tables_walk(&tables, i << 30, 0, TLB_READ, &mapping), 0);
	tables_free(&tables);
}

/* ---- words ------------------------------------------------------------------------------------------------------- */

Test(tlb_advice, the_configuration_is_what_a_program_writes) {
	struct stream_shape shape = {.slot_bits = 12, .ways = 8, .entries = 1024, .asids = 2, .page_shift = 14};
	struct text text = {0};
	stream_write_config(&shape, &text);
	text_add(&text, "", 1);
	cr_expect_str_eq(text.bytes, "struct tlb_config config = {.entries = 1024, .asids = 2, .page_bytes = 16384, "
				     ".walk = walk, .owner = owner};");
	text_free(&text);
}

static bool has(const struct text *text, const char *words) {
	return strstr(text->bytes, words) != NULL;
}

Test(tlb_advice, a_saving_is_said_and_none_is_not) {
	static struct stream_advice advice;
	struct made_up made_up = {enough, 0};
	advice = (struct stream_advice){.name = "a.stream",
					.note = note,
					.default_ns = {2, 1.9, 2.1},
					.given = {.spaces = 1, .page_shift = 12}};
	cr_assert_eq(stream_advise(&advice, tell, &made_up), 0);
	struct text text = {0}, json = {0};
	stream_advice_show(&advice, &text);
	stream_advice_write(&advice, &json);
	text_add(&text, "", 1);
	text_add(&json, "", 1);
	cr_expect(has(&text, "-DTLB_SLOT_BITS=16 -DTLB_WAYS=4") && has(&text, "no time to gain, 2.69 MiB"), "%s",
		  text.bytes);
	cr_expect(has(&json, "\"saved\":{\"point\":0,\"lower\":0,\"upper\":0}"), "%s", json.bytes);
	text_free(&text);
	made_up.time = without_spaces;
	cr_assert_eq(stream_advise(&advice, tell, &made_up), 0);
	stream_advice_show(&advice, &text);
	text_add(&text, "", 1);
	cr_expect(has(&text, "25.00 % [25.00 25.00] less time"), "%s", text.bytes);
	text_free(&text);
	text_free(&json);
}
