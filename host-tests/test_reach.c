/* SPDX-License-Identifier: Apache-2.0
 *
 * The TLBs' entries, found in the time of a load over the count of pages: of 200 made-up machines whose TLBs are known,
 * and of curves that say nothing. What is certain is never wrong.
 */
#include "bench/reach/reach.h"
#include "bench/reach/rows.h"
#include "host-tests/next_random.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- made-up machines -------------------------------------------------------------------------------------------- */

struct tlb_of_model {
	double entries, ns;
	unsigned ways;  /* 0: any entry, least recently used */
	bool is_random; /* replacement */
};

struct machine_model {
	struct tlb_of_model tlb[2]; /* `ns`: of a miss in it that the next one answers */
	double lines[2], cache_ns[2];
	double ns, noise;
	bool is_exclusive, is_cut, has_held;
	uint64_t state;
};

static const struct machine_model two_levels = {
	.tlb = {{64, 1.7, 4, false}, {1536, 6, 12, false}},
	.lines = {512, 16384},
	.cache_ns = {2.5, 9},
	.ns = 1,
	.noise = 0.005,
	.has_held = true,
	.state = 1,
};

/* Of loads over `pages` in a cycle. Random: h = exp(-(1 - h) pages / entries), what is left of a page after the misses
 * of one round. */
static double misses(const struct tlb_of_model *tlb, double entries, double pages) {
	if (pages <= entries)
		return 0;
	if (tlb->is_random) {
		double hits = 0;
		for (int round = 0; round < 500; round++)
			hits = exp((hits - 1) * pages / entries);
		return 1 - hits;
	}
	if (tlb->ways == 0)
		return 1;
	double sets = entries / tlb->ways, over = fmod(pages, sets) * (tlb->ways + 1) / pages;
	return pages >= entries + sets ? 1 : over;
}

static double beyond_cache(double lines, double pages) {
	double octaves = log2(pages / lines) + 1;
	return octaves <= 0 ? 0 : octaves >= 2 ? 1 : octaves / 2;
}

static double random_share(uint64_t *state) {
	return (double)(next_random(state) >> 11) / 9007199254740992.0;
}

/* A least time: noise is above it, and rarely far. */
static double measured(struct machine_model *model, double ns) {
	double noise = model->noise * -log(1 - random_share(&model->state));
	return ns * (1 + noise + (random_share(&model->state) < 0.01 ? random_share(&model->state) : 0));
}

static double second_end(const struct machine_model *model) {
	return model->tlb[1].entries + (model->is_exclusive ? model->tlb[0].entries : 0);
}

static double tlb_ns(const struct machine_model *model, double pages) {
	double walk = model->tlb[1].ns * (1 + 0.3 * log2(1 + pages / 4096));
	return misses(&model->tlb[0], model->tlb[0].entries, pages) * model->tlb[0].ns +
	       misses(&model->tlb[1], second_end(model), pages) * walk;
}

static double line_ns(const struct machine_model *model, double pages) {
	return model->ns + beyond_cache(model->lines[0], pages) * model->cache_ns[0] +
	       beyond_cache(model->lines[1], pages) * model->cache_ns[1];
}

static struct reach_point points[REACH_POINTS_MOST];

/* The counts of machine/pages/reach/4KiB/1. */
static struct reach_curve curve_of(struct machine_model *model, double most) {
	struct reach_curve curve = {points, 0, (uint64_t)model->lines[0], (uint64_t)model->lines[1]};
	for (unsigned step = 0; step < 57; step++) {
		double pages = floor(4 * exp2(step / 4.0) + 0.5);
		if (pages > most)
			break;
		double line = line_ns(model, pages), tlb = tlb_ns(model, pages);
		points[curve.count++] = (struct reach_point){
			.count = (uint32_t)pages,
			.ns = measured(model, line + tlb),
			.held_ns = model->has_held ? measured(model, line + (model->is_cut ? tlb : 0)) : 0,
		};
	}
	return curve;
}

static struct reach found_in(struct machine_model model) {
	struct reach reach;
	const struct reach_curve curve = curve_of(&model, 65536);
	reach_find(&curve, &reach);
	return reach;
}

/* ---- one at a time ----------------------------------------------------------------------------------------------- */

