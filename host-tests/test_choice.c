/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/apply/apply.h"
#include "preload/kernels/choice.h"
#include "preload/setting.h"

#include <criterion/criterion.h>
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
	apply_add_kernels(&profile, &setting);
	text_add(&setting, "", 1);
	static struct choice choice;
	choice_read(setting.bytes, &choice);
	for (size_t i = 0; i < SIMD_OPERATION_COUNT; i++)
		check_bands(&choice.profile.choice[i], &profile.choice[i]);
	cr_assert_eq(choice.profile.copy_stream_bytes, SIZE_MAX);
	cr_assert_eq(choice.profile.zero_stream_bytes, 7);
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
