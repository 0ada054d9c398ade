/* SPDX-License-Identifier: Apache-2.0
 *
 * The search for the geometry of TLBs, on made-up MMUs whose geometry is known.
 */
#include "bench/ladder/geometry.h"
#include "bench/record.h"
#include "bench/results.h"
#include "bench/tlb_geometry/geometry.h"
#include "host-tests/next_random.h"
#include "host-tests/tlb_model.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define LINEAR(ways, bits, policy) \
	{ ways, bits, 0, 0, MODEL_TLB_##policy }
#define FOLDED(ways, bits, fold, policy) \
	{ ways, bits, fold, 0, MODEL_TLB_##policy }

#define TLBS(first_data, first_code, beyond) .data = first_data, .code = first_code, .second = beyond

static struct tlb_geometry search_of(const struct tlb_model_config *config, unsigned page_bits, uint64_t seed) {
	struct tlb_model *model = tlb_model_new(config, seed);
	struct tlb_machine machine = tlb_model_machine(model, page_bits);
	void *workspace = malloc(tlb_geometry_workspace_bytes(page_bits));
	struct tlb_geometry geometry;
	machine.touches_most = 12000000;
	tlb_geometry_find(&machine, workspace, seed, &geometry);
	cr_expect_eq(tlb_model_changed(model), 0, "an entry is not put back");
	cr_expect_lt(geometry.touches, machine.touches_most + (2u << page_bits));
	free(workspace);
	tlb_model_free(model);
	return geometry;
}

/* Two pages of which the model says that they share a set share one by what was found, and others do not. */
static bool is_same_index(const struct tlb_model_level *level, const struct tlb_structure *found, unsigned page_bits) {
	uint64_t state = 4711;
	const uint32_t mask = (UINT32_C(1) << page_bits) - 1;
	for (unsigned i = 0; i < 4000; i++) {
		uint32_t a = (uint32_t)next_random(&state) & mask, b = (uint32_t)next_random(&state) & mask;
		if (i % 2 == 0)
			b = a ^ (b & ~((UINT32_C(1) << level->set_bits) - 1));
		if ((tlb_model_set(level, a) == tlb_model_set(level, b)) !=
		    (tlb_geometry_set(found, a) == tlb_geometry_set(found, b)))
			return false;
	}
	return found->set_bits == level->set_bits;
}

static void expect_level(const char *name, const struct tlb_model_level *level, const struct tlb_geometry *geometry,
			 enum tlb_level which) {
	const struct tlb_structure *found = &geometry->level[which];
	cr_expect_eq(found->outcome, TLB_FOUND, "%s, %s: %s", name, tlb_geometry_level_name(which),
		     tlb_geometry_doubt_name(found->doubt));
	if (found->outcome != TLB_FOUND)
		return;
	cr_expect_eq(found->ways_least, level->ways, "%s, %s: %u ways", name, tlb_geometry_level_name(which),
		     found->ways_least);
	cr_expect_geq(found->ways_most, level->ways, "%s, %s", name, tlb_geometry_level_name(which));
	cr_expect(is_same_index(level, found, geometry->page_bits), "%s, %s: the index", name,
		  tlb_geometry_level_name(which));
	cr_expect_eq(tlb_geometry_is_linear(found), level->fold == 0, "%s, %s", name, tlb_geometry_level_name(which));
}

static void expect_uncertain(const char *name, const struct tlb_geometry *geometry, enum tlb_level which,
			     enum tlb_doubt doubt) {
	const struct tlb_structure *found = &geometry->level[which];
	cr_expect_eq(found->outcome, TLB_UNCERTAIN, "%s, %s", name, tlb_geometry_level_name(which));
	cr_expect_eq(found->doubt, doubt, "%s, %s: %s", name, tlb_geometry_level_name(which),
		     tlb_geometry_doubt_name(found->doubt));
}

/* As they are published, or near it: B. Gras et al., "Translation Leak-aside Buffer", USENIX Security 2018, table 1; A.
 * Tatar et al. 2022. Replacement is not, so that each comes with one of its own. */
struct case_of {
	const char *name;
	struct tlb_model_config config;
	unsigned page_bits;
};

Test(tlb_geometry, second_levels_that_code_and_data_share) {
	static const struct case_of cases[] = {
		{"Sandy Bridge", {TLBS(LINEAR(4, 4, LRU), LINEAR(8, 4, LRU), LINEAR(4, 7, LRU))}, 12},
		{"Haswell", {TLBS(LINEAR(4, 4, TREE), LINEAR(8, 3, TREE), LINEAR(8, 7, TREE))}, 13},
		{"Broadwell", {TLBS(LINEAR(4, 4, NRU), LINEAR(4, 4, NRU), FOLDED(6, 8, 1, NRU))}, 16},
		{"Skylake", {TLBS(LINEAR(4, 4, LRU), LINEAR(8, 3, LRU), FOLDED(12, 7, 1, LRU))}, 15},
		{"Skylake's, NRU", {TLBS(LINEAR(4, 4, NRU), LINEAR(8, 3, NRU), FOLDED(12, 7, 1, NRU))}, 15},
		{"Ice Lake", {TLBS(LINEAR(4, 4, TREE), LINEAR(8, 4, TREE), FOLDED(16, 7, 1, TREE))}, 15},
		{"Golden Cove", {TLBS(LINEAR(6, 4, LRU), LINEAR(8, 5, LRU), LINEAR(16, 7, LRU))}, 13},
		{"three-fold", {TLBS(FOLDED(4, 4, 1, LRU), LINEAR(8, 4, LRU), FOLDED(10, 6, 2, LRU))}, 15},
		{"16 sets beyond", {TLBS(LINEAR(4, 2, LRU), LINEAR(4, 2, LRU), LINEAR(16, 5, LRU))}, 12},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct tlb_geometry geometry = search_of(&cases[i].config, cases[i].page_bits, i + 1);
		expect_level(cases[i].name, &cases[i].config.data, &geometry, TLB_FIRST_DATA);
		expect_level(cases[i].name, &cases[i].config.code, &geometry, TLB_FIRST_CODE);
		expect_level(cases[i].name, &cases[i].config.second, &geometry, TLB_SECOND);
		cr_expect_eq(geometry.relation, TLB_NON_INCLUSIVE, "%s", cases[i].name);
		cr_expect_eq(geometry.sharing, TLB_SHARED, "%s", cases[i].name);
		cr_expect_lt(geometry.error, 0.001, "%s: %g", cases[i].name, geometry.error);
	}
}

/* Zen: all of the first level is one set, and code and data have a second level each. */
Test(tlb_geometry, second_levels_of_data_alone) {
	static const struct case_of cases[] = {
		{"Zen, LRU", {TLBS(LINEAR(64, 0, LRU), LINEAR(64, 0, LRU), LINEAR(12, 7, LRU)), .split = true}, 13},
		{"Zen, tree",
		 {TLBS(LINEAR(64, 0, TREE), LINEAR(64, 0, TREE), FOLDED(8, 7, 1, TREE)), .split = true},
		 15},
		{"Zen 4, NRU", {TLBS(LINEAR(72, 0, NRU), LINEAR(64, 0, NRU), LINEAR(12, 8, NRU)), .split = true}, 13},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct tlb_geometry geometry = search_of(&cases[i].config, cases[i].page_bits, i + 1);
		expect_level(cases[i].name, &cases[i].config.data, &geometry, TLB_FIRST_DATA);
		expect_level(cases[i].name, &cases[i].config.second, &geometry, TLB_SECOND);
		expect_uncertain(cases[i].name, &geometry, TLB_FIRST_CODE, TLB_DOUBT_HIDDEN);
		cr_expect_eq(geometry.relation, TLB_NON_INCLUSIVE, "%s", cases[i].name);
		cr_expect_eq(geometry.sharing, TLB_SPLIT, "%s", cases[i].name);
	}
}

Test(tlb_geometry, two_thousand_sets) {
	const struct tlb_model_config config = {TLBS(LINEAR(4, 4, LRU), LINEAR(8, 3, LRU), LINEAR(4, 11, LRU))};
	struct tlb_geometry geometry = search_of(&config, 14, 1);
	expect_level("2,048 sets", &config.second, &geometry, TLB_SECOND);
}

Test(tlb_geometry, what_leaves_one_level_and_another) {
	struct tlb_model_config config = {TLBS(LINEAR(4, 4, LRU), LINEAR(8, 3, LRU), LINEAR(8, 6, LRU))};
	config.inclusion = MODEL_TLB_INCLUSIVE;
	struct tlb_geometry geometry = search_of(&config, 12, 1);
	cr_expect_eq(geometry.relation, TLB_INCLUSIVE);
	expect_level("inclusive", &config.second, &geometry, TLB_SECOND);
	expect_uncertain("inclusive", &geometry, TLB_FIRST_DATA, TLB_DOUBT_INCLUSIVE);
	config.inclusion = MODEL_TLB_EXCLUSIVE;
	geometry = search_of(&config, 12, 1);
	cr_expect_eq(geometry.relation, TLB_EXCLUSIVE);
	expect_level("exclusive", &config.second, &geometry, TLB_SECOND);
	expect_uncertain("exclusive", &geometry, TLB_FIRST_DATA, TLB_DOUBT_HIDDEN);
	config = (struct tlb_model_config){TLBS(LINEAR(64, 0, LRU), LINEAR(64, 0, LRU), LINEAR(8, 7, LRU))};
	config.inclusion = MODEL_TLB_EXCLUSIVE, config.split = true;
	geometry = search_of(&config, 13, 1);
	cr_expect_eq(geometry.relation, TLB_EXCLUSIVE, "split: %s", tlb_geometry_relation_name(geometry.relation));
}

Test(tlb_geometry, noise_does_not_change_the_answer) {
	struct tlb_model_config config = {TLBS(LINEAR(4, 4, LRU), LINEAR(8, 3, LRU), FOLDED(8, 6, 1, LRU))};
	static const struct {
		const char *name;
		unsigned others, neighbours, own;
		bool tagged;
	} kinds[] = {
		{"others' pages", 1000, 0, 0, false},
		{"others' pages of a PCID that a flush leaves", 1000, 0, 0, true},
		{"walks that bring a neighbour", 0, 2000, 0, false},
		{"pages of our own", 0, 0, 3, false},
		{"all of that", 300, 500, 2, true},
	};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		config.others = kinds[i].others, config.neighbours = kinds[i].neighbours;
		config.own = kinds[i].own, config.tagged = kinds[i].tagged;
		struct tlb_geometry geometry = search_of(&config, 12, i + 1);
		expect_level(kinds[i].name, &config.data, &geometry, TLB_FIRST_DATA);
		expect_level(kinds[i].name, &config.second, &geometry, TLB_SECOND);
	}
}

/* It may be too much of it for an answer; one that comes is right. */
Test(tlb_geometry, random_replacement_is_found_or_uncertain) {
	enum { SEARCHES = 3 };
	const struct tlb_model_config config = {TLBS(LINEAR(4, 2, RANDOM), LINEAR(4, 2, RANDOM), LINEAR(8, 6, RANDOM))};
	unsigned found = 0;
	for (uint64_t seed = 1; seed <= SEARCHES; seed++) {
		struct tlb_geometry geometry = search_of(&config, 10, seed);
		for (enum tlb_level level = 0; level < TLB_LEVELS; level++)
			if (geometry.level[level].outcome == TLB_FOUND)
				expect_level("random", level == TLB_SECOND ? &config.second : &config.data, &geometry,
					     level);
		found += geometry.level[TLB_SECOND].outcome == TLB_FOUND;
	}
	cr_expect_geq(found, SEARCHES - 1, "%u", found);
}

Test(tlb_geometry, what_it_is_not_made_for_is_uncertain) {
	const struct tlb_model_config good = {TLBS(LINEAR(4, 4, LRU), LINEAR(8, 3, LRU), LINEAR(8, 6, LRU))};
	struct tlb_model_config config = good;
	config.fresh = true;
	struct tlb_geometry geometry = search_of(&config, 12, 1);
	expect_uncertain("shadowed", &geometry, TLB_SECOND, TLB_DOUBT_FRESH);
	config = good, config.neither = true;
	geometry = search_of(&config, 12, 1);
	expect_uncertain("neither frame", &geometry, TLB_SECOND, TLB_DOUBT_NEITHER);
	config = good, config.fails_at = 1000;
	geometry = search_of(&config, 12, 1);
	expect_uncertain("broken off", &geometry, TLB_SECOND, TLB_DOUBT_MACHINE);
	config = good, config.second.modulo = 48;
	geometry = search_of(&config, 12, 1);
	expect_uncertain("modulo", &geometry, TLB_SECOND, TLB_DOUBT_INDEX);
	geometry = search_of(&good, 8, 1);
	expect_uncertain("too few pages", &geometry, TLB_SECOND, TLB_DOUBT_FAR);
	config = good, config.others = 600000;
	geometry = search_of(&config, 12, 1);
	cr_expect_eq(geometry.level[TLB_SECOND].outcome, TLB_UNCERTAIN, "nothing but noise");
}

Test(tlb_geometry, a_search_ends_at_its_touches) {
	const struct tlb_model_config config = {
		TLBS(LINEAR(4, 4, RANDOM), LINEAR(8, 3, RANDOM), FOLDED(12, 7, 1, RANDOM))};
	struct tlb_model *model = tlb_model_new(&config, 1);
	struct tlb_machine machine = tlb_model_machine(model, 15);
	void *workspace = malloc(tlb_geometry_workspace_bytes(15));
	struct tlb_geometry geometry;
	machine.touches_most = 200000;
	tlb_geometry_find(&machine, workspace, 1, &geometry);
	expect_uncertain("budget", &geometry, TLB_SECOND, TLB_DOUBT_BUDGET);
	free(workspace);
	tlb_model_free(model);
}

Test(tlb_geometry, the_same_seed_leads_to_the_same_search) {
	const struct tlb_model_config config = {TLBS(LINEAR(4, 4, RANDOM), LINEAR(8, 3, LRU), LINEAR(4, 6, NRU)),
						.others = 500};
	struct tlb_geometry one = search_of(&config, 11, 5), other = search_of(&config, 11, 5);
	cr_expect_eq(one.trials, other.trials);
	cr_expect_eq(one.touches, other.touches);
}

Test(tlb_geometry, every_word_has_its_name) {
	for (int i = 0; i <= TLB_DOUBT_MACHINE; i++)
		cr_expect_str_neq(tlb_geometry_doubt_name((enum tlb_doubt)i), "?");
	cr_expect_str_eq(tlb_geometry_doubt_name((enum tlb_doubt)(TLB_DOUBT_MACHINE + 1)), "?");
	cr_expect_str_eq(tlb_geometry_relation_name(TLB_EXCLUSIVE), "exclusive");
	cr_expect_str_eq(tlb_geometry_sharing_name(TLB_SPLIT), "split");
	cr_expect_str_eq(tlb_geometry_outcome_name(TLB_UNCERTAIN), "uncertain");
}

/* ---- in records, and for people ---------------------------------------------------------------------------------- */

static void record_row(struct collector *collector, const struct tlb_geometry *geometry) {
	const struct benchmark benchmark = {
		.name = "machine/tlb_geometry/4KiB", .iteration = "", .unit = BENCH_UNIT_ELEMENTS, .per_iteration = 1};
	uint64_t ticks[] = {1000, 2000};
	const struct measurement measurement = {
		.linear = true, .step = 10, .count = 2, .ticks = ticks, .hz = 1000000000, .tlb_geometry = geometry};
	struct text line = {0};
	record_start(&line, benchmark.name, 0);
	collect_bytes(collector, line.bytes, line.length);
	record_end(&line, &benchmark, 0, &measurement);
	collect_bytes(collector, line.bytes, line.length);
	record_open(&line, "MACHINE");
	text_member_object(&line, "context");
	text_member_object(&line, "machine");
	text_member_array(&line, "tlbs");
	text_add_string(&line,
			"{\"level\":1,\"type\":\"data\",\"entries\":32,\"ways\":4,\"page_sizes\":[2097152]},"
			"{\"level\":2,\"type\":\"unified\",\"entries\":1536,\"ways\":12,\"page_sizes\":[4096]}]}}");
	record_close(&line);
	collect_bytes(collector, line.bytes, line.length);
	text_free(&line);
}

/* Whatever is written ends there. */
static void expect_in(struct text *text, const char *const *wanted, size_t count) {
	text_add(text, "", 1);
	for (size_t i = 0; i < count; i++)
		cr_expect_not_null(strstr(text->bytes, wanted[i]), "%s\nis not in\n%s", wanted[i], text->bytes);
	text->length = 0;
}

Test(tlb_geometry, is_written_and_shown) {
	const struct tlb_model_config config = {TLBS(LINEAR(4, 4, LRU), LINEAR(8, 3, LRU), FOLDED(12, 7, 1, LRU))};
	struct tlb_geometry geometry = search_of(&config, 15, 4);
	geometry.level[TLB_FIRST_CODE] = (struct tlb_structure){.outcome = TLB_UNCERTAIN, .doubt = TLB_DOUBT_NOISE};
	struct collector collector = {0};
	struct text text = {0};
	record_row(&collector, &geometry);
	results_write(&collector, &text);
	static const char *const written[] = {
		"\"tlb_geometry\":{\"page_bytes\":4096,\"pages\":32768,\"second_level\":\"shared\",\"relation\":"
		"\"non-inclusive\"",
		"{\"level\":1,\"type\":\"data\",\"outcome\":\"found\",\"sets\":16,\"ways\":4,\"ways_most\":4,"
		"\"linear\":true,"
		"\"index\":[[12],[13],[14],[15]]}",
		"{\"level\":1,\"type\":\"instruction\",\"outcome\":\"uncertain\",\"doubt\":\"answers differ from time "
		"to time\"}",
		"\"linear\":false,\"index\":[[12,19],[13,20],[14,21],[15,22],[16,23],[17,24],[18,25]]}",
	};
	expect_in(&text, written, sizeof written / sizeof *written);
	geometry_show(&collector, &text);
	static const char *const shown[] = {
		"32768 pages of 4 KiB; second level: shared, non-inclusive; wrong with a probability below 0.000",
		"        L1 data: 4 ways, 16 sets\n",
		"        L1 instruction: uncertain: answers differ from time to time\n",
		"        L2 unified: 12 ways, 128 sets, set by address bits 12^19 13^20 14^21 15^22 16^23 17^24 18^25; "
		"told 1536 "
		"entries, 12 ways\n",
	};
	expect_in(&text, shown, sizeof shown / sizeof *shown);
	text_free(&text);
	collect_free(&collector);
}