Test(reach, two_levels_end_between_two_counts) {
	struct reach reach = found_in(two_levels);
	cr_assert_eq(reach.count, 2);
	cr_expect_eq(reach.level[0].doubts, 0);
	cr_expect_eq(reach.level[0].lower, 64);
	cr_expect_eq(reach.level[0].upper, 76);
	cr_expect_float_eq(reach.level[0].ns, 1, 0.02);
	cr_expect_eq(reach.level[1].doubts, 0);
	cr_expect_eq(reach.level[1].lower, 1448);
	cr_expect_eq(reach.level[1].upper, 1722);
	cr_expect_float_eq(reach.level[1].ns, 2.7, 0.05);
	cr_expect_eq(reach_judge(&reach.level[1], 1536, 64), REACH_AGREES);
	cr_expect_eq(reach_judge(&reach.level[1], 1024, 64), REACH_DIFFERS);
	cr_expect_eq(reach_judge(&reach.level[1], 0, 64), REACH_NOT_TOLD);
}

Test(reach, a_level_that_has_what_left_the_first_agrees_by_their_sum) {
	struct machine_model model = two_levels;
	model.is_exclusive = true;
	model.tlb[0].entries = 512, model.tlb[0].ways = 0;
	model.tlb[1].entries = 1536;
	model.lines[0] = 4096, model.lines[1] = 65536;
	struct reach reach = found_in(model);
	cr_assert_eq(reach.count, 2);
	cr_expect_not(reach_holds(&reach.level[1], reach.level[1].sure, 1536));
	cr_expect_eq(reach_judge(&reach.level[1], 1536, 512), REACH_AGREES);
	cr_expect_eq(reach_judge(&reach.level[1], 1536, 0), REACH_DIFFERS);
}

Test(reach, one_level_alone_leaves_the_second_open) {
	struct machine_model model = two_levels;
	model.tlb[1].ns = 0;
	struct reach reach = found_in(model);
	cr_assert_eq(reach.count, 2);
	cr_expect_eq(reach.level[0].doubts, 0);
	cr_expect_eq(reach.level[1].kind, REACH_BEYOND);
	cr_expect(reach.level[1].doubts & REACH_OPEN);
	cr_expect_eq(reach_judge(&reach.level[1], 1536, 0), REACH_UNCERTAIN);
}

Test(reach, large_pages_that_are_small_ones_make_all_beyond_the_first_cache_uncertain) {
	struct machine_model model = two_levels;
	model.is_cut = true;
	struct reach reach = found_in(model);
	cr_assert_eq(reach.count, 2);
	cr_expect_eq(reach.level[0].doubts, 0, "no cache ends there");
	cr_expect_eq(reach.level[0].lower, 64);
	cr_expect(reach.level[1].doubts & REACH_CUT);
	model.tlb[1].entries = 512, model.lines[0] = 2048;
	reach = found_in(model);
	cr_expect_eq(reach.level[1].doubts, 0, "nor there");
	cr_expect_eq(reach.level[1].lower, 512);
}

Test(reach, without_large_pages_what_ends_below_half_of_the_first_cache_is_a_tlb) {
	struct machine_model model = two_levels;
	model.has_held = false;
	struct reach reach = found_in(model);
	cr_assert_eq(reach.count, 2);
	cr_expect_eq(reach.level[0].doubts, 0);
	cr_expect(reach.level[1].doubts & REACH_CACHE);
	model.tlb[0].entries = 384, model.tlb[0].ways = 0;
	cr_expect(found_in(model).level[0].doubts & REACH_CACHE, "a cache may end there");
	model = two_levels;
	struct reach_curve curve = curve_of(&model, 65536);
	curve.first_lines = 0;
	cr_assert(reach_find(&curve, &reach));
	cr_expect(reach.level[0].doubts & REACH_CACHE, "nobody says how large the caches are");
}

Test(reach, a_curve_that_never_rises_says_how_far_it_was_looked) {
	struct machine_model model = two_levels;
	struct reach reach;
	struct reach_curve curve = curve_of(&model, 64);
	cr_assert(reach_find(&curve, &reach));
	cr_assert_eq(reach.count, 1);
	cr_expect_eq(reach.level[0].kind, REACH_BEYOND);
	cr_expect_eq(reach.level[0].lower, 64);
	cr_expect_eq(reach_judge(&reach.level[0], 96, 0), REACH_UNCERTAIN);
	cr_expect_eq(reach_judge(&reach.level[0], 32, 0), REACH_DIFFERS);
}

