/* SPDX-License-Identifier: Apache-2.0
 *
 * Methods by name, and what simd_select makes of a profile.
 */
#include "simd/kernels.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static simd_features features;

static void detect(void) {
	features = simd_features_detect();
}

TestSuite(profile, .init = detect);

Test(profile, methods_differ_and_hold_the_built_in_one) {
	for (unsigned i = 0; i < SIMD_OPERATION_COUNT; i++) {
		enum simd_operation operation = (enum simd_operation)i;
		struct simd_method methods[SIMD_METHODS_MAX];
		size_t count = simd_methods(features, operation, methods), found = 0;
		cr_assert_geq(count, 1, "%s", simd_operation_name(operation));
		cr_expect_str_eq(methods[0].name, "scalar");
		for (size_t m = 0; m < count; m++)
			found += strcmp(methods[m].name, simd_method_built_in(features, operation)) == 0;
		cr_expect_eq(found, 1, "%s: %s", simd_operation_name(operation),
			     simd_method_built_in(features, operation));
	}
}

Test(profile, a_method_is_its_variants_functions) {
	for (size_t i = 0; i < simd_variant_count; i++) {
		const struct simd_variant *variant = &simd_variants[i];
		struct simd_kernels kernels = {0};
		if (!simd_variant_runs(variant, features) || variant->copies == simd_variants[0].copies)
			continue;
		cr_assert(simd_method_use(features, SIMD_OPERATION_COPY, variant->name, &kernels));
		cr_assert(simd_method_use(features, SIMD_OPERATION_LANES_SHIFT16, variant->name, &kernels));
		cr_expect_eq(kernels.copies.copy, variant->copies->copy);
		cr_expect_eq(kernels.copies.move, variant->copies->move);
		cr_expect_null(kernels.copies.copy_page);
		cr_expect_eq(kernels.lanes.binary[SIMD_SRA][SIMD_U16], variant->lanes->binary[SIMD_SRA][SIMD_U16]);
		cr_expect_eq(kernels.lanes.shift[SIMD_SHIFT_SHL][SIMD_U16],
			     variant->lanes->shift[SIMD_SHIFT_SHL][SIMD_U16]);
		cr_expect_null(kernels.lanes.binary[SIMD_SRA][SIMD_U8]);
	}
}

Test(profile, every_place_of_the_lanes_has_one_operation) {
	struct simd_kernels whole = {0}, selected;
	simd_select(features, NULL, &selected);
	for (unsigned i = SIMD_OPERATION_LANES_ADD; i < SIMD_OPERATION_COUNT; i++)
		cr_assert(simd_method_use(features, (enum simd_operation)i,
					  simd_method_built_in(features, (enum simd_operation)i), &whole));
	cr_expect_arr_eq(&whole.lanes, &selected.lanes, sizeof(whole.lanes));
}

Test(profile, names_that_are_not_here_leave_the_built_in_choice) {
	struct simd_kernels plain, kernels;
	struct simd_profile profile = {0};
	for (unsigned i = 0; i < SIMD_OPERATION_COUNT; i++)
		profile.choice[i].method[0] = "no such method";
	simd_select(features, NULL, &plain);
	simd_select(features, &profile, &kernels);
	cr_expect_arr_eq(&kernels.copies, &plain.copies, sizeof(plain.copies));
	cr_expect_arr_eq(&kernels.lanes, &plain.lanes, sizeof(plain.lanes));
	cr_expect_arr_eq(&kernels.by_size, &plain.by_size, sizeof(plain.by_size));
	cr_expect_eq(kernels.copy_stream_bytes, simd_profile_default.copy_stream_bytes);
	cr_expect_not(simd_method_use(features, SIMD_OPERATION_COPY, "vpclmulqdq", &kernels));
}

