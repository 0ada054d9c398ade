/* SPDX-License-Identifier: Apache-2.0
 *
 * A ladder as characters: what stands where, how wide it gets, and what it does with curves that are none.
 */
#include "bench/ladder/picture.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { KIB = 1024, POINTS = 81 };

static struct levels_point points[2][POINTS];
static struct picture_curve curves[2] = {{points[0], POINTS, 'o', "4 KiB"}, {points[1], POINTS, '+', "2 MiB"}};

/* Two levels: 1 ns up to 32 KiB, then 10 ns; the second curve takes `factor` times that beyond. */
static void make_curves(double factor) {
	for (int i = 0; i < POINTS; i++) {
		uint64_t bytes = (uint64_t)(KIB * exp2(i / 8.0));
		double latency = bytes <= 32 * KIB ? 1 : 10;
		points[0][i] = (struct levels_point){.bytes = bytes, .latency = latency};
		points[1][i] = points[0][i];
		points[1][i].latency *= bytes <= 32 * KIB ? 1 : factor;
	}
}

static struct levels two_levels(void) {
	return (struct levels){
		.count = 2,
		.level = {{.kind = LEVEL_STEP, .bytes_best = 33 * KIB, .named_bytes = 32 * KIB}, {.kind = LEVEL_LAST}}};
}

static struct text drawn(size_t columns, size_t rows, size_t count, const struct levels *levels) {
	struct text text = {0};
	const struct picture_frame frame = {.columns = columns, .rows = rows};
	picture_draw(&frame, curves, count, levels, &text);
	text_add(&text, "", 1);
	return text;
}

/* The line that has this label, from the plot's first column on; it ends with the text. */
static const char *line_of(const struct text *text, const char *label) {
	const char *at = strstr(text->bytes, label);
	cr_assert_not_null(at, "%s: %s", label, text->bytes);
	return at + strlen(label);
}

Test(picture, is_as_wide_as_it_may_be_and_plain) {
	make_curves(2);
	const struct levels levels = two_levels();
	for (size_t columns = 0; columns < 200; columns += 7)
		for (size_t rows = 0; rows < 40; rows += 3) {
			struct text text = drawn(columns, rows, 2, &levels);
			size_t most = columns < PICTURE_COLUMNS_LEAST  ? PICTURE_COLUMNS_LEAST
				      : columns > PICTURE_COLUMNS_MOST ? PICTURE_COLUMNS_MOST
								       : columns;
			const char *head_end = strchr(text.bytes, '\n');
			for (const char *at = head_end + 1; *at; at = strchr(at, '\n') + 1) {
				size_t length = strcspn(at, "\n");
				cr_expect_leq(length, most, "%.*s", (int)length, at);
				cr_expect(length == 0 || at[length - 1] != ' ', "%.*s", (int)length, at);
				for (size_t i = 0; i < length; i++)
					cr_assert(at[i] >= ' ' && at[i] <= '~');
			}
			text_free(&text);
		}
}

Test(picture, points_lie_where_the_scales_say) {
	make_curves(1);
	struct text text = drawn(80, 11, 1, NULL);
	const char *low = line_of(&text, "   1 ns |"), *high = line_of(&text, "  10 ns |");
	size_t columns = 80 - 9, end = 5 * (columns - 1) / 10;
	cr_expect_eq(strspn(low, "o"), end + 1, "%s", text.bytes);
	cr_expect_eq(strspn(high, " ") + strspn(high + strspn(high, " "), "o"), columns, "%s", text.bytes);
	cr_expect_geq(strspn(high, " "), end, "%s", text.bytes);
	cr_expect_not_null(strstr(text.bytes, "\n         1 KiB         4 KiB"), "%s", text.bytes);
	text_free(&text);
}

Test(picture, two_sizes_of_page_have_marks_of_their_own) {
	make_curves(4);
	struct text text = drawn(80, 11, 2, NULL);
	cr_expect_gt(strspn(line_of(&text, "   1 ns |"), "*"), 30, "%s", text.bytes);
	cr_expect_not_null(strstr(text.bytes, "4 KiB o, 2 MiB +, both *"), "%s", text.bytes);
	const char *high = line_of(&text, "  10 ns |");
	cr_expect_eq(high[strspn(high, " ")], 'o', "%s", text.bytes);
	text_free(&text);
}

Test(picture, a_level_has_its_name_over_its_columns_and_a_line_where_it_ends) {
	make_curves(1);
	const struct levels levels = two_levels();
	struct text text = drawn(80, 11, 1, &levels);
	const char *names = strchr(text.bytes, '\n') + 1 + 9, *name = strstr(names, "L1 32 KiB");
	cr_assert_not_null(name, "%s", text.bytes);
	cr_expect_eq(names[35], ':', "32 KiB is half of the way from 1 KiB to 1 MiB: %s", text.bytes);
	cr_expect_lt(name - names, 35 - 9);
	cr_expect_gt(strstr(names, "beyond them") - names, 35);
	text_free(&text);
}

Test(picture, an_uncertain_level_has_a_question_mark_and_no_name_a_tilde) {
	make_curves(1);
	struct levels levels = two_levels();
	levels.level[0].doubts = LEVEL_SHORT;
	levels.level[0].named_bytes = 0;
	struct text text = drawn(80, 11, 1, &levels);
	cr_expect_not_null(strstr(text.bytes, "L1? ~33 KiB"), "%s", text.bytes);
	text_free(&text);
}

Test(picture, nothing_of_what_has_no_two_points) {
	for (size_t count = 0; count < 2; count++) {
		const struct picture_curve curve = {points[0], count, 'o', "4 KiB"};
		struct text text = {0};
		points[0][0] = (struct levels_point){.bytes = KIB, .latency = 1};
		picture_draw(&(struct picture_frame){80, 10, 0, 0}, &curve, 1, NULL, &text);
		cr_expect_eq(text.length, 0);
		text_free(&text);
	}
}

Test(picture, levels_beyond_the_frame_and_in_one_place_stay_in_it) {
	make_curves(1);
	struct levels levels = {.count = LEVELS_MOST};
	for (size_t i = 0; i < LEVELS_MOST; i++)
		levels.level[i] = (struct levels_level){.bytes_best = i % 2 ? 1 : UINT64_C(1) << 60};
	struct text text = {0};
	picture_draw(&(struct picture_frame){80, 10, 4 * KIB, 64 * KIB}, curves, 2, &levels, &text);
	cr_expect_gt(text.length, 0);
	cr_expect_not(text.failed);
	text_add(&text, "", 1);
	cr_expect_null(strstr(text.bytes, "|:"), "behind the last column is the next row: %s", text.bytes);
	text_free(&text);
}

Test(picture, a_flat_curve_is_one_line) {
	for (int i = 0; i < POINTS; i++)
		points[0][i] =
			(struct levels_point){.bytes = (uint64_t)(KIB * exp2(i / 8.0)), .latency = 1 + i % 2 * 0.01};
	struct text text = drawn(80, 11, 1, NULL);
	size_t lines = 0;
	for (const char *at = text.bytes; *at; at = strchr(at, '\n') + 1)
		lines += memchr(at, 'o', strcspn(at, "\n")) != NULL;
	cr_expect_leq(lines, 4, "the head and what noise moves: %s", text.bytes);
	text_free(&text);
}