Test(reach, what_is_no_curve_is_said_to_be_none) {
	struct machine_model model = two_levels;
	struct reach reach;
	struct reach_curve curve = curve_of(&model, 65536);
	curve.count = REACH_POINTS_LEAST - 1;
	cr_expect_not(reach_find(&curve, &reach));
	cr_expect_eq(reach.outcome, REACH_TOO_FEW);
	curve.count = 30;
	points[9].ns = NAN;
	cr_expect_not(reach_find(&curve, &reach));
	cr_expect_eq(reach.outcome, REACH_BAD_POINT);
	points[9].ns = 1, points[9].count = points[8].count;
	cr_expect_not(reach_find(&curve, &reach));
	cr_expect_eq(reach.outcome, REACH_BAD_POINT);
	model.tlb[0].entries = 4, model.tlb[0].ways = 0;
	curve = curve_of(&model, 65536);
	cr_expect_not(reach_find(&curve, &reach), "the first level may end before the curve begins");
	cr_expect_eq(reach.outcome, REACH_NO_START);
}

Test(reach, a_neighbour_for_the_time_of_one_point_ends_nothing) {
	for (size_t at = 3; at < 40; at++)
		for (int held = 0; held < 2; held++) {
			struct machine_model model = two_levels;
			struct reach reach;
			struct reach_curve curve = curve_of(&model, 65536);
			*(held ? &points[at].held_ns : &points[at].ns) *= 2;
			cr_assert(reach_find(&curve, &reach));
			cr_expect(reach_holds(&reach.level[0], reach.level[0].sure, 64), "%zu", at);
			cr_expect(reach.level[1].doubts || reach_holds(&reach.level[1], reach.level[1].sure, 1536),
				  "%zu", at);
		}
}

/* Of a Xeon of family 6, model 207, in a guest whose large pages are some: 96 and 2,048 entries (Intel 64 and IA-32
 * Architectures Optimization Reference Manual, Golden Cove). */
static const struct reach_point of_a_xeon[] = {
	{4, 1.93, 1.93},     {5, 1.93, 1.93},     {6, 1.93, 1.93},     {7, 1.93, 1.93},     {8, 1.93, 1.88},
	{10, 1.93, 1.93},    {11, 1.93, 1.93},    {13, 1.93, 1.86},    {16, 1.93, 1.86},    {19, 1.94, 1.86},
	{23, 1.93, 1.86},    {27, 1.93, 1.87},    {32, 1.93, 1.86},    {38, 1.93, 1.93},    {45, 1.93, 1.86},
	{54, 1.95, 1.93},    {64, 1.93, 1.93},    {76, 1.94, 1.86},    {91, 1.93, 1.86},    {108, 3.24, 1.93},
	{128, 4.52, 1.86},   {152, 4.63, 1.86},   {181, 4.63, 1.86},   {215, 4.67, 1.86},   {256, 4.81, 1.86},
	{304, 4.81, 1.86},   {362, 4.81, 1.86},   {431, 4.63, 1.86},   {512, 4.63, 1.86},   {609, 4.63, 1.86},
	{724, 5.18, 2.41},   {861, 8.41, 5.49},   {1024, 8.87, 5.94},  {1218, 9.03, 5.87},  {1448, 9.26, 5.94},
	{1722, 9.58, 5.98},  {2048, 12.5, 5.94},  {2436, 16.6, 5.94},  {2896, 18.6, 5.94},  {3444, 19.1, 5.94},
	{4096, 19.3, 5.94},  {4871, 19.7, 5.94},  {5793, 20.2, 5.95},  {6889, 20.7, 6.17},  {8192, 20.9, 6.18},
	{9742, 21, 6.17},    {11585, 21.4, 6.17}, {13777, 21.5, 6.17}, {16384, 21.7, 6.17}, {19484, 22.9, 6.6},
	{23170, 24.2, 6.97}, {27554, 29.9, 7.33}, {32768, 51.3, 11.9}, {38968, 59.2, 26.3}, {46340, 57.9, 38.9},
	{55108, 66.7, 41.2}, {65536, 82.7, 41.7}};