/* On a CPU that has everything: nothing is called here. */
Test(profile, what_wants_a_measurement_is_a_profiles_alone) {
	const simd_features all = {.present = ~UINT64_C(0)};
	struct simd_kernels plain, kernels;
	simd_select(all, NULL, &plain);
	for (size_t i = 0; i < simd_extension_count; i++) {
		const struct simd_extension *extension = &simd_extensions[i];
		const struct simd_profile profile = {
			.choice[SIMD_OPERATION_COPY] = {{NULL, extension->method}, {16384}}};
		if (extension->unmeasured)
			continue;
		cr_expect_str_neq(simd_method_built_in(all, SIMD_OPERATION_COPY), extension->method);
		simd_select(all, &profile, &kernels);
		cr_expect_eq(kernels.copies.copy, plain.copies.copy);
		cr_expect_eq(kernels.by_size.copy[0], plain.copies.copy);
		cr_expect_neq(kernels.by_size.copy[1], plain.by_size.copy[1], "%s", extension->name);
		cr_expect_neq(kernels.by_size.move[1], plain.by_size.move[1], "%s", extension->name);
	}
}

Test(profile, bands_take_their_methods_by_size) {
	const struct simd_variant *scalar = &simd_variants[0];
	struct simd_kernels plain, kernels;
	struct simd_profile profile = {
		.choice[SIMD_OPERATION_COPY] = {{NULL, "scalar", NULL, "scalar"}, {128, 1024, 8192}},
		.choice[SIMD_OPERATION_FILL] = {{"scalar", NULL}, {64}},
		.choice[SIMD_OPERATION_SUM] = {{"scalar"}, {0}},
		.copy_stream_bytes = 1 << 20};
	simd_select(features, NULL, &plain);
	simd_select(features, &profile, &kernels);
	static const struct {
		size_t bytes;
		bool scalar;
	} cases[] = {{0, false}, {127, false}, {128, true}, {1023, true}, {1024, false}, {8191, false}, {8192, true}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect_eq(kernels.by_size.copy[simd_band(&kernels, SIMD_OPERATION_COPY, cases[i].bytes)],
			     cases[i].scalar ? scalar->copies->copy : plain.copies.copy, "%zu", cases[i].bytes);
	cr_expect_eq(kernels.copies.copy, plain.copies.copy, "a page is of the band from 1024 on");
	cr_expect_eq(kernels.by_size.fill[simd_band(&kernels, SIMD_OPERATION_FILL, 63)], scalar->fills->fill);
	cr_expect_eq(kernels.by_size.fill[simd_band(&kernels, SIMD_OPERATION_FILL, 1 << 20)], plain.fills.fill);
	cr_expect_eq(kernels.by_size.sums[simd_band(&kernels, SIMD_OPERATION_SUM, SIZE_MAX)].dot_f64,
		     scalar->sums->dot_f64);
	cr_expect_eq(kernels.by_size.popcount[0], plain.sums.popcount);
	cr_expect_eq(kernels.copy_stream_bytes, 1 << 20);
}

static char called; /* p: the page's method, b: a band's, s: the streaming one */

static void page_method(void *to, const void *from, size_t bytes) {
	(void)to, (void)from, (void)bytes;
	called = 'p';
}

static void band_method(void *to, const void *from, size_t bytes) {
	(void)to, (void)from, (void)bytes;
	called = 'b';
}

static void stream_method(void *to, const void *from, size_t bytes) {
	(void)to, (void)from, (void)bytes;
	called = 's';
}

Test(profile, copies_of_up_to_a_page_take_its_method) {
	static const struct {
		size_t bytes;
		char copy, move;
	} cases[] = {{0, 'p', 'p'}, {4096, 'p', 'p'}, {4097, 'b', 'b'}, {8191, 'b', 'b'}, {8192, 's', 'b'}};
	struct simd_kernels kernels;
	simd_select(features, NULL, &kernels);
	kernels.copies.copy = kernels.copies.move = page_method;
	kernels.copies.copy_stream = stream_method;
	for (unsigned band = 0; band < SIMD_BANDS; band++)
		kernels.by_size.copy[band] = kernels.by_size.move[band] = band_method;
	kernels.copy_stream_bytes = 8192;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		simd_copy(&kernels, NULL, NULL, cases[i].bytes);
		cr_expect_eq(called, cases[i].copy, "%zu", cases[i].bytes);
		simd_move(&kernels, NULL, NULL, cases[i].bytes);
		cr_expect_eq(called, cases[i].move, "%zu", cases[i].bytes);
	}
}

Test(profile, edges_that_do_not_ascend_end_the_bands) {
	struct simd_kernels kernels;
	struct simd_profile profile = {
		.choice[SIMD_OPERATION_COPY] = {{"scalar", NULL, "scalar", "scalar"}, {512, 512, 100}}};
	simd_select(features, &profile, &kernels);
	cr_expect_eq(simd_band(&kernels, SIMD_OPERATION_COPY, SIZE_MAX - 1), 1);
	cr_expect_neq(kernels.by_size.copy[1], simd_variants[0].copies->copy);
}

