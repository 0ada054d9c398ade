/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/apply/apply.h"

#include "hosted/apply/crossing.h"
#include "preload/kernels/choice.h"
#include "preload/setting.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static void check_bands(const struct simd_choice *read, const struct simd_choice *wanted) {
	for (size_t i = 0; i < SIMD_BANDS; i++) {
		const char *method = wanted->method[i];
		cr_assert(method ? read->method[i] && strcmp(method, read->method[i]) == 0 : !read->method[i]);
	}
	cr_assert(memcmp(read->below, wanted->below, sizeof(read->below)) == 0);
}

Test(choice, is_read_as_it_was_written) {
	struct simd_profile profile = {.copy_stream_bytes = SIZE_MAX, .zero_stream_bytes = 7};
	profile.choice[SIMD_OPERATION_COPY] = (struct simd_choice){{"sse2", NULL, "avx512"}, {64, 4096}};
	profile.choice[SIMD_OPERATION_FIND_BYTE].method[0] = "neon";
	for (size_t i = 0; i < SIMD_BANDS; i++)
		profile.choice[SIMD_OPERATION_ZERO].method[i] = i % 2 ? "avx2" : NULL;
	for (size_t i = 0; i < SIMD_BANDS - 1; i++)
		profile.choice[SIMD_OPERATION_ZERO].below[i] = i + 1;
	struct text setting = {0};
	struct crossings crossings = {0};
	crossings.of[SIMD_OPERATION_FILL] = (struct crossing){64, 4096};
	crossings.of[SIMD_OPERATION_ZERO] = (struct crossing){128, SIZE_MAX};
	apply_add_kernels(&profile, &setting);
	apply_add_sizes(&crossings, &setting);
	text_add(&setting, "", 1);
	static struct choice choice;
	choice_read(setting.bytes, &choice);
	for (size_t i = 0; i < SIMD_OPERATION_COUNT; i++)
		check_bands(&choice.profile.choice[i], &profile.choice[i]);
	cr_assert_eq(choice.profile.copy_stream_bytes, SIZE_MAX);
	cr_assert_eq(choice.profile.zero_stream_bytes, 7);
	const struct choice_sizes *sizes = choice.sizes;
	cr_assert(sizes[SIMD_OPERATION_COPY].span == 0 && sizes[SIMD_OPERATION_COMPARE].span == 0);
	cr_assert(sizes[SIMD_OPERATION_FILL].from == 64 && sizes[SIMD_OPERATION_FILL].span == 4096 - 64);
	cr_assert(sizes[SIMD_OPERATION_ZERO].from == 128 && sizes[SIMD_OPERATION_ZERO].span == SIZE_MAX - 128);
	text_free(&setting);
}

Test(choice, leaves_out_what_it_cannot_read) {
	static struct choice choice;
	const char *const hostile[] = {"",
				       ",",
				       "copy",
				       "copy=",
				       "copy=:",
				       "copy=<",
				       "copy=<<::,=,=,",
				       "copies=avx2",
				       "copy=a_name_that_is_far_too_long",
				       "copy_stream=-1",
				       "copy_stream=1x",
				       "copy_stream=18446744073709551616"};
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		choice_read(hostile[i], &choice);
		check_bands(&choice.profile.choice[SIMD_OPERATION_COPY], &(struct simd_choice){0});
		cr_assert_eq(choice.profile.copy_stream_bytes, 0, "%s", hostile[i]);
	}
	cr_assert_eq(choice.sizes[SIMD_OPERATION_COPY].span, SIZE_MAX, "all, where it is not said");
	const char *const none[] = {"copy_sizes=", "copy_sizes=-", "copy_sizes=x-9", "copy_sizes=9-9",
				    "copy_sizes=9-4"};
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		choice_read(none[i], &choice);
		cr_assert_eq(choice.sizes[SIMD_OPERATION_COPY].span, 0, "%s", none[i]);
	}
	choice_read("zero=-<8:avx2<x:sse2,zero_stream=12,fill=sse2<0:avx2", &choice);
	check_bands(&choice.profile.choice[SIMD_OPERATION_ZERO], &(struct simd_choice){{NULL, "avx2"}, {8}});
	check_bands(&choice.profile.choice[SIMD_OPERATION_FILL], &(struct simd_choice){{"sse2"}, {0}});
	cr_assert_eq(choice.profile.zero_stream_bytes, 12);
}