Test(reach, a_processor_whose_entries_are_published) {
	const struct reach_curve curve = {of_a_xeon, sizeof of_a_xeon / sizeof of_a_xeon[0], 768, 32768};
	struct reach reach;
	cr_assert(reach_find(&curve, &reach));
	cr_assert_eq(reach.count, 2);
	cr_expect_eq(reach_judge(&reach.level[0], 96, 0), REACH_AGREES);
	cr_expect_eq(reach_judge(&reach.level[1], 2048, 0), REACH_AGREES, "[%u %u]", reach.level[1].lower,
		     reach.level[1].upper);
	cr_expect_eq(reach_judge(&reach.level[1], 1024, 0), REACH_DIFFERS);
}

/* ---- many -------------------------------------------------------------------------------------------------------- */

static double pick(uint64_t *state, const double *from, size_t count) {
	return from[next_random(state) % count];
}

static struct machine_model random_model(uint64_t seed) {
	static const double first[] = {16, 24, 32, 40, 48, 64, 72, 96, 128, 160, 256};
	static const double second[] = {256, 512, 1024, 1152, 1280, 1536, 2048, 3072, 4096};
	static const double lines[] = {256, 512, 768, 1024, 2048}, far[] = {4096, 8192, 16384, 20480, 32768, 65536};
	uint64_t state = seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
	for (int i = 0; i < 8; i++)
		next_random(&state);
	struct machine_model model = {.ns = 1};
	for (int i = 0; i < 2; i++) {
		struct tlb_of_model *tlb = &model.tlb[i];
		*tlb = (struct tlb_of_model){.entries = i ? pick(&state, second, 9) : pick(&state, first, 11)};
		tlb->is_random = next_random(&state) % 3 == 0;
		tlb->ways = next_random(&state) % 2 ? 4 : 0;
	}
	model.tlb[0].ns = 0.4 + 2 * random_share(&state);
	model.tlb[1].ns = model.tlb[0].ns * (1 + 2 * random_share(&state)) + 1;
	model.lines[0] = pick(&state, lines, 5), model.lines[1] = pick(&state, far, 6);
	model.cache_ns[0] = 1.5 + 2 * random_share(&state), model.cache_ns[1] = 5 + 10 * random_share(&state);
	model.noise = 0.02 * random_share(&state);
	model.is_exclusive = next_random(&state) % 2;
	model.has_held = next_random(&state) % 4 != 0;
	model.is_cut = model.has_held && next_random(&state) % 3 == 0;
	model.state = state;
	return model;
}

Test(reach, of_200_machines_nothing_that_is_certain_is_wrong) {
	size_t first = 0, second = 0, silent = 0;
	for (uint64_t seed = 1; seed <= 200; seed++) {
		struct machine_model model = random_model(seed);
		struct reach reach = found_in(model);
		double ends[] = {model.tlb[0].entries, second_end(&model)};
		for (size_t i = 0; i < reach.count; i++)
			if (reach.level[i].doubts == 0 &&
			    !reach_holds(&reach.level[i], reach.level[i].sure, (uint64_t)ends[i])) {
				silent++;
				cr_expect(false, "seed %u, level %zu of %g: [%u %u]", (unsigned)seed, i + 1, ends[i],
					  reach.level[i].lower, reach.level[i].upper);
			}
		first += reach.count > 0 && reach.level[0].doubts == 0;
		second += reach.count > 1 && reach.level[1].doubts == 0;
	}
	cr_expect_eq(silent, 0);
	cr_expect_geq(first, 170, "%zu are certain of the first", first);
	cr_expect_geq(second, 55, "%zu are certain of the second", second);
}

/* ---- rows -------------------------------------------------------------------------------------------------------- */

static const char context[] =
	"{\"measured_on\":{\"cpu\":1},\"machine\":{\"cpus\":[{\"number\":0,\"kind\":0},{\"number\":1,\"kind\":1}],"
	"\"caches\":[{\"level\":1,\"type\":\"instruction\",\"bytes\":65536,\"line_bytes\":64},"
	"{\"level\":1,\"type\":\"data\",\"bytes\":49152,\"line_bytes\":64},"
	"{\"level\":2,\"type\":\"unified\",\"bytes\":1048576}],"
	"\"tlbs\":[{\"level\":1,\"type\":\"instruction\",\"entries\":256,\"page_sizes\":[4096],\"kind\":1},"
	"{\"level\":1,\"type\":\"data\",\"entries\":48,\"page_sizes\":[4096],\"kind\":0},"
	"{\"level\":1,\"type\":\"data\",\"entries\":96,\"page_sizes\":[4096],\"kind\":1,\"source\":\"leaf 0x18\"},"
	"{\"level\":1,\"type\":\"data\",\"entries\":16,\"page_sizes\":[4096,2097152],\"kind\":1},"
	"{\"level\":2,\"type\":\"unified\",\"entries\":2048,\"page_sizes\":[4096,2097152],\"kind\":1}]}}";