Test(profile, a_binary_function_and_the_operation_that_has_its_place_agree) {
	for (unsigned op = 0; op < SIMD_BINARY_COUNT; op++)
		for (unsigned lane = 0; lane < SIMD_LANE_COUNT; lane++) {
			struct simd_kernels kernels = {0};
			enum simd_operation operation =
				simd_binary_operation((enum simd_binary)op, (enum simd_lane)lane);
			if (simd_variants[0].lanes->binary[op][lane] == NULL)
				continue;
			cr_assert(simd_method_use(features, operation, "scalar", &kernels));
			cr_expect_eq(kernels.lanes.binary[op][lane], simd_variants[0].lanes->binary[op][lane],
				     "%u of %u: %s", op, lane, simd_operation_name(operation));
		}
}

/* By the bytes of an array, and not by its lanes; another operation's bands do not count. */
Test(profile, lanes_take_their_methods_by_size) {
	const struct simd_lanes *scalar = simd_variants[0].lanes;
	struct simd_kernels plain, kernels;
	struct simd_profile profile = {.choice[SIMD_OPERATION_LANES_MUL64] = {{"scalar", NULL}, {8192}},
				       .choice[SIMD_OPERATION_LANES_ADD] = {{NULL, "scalar"}, {16384}}};
	simd_select(features, NULL, &plain);
	simd_select(features, &profile, &kernels);
	const struct {
		enum simd_binary op;
		enum simd_lane lane;
		size_t count;
		bool scalar;
	} cases[] = {{SIMD_MUL, SIMD_U64, 1023, true},  {SIMD_MUL, SIMD_U64, 1024, false},
		     {SIMD_MUL, SIMD_U32, 100, false},  {SIMD_ADD, SIMD_U8, 16383, false},
		     {SIMD_ADD, SIMD_U8, 16384, true},  {SIMD_ADD, SIMD_U64, 2048, true},
		     {SIMD_MUL, SIMD_F32, 4095, false}, {SIMD_MUL, SIMD_F32, 4096, true},
		     {SIMD_SUB, SIMD_F64, 2048, true},  {SIMD_SHL, SIMD_U64, 2048, false}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum simd_operation operation = simd_binary_operation(cases[i].op, cases[i].lane);
		const struct simd_lanes *lanes = simd_lanes_of(&kernels, operation, cases[i].lane, cases[i].count);
		const struct simd_lanes *from = cases[i].scalar ? scalar : &plain.lanes;
		cr_expect_eq(lanes->binary[cases[i].op][cases[i].lane], from->binary[cases[i].op][cases[i].lane], "%zu",
			     i);
	}
	cr_expect_eq(kernels.lanes.binary[SIMD_MUL][SIMD_U64], scalar->binary[SIMD_MUL][SIMD_U64], "of a page");
	cr_expect_eq(kernels.lanes.binary[SIMD_ADD][SIMD_U32], plain.lanes.binary[SIMD_ADD][SIMD_U32]);
}

Test(profile, by_size_functions_do_what_the_methods_do) {
	struct simd_kernels kernels;
	struct simd_profile profile = {0};
	uint64_t from[64], to[64];
	float ones[16];
	for (unsigned i = 0; i < SIMD_OPERATION_COUNT; i++)
		profile.choice[i] = (struct simd_choice){{"scalar", NULL}, {100}};
	simd_select(features, &profile, &kernels);
	for (size_t i = 0; i < 64; i++)
		from[i] = i;
	for (size_t i = 0; i < 16; i++)
		ones[i] = 1;
	simd_copy(&kernels, to, from, sizeof(from));
	cr_expect_eq(simd_compare(&kernels, to, from, sizeof(from)), 0);
	simd_move(&kernels, to + 1, to, 80);
	cr_expect_eq(to[10], 9);
	cr_expect_eq(simd_sum_u64(&kernels, from, 64), 2016);
	cr_expect_eq(simd_popcount(&kernels, from, 64), 12);
	cr_expect_eq(simd_find_byte(&kernels, from, 63, sizeof(from)), 63 * 8);
	cr_expect_eq(simd_crc32c(&kernels, 0, "123456789", 9), 0xe3069283u);
	cr_expect_eq(simd_sum_f32(&kernels, ones, 16), 16.0f);
	cr_expect_eq(simd_dot_f32(&kernels, ones, ones, 16), 16.0f);
	simd_binary(&kernels, SIMD_MUL, SIMD_U64, to, from, from, 64);
	cr_expect_eq(to[63], 63 * 63);
	simd_shift(&kernels, SIMD_SHIFT_SHL, SIMD_U64, to, from, 4, 5);
	cr_expect_eq(to[4], 64);
	simd_not(&kernels, SIMD_U8, to, from, 64);
	cr_expect_eq(to[7], ~UINT64_C(7));
	simd_fma_f32(&kernels, to, ones, ones, ones, 16);
	cr_expect_eq(((float *)to)[15], 2.0f);
	simd_fill(&kernels, to, 0xff, sizeof(to));
	cr_expect_eq(to[63], UINT64_MAX);
	simd_zero(&kernels, to, 99);
	cr_expect_eq(to[11], 0);
}