Test(choice, variables_are_found_by_their_whole_name) {
	char a[] = "ANECHOIC_APPLYING=no", b[] = "ANECHOIC_APPLY", c[] = "ANECHOIC_APPLY=x=y",
	     d[] = "ANECHOIC_APPLY=off";
	char *const environment[] = {a, b, c, d, NULL}, *const off[] = {d, NULL}, *const none[] = {a, b, NULL};
	cr_assert_str_eq(setting_apply(environment, false), "x=y");
	cr_assert_null(setting_apply(environment, true));
	cr_assert_null(setting_apply(off, false));
	cr_assert_null(setting_apply(none, false));
	cr_assert_null(setting_apply(NULL, false));
}

Test(choice, words_come_back_from_a_shell) {
	struct text text = {0};
	apply_add_quoted("/bin/a-b_c.d=e", &text);
	apply_add_quoted("", &text);
	apply_add_quoted("it's $x", &text);
	text_add(&text, "", 1);
	cr_assert_str_eq(text.bytes, "/bin/a-b_c.d=e'''it'\\''s $x'");
	text_free(&text);
}

static struct crossing crossing_at(const double uppers[], size_t count) {
	struct tune_ratio ratios[CROSSING_SIZES];
	for (size_t i = 0; i < CROSSING_SIZES; i++)
		ratios[i] = (struct tune_ratio){.upper = i < count ? uppers[i] : 1};
	return crossing_of(ratios);
}

Test(choice, a_size_is_taken_where_all_measurements_have_it_so) {
	struct tune_ratio worst[CROSSING_SIZES] = {{0}}, one[CROSSING_SIZES], other[CROSSING_SIZES];
	for (size_t i = 0; i < CROSSING_SIZES; i++) {
		one[i] = (struct tune_ratio){.upper = i < 8 ? 0.5 : 1.5, .rounds = 1};
		other[i] = (struct tune_ratio){.upper = i < 4 ? 1.5 : i == 6 ? NAN : 0.4, .rounds = 1};
	}
	crossing_add(worst, one);
	cr_assert(crossing_of(worst).from == 64 && crossing_of(worst).below == crossing_bytes(8));
	crossing_add(worst, other);
	cr_assert(crossing_of(worst).from == crossing_bytes(4) && crossing_of(worst).below == crossing_bytes(6));
	cr_assert(worst[7].upper == 0.5, "the better one changes nothing");
	crossing_add(worst, one);
	cr_assert(isnan(worst[6].upper), "what could not be told stays so");
}

Test(choice, kernels_that_gain_at_no_size_serve_nothing) {
	struct crossings crossings = {0};
	struct text setting = {0};
	const struct simd_profile profile = {0};
	apply_add_kernels(&profile, &setting);
	apply_add_sizes(&crossings, &setting);
	text_add(&setting, "", 1);
	cr_assert_not(apply_serves(setting.bytes), "%s", setting.bytes);
	setting.length = 0;
	crossings.of[SIMD_OPERATION_COMPARE] = (struct crossing){128, 256};
	apply_add_sizes(&crossings, &setting);
	text_add(&setting, "", 1);
	cr_assert(apply_serves(setting.bytes), "%s", setting.bytes);
	cr_assert(apply_serves("") && apply_serves("copy_sizes=-"), "what is not said is served");
	text_free(&setting);
}

Test(choice, the_longest_row_of_sizes_that_gain_is_taken) {
	double all[CROSSING_SIZES];
	for (size_t i = 0; i < CROSSING_SIZES; i++)
		all[i] = 0.5;
	struct crossing crossing = crossing_at(all, CROSSING_SIZES);
	cr_assert(crossing.from == 64 && crossing.below == SIZE_MAX);
	crossing = crossing_at(all, 0);
	cr_assert(crossing.from == 0 && crossing.below == 0);
	crossing = crossing_at((const double[]){0.5, 0.98, 0.9, 0.96, 1.2, 0.1}, 6);
	cr_assert(crossing.from == 256 && crossing.below == 1024);
	all[0] = 0.0 / 0.0;
	crossing = crossing_at(all, CROSSING_SIZES);
	cr_assert(crossing.from == 128 && crossing.below == SIZE_MAX);
}