static struct reach_rows rows;

/* A first level that ends where `ends` says. */
static void add_rows(const char *family, uint32_t most, uint32_t ends) {
	char name[64];
	for (uint32_t count = 4; count <= most; count += count / 4 + 1) {
		snprintf(name, sizeof name, "machine/pages/%s/%u", family, count);
		reach_rows_take(&rows, name, count > ends ? 2.7 : 1);
	}
}

static struct reach_told told_in(const char *text) {
	struct reach_told told;
	reach_told_of((struct json_span){text, strlen(text)}, &told);
	return told;
}

Test(reach, what_is_told_is_of_data_of_the_kind_that_was_measured) {
	struct reach_told told = told_in(context);
	cr_expect_eq(told.first_lines, 768);
	cr_expect_eq(told.second_lines, 16384);
	cr_expect_eq(told.entries[0][0], 96, "loads', not stores'");
	cr_expect_str_eq(told.source[0][0], "leaf 0x18");
	cr_expect_eq(told.entries[1][0], 16);
	cr_expect_eq(told.entries[0][1], 2048);
	cr_expect_eq(told.entries[2][1], 0);
	told = told_in("{\"machine\":7}");
	cr_expect_eq(told.first_lines + told.entries[0][0], 0);
	told = told_in("");
	cr_expect_eq(told.first_lines + told.entries[0][0], 0);
}

Test(reach, rows_of_neighbours_in_any_order_make_a_curve_of_each_page) {
	struct reach_told told = told_in(context);
	struct reach_tlbs tlbs;
	memset(&rows, 0, sizeof rows);
	static const char *const others[] = {"machine/pages/reach/4KiB/1/x", "machine/pages/reach/4KiB/1/",
					     "machine/pages/reach/4KiB/8/7", "machine/pages/reach/4KiB/1/99999999999",
					     "machine/pages/held/8/7",       "machine/latency/4KiB/line/7"};
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		reach_rows_take(&rows, others[i], 1);
	cr_expect_eq(rows.neighbours[0].count + rows.held.count + rows.apart.count, 0);
	reach_rows_take(&rows, "machine/pages/reach/4KiB/1/250", 2.7);
	add_rows("reach/4KiB/1", 240, 96);
	add_rows("reach/2MiB/1", 240, 32);
	reach_tlbs_of(&rows, &told, 0, &tlbs);
	cr_expect_eq(tlbs.verdict[0], REACH_AGREES);
	cr_expect_eq(tlbs.verdict[1], REACH_UNCERTAIN);
	reach_tlbs_of(&rows, &told, 1, &tlbs);
	cr_expect_eq(tlbs.verdict[0], REACH_DIFFERS);
	reach_tlbs_of(&rows, &told, 2, &tlbs);
	cr_expect_eq(tlbs.verdict[0], REACH_NOT_MEASURED);
	cr_expect_null(reach_tlbs_level(&tlbs, 0));
}

/* Some designs hold neighbouring pages in one entry. */
Test(reach, more_pages_than_entries_differ_only_where_pages_apart_say_so) {
	struct reach_told told = told_in(context);
	struct reach_tlbs tlbs;
	memset(&rows, 0, sizeof rows);
	add_rows("reach/4KiB/1", 360, 200);
	reach_tlbs_of(&rows, &told, 0, &tlbs);
	cr_expect_eq(tlbs.verdict[0], REACH_UNCERTAIN);
	cr_expect(tlbs.found.level[0].doubts & REACH_SHARED);
	add_rows("reach/4KiB/16", 360, 96);
	reach_tlbs_of(&rows, &told, 0, &tlbs);
	cr_expect_eq(tlbs.verdict[0], REACH_UNCERTAIN);
	memset(&rows.apart, 0, sizeof rows.apart);
	add_rows("reach/4KiB/16", 360, 200);
	reach_tlbs_of(&rows, &told, 0, &tlbs);
	cr_expect_eq(tlbs.verdict[0], REACH_DIFFERS);
}