/* ---- built in by CPU --------------------------------------------------------------------------------------------- */

static struct simd_cpu x86_cpu(uint32_t leaf1_eax) {
	return simd_cpu_decode_x86_64(UINT32_C(0x68747541), leaf1_eax);
}

Test(profile, a_cpu_is_vendor_family_and_model) {
	static const struct {
		uint32_t eax, family, model;
	} known[] = {{0x00b00f21, 26, 2}, {0x00a20f12, 25, 0x21}, {0x00050657, 6, 85}, {0x000806f8, 6, 0x8f}};
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct simd_cpu cpu = x86_cpu(known[i].eax);
		cr_expect_eq(cpu.family, known[i].family, "%#x: %u", known[i].eax, cpu.family);
		cr_expect_eq(cpu.model, known[i].model, "%#x: %u", known[i].eax, cpu.model);
	}
	struct simd_cpu arm = simd_cpu_decode_aarch64(0x413fd0c1);
	cr_expect(arm.vendor == 0x41 && arm.family == 0 && arm.model == 0xd0c, "Neoverse N1");
}

Test(profile, what_nobody_measured_has_the_default) {
	struct simd_cpu cpu = {1, 2, 3};
	cr_expect_eq(simd_profile_for(cpu), &simd_profile_default);
	cr_expect_str_eq(simd_profile_name_for(cpu), "default");
	cpu = simd_cpu_detect();
	cr_expect_not_null(simd_profile_for(cpu));
	cpu.family += 1000;
	cr_expect_eq(simd_profile_for(cpu), &simd_profile_default);
}

static bool is_method(simd_features of, enum simd_operation operation, const char *name) {
	struct simd_method all[SIMD_METHODS_MAX];
	size_t count = simd_methods(of, operation, all);
	for (size_t i = 0; i < count; i++)
		if (strcmp(all[i].name, name) == 0)
			return true;
	return false;
}

static void expect_choice_is_sound(const char *cpu, enum simd_operation operation, const struct simd_choice *choice) {
	const simd_features all = {~UINT64_C(0), 256};
	for (int band = 0; band < SIMD_BANDS; band++) {
		const char *name = choice->method[band];
		cr_expect(name == NULL || is_method(all, operation, name), "%s, %s: %s", cpu,
			  simd_operation_name(operation), name);
		if (band + 2 < SIMD_BANDS && choice->below[band + 1] != 0)
			cr_expect_lt(choice->below[band], choice->below[band + 1], "%s, %s", cpu,
				     simd_operation_name(operation));
	}
}

Test(profile, what_is_built_in_names_methods_that_there_are) {
	for (const struct simd_cpu_profile *row = simd_cpu_profiles; row->profile != NULL; row++) {
		cr_expect_leq(row->first_model, row->last_model, "%s", row->name);
		for (int i = 0; i < SIMD_OPERATION_COUNT; i++)
			expect_choice_is_sound(row->name, (enum simd_operation)i, &row->profile->choice[i]);
		struct simd_cpu cpu = {row->vendor, row->family, row->last_model};
		cr_expect_eq(simd_profile_for(cpu), row->profile, "%s: another row is before it", row->name);
		cr_expect_str_eq(simd_profile_name_for(cpu), row->name);
	}
}
