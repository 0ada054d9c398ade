/* SPDX-License-Identifier: Apache-2.0
 *
 * What `tune` might have found, with made-up figures: nothing is measured. Copies have three bands, where there are
 * methods enough, all other operations one, and popcount was not measured. Include it once in a test.
 */
#pragma once

#include "bench/tune/profile_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct tune_signature fixture_signature = {
	.architecture = "x86_64",
	.cpu = "GenuineIntel 6.85.7",
	.core_type = "P",
	.microcode = "0x5003604",
	.hypervisor = "KVM",
	.kernels = "0123456789abcdef",
	.model = "Intel(R) Xeon(R) \"Gold\"",
};

static const struct profile_tunables fixture_tunables = {
	.library = "glibc 2.36",
	.line = "GLIBC_TUNABLES=glibc.cpu.x86_rep_movsb_threshold=0x8000",
	.memcpy_gain = {.point = 0.7, .lower = 0.68, .upper = 0.71, .rounds = 9},
	.rounds = 9,
};

static const struct profile_about fixture_about = {
	.signature = &fixture_signature,
	.what_for = TUNE_FOR_MIXED,
	.command = "anechoic tune --thorough",
	.date = "2026-11-27T00:31:05Z",
	.tunables = &fixture_tunables,
};

static struct tune_ratio fixture_ratio(double point) {
	return (struct tune_ratio){
		.point = point,
		.lower = point * 0.99,
		.upper = point * 1.02,
		.ns = (float)(point * 12.3456),
		.rounds = 9,
	};
}

static void fixture_measure(struct tune_operation *operation) {
	operation->size_count = 5;
	for (size_t i = 0; i < operation->size_count; i++)
		operation->sizes[i] = (size_t)16 << 2 * i;
	for (size_t m = 0; m < operation->method_count; m++)
		for (unsigned c = 0; c < TUNE_CONDITION(TUNE_ALIGNED, TUNE_L2); c++)
			for (size_t i = 0; i < operation->size_count; i++)
				operation->ratio[m][c][i] =
					fixture_ratio(m == operation->built_in ? 1 : 0.9 + (double)(m + c + i) / 100);
	operation->ratio[0][0][2] = (struct tune_ratio){.rounds = 0};
}

/* By the first method, the last, and the built-in one. */
static void fixture_choose(const struct tune_operation *operation, bool bulk, struct tune_choice *choice) {
	const size_t from[] = {0, 100, 4096, SIZE_MAX};
	const unsigned last = (unsigned)operation->method_count - 1, built_in = (unsigned)operation->built_in;
	const unsigned methods[] = {0, bulk ? last : built_in, built_in};
	const enum tune_basis basis[] = {TUNE_CHOSEN, bulk ? TUNE_CHOSEN : TUNE_KEPT_IN_COMPANY, TUNE_KEPT};
	choice->band_count = operation->operation == SIMD_OPERATION_COPY ? 3 : 1;
	for (size_t i = 0; i < choice->band_count; i++)
		choice->bands[i] = (struct tune_band){
			.from = from[i],
			.below = i + 1 < choice->band_count ? from[i + 1] : SIZE_MAX,
			.method = choice->band_count == 1 ? last : methods[i],
			.basis = basis[i],
			.gain = fixture_ratio(0.8),
			.cold = fixture_ratio(1.1),
			.company = basis[i] == TUNE_KEPT ? (struct tune_ratio){.rounds = 0} : fixture_ratio(1.04),
		};
	choice->cells = 30;
	choice->conflicts = 1;
	choice->undecided = 2;
}

static void fixture_price(struct price *price) {
	price->arm_count = 3;
	for (size_t arm = 0; arm < price->arm_count; arm++) {
		price->arm[arm] = (enum simd_width)(arm == 0 ? SIMD_WIDTH_SCALAR : SIMD_WIDTH_256 + arm - 1);
		for (unsigned d = 0; d < PRICE_DUTIES; d++)
			for (unsigned b = 0; b < PRICE_BURSTS; b++)
				price->cell[arm][d][b] = (struct price_cell){fixture_ratio(1 + (double)arm * 0.05),
									     (double)arm * 660000, 21.5};
	}
	price->bound = 0.15;
	price->stall_bound_ns = 20.5;
}

/* Of the methods that these features have; to be freed. */
static struct tune *fixture_tune(simd_features features) {
	struct tune *tune = calloc(1, sizeof(*tune));
	tune->plan = (struct tune_plan){.thorough = true, .budget_ns = 30000000000, .seed = 7};
	tune->rounds = 9;
	tune->taken_ns = 28000000000;
	tune->streams = (struct streams){.measured = true, .others = 3, .bytes = {3 << 20, SIZE_MAX}};
	tune->streams.ratio[STREAM_PAST][STREAM_COPY][STREAM_BUSY][4] = fixture_ratio(0.9);
	tune->streams.ratio[STREAM_REP][STREAM_COPY][STREAM_ALONE][0] = fixture_ratio(0.8);
	tune->streams.ratio[STREAM_REP][STREAM_COPY][STREAM_BUSY][0] = fixture_ratio(1.3);
	for (int i = 0; i < SIMD_OPERATION_COUNT; i++) {
		struct tune_operation *operation = &tune->operations[i];
		operation->operation = (enum simd_operation)i;
		if (i == SIMD_OPERATION_POPCOUNT)
			continue;
		operation->method_count = simd_methods(features, operation->operation, operation->methods);
		while (strcmp(operation->methods[operation->built_in].name,
			      simd_method_built_in(features, operation->operation)) != 0)
			operation->built_in++;
		fixture_measure(operation);
		for (int what_for = 0; what_for < TUNE_FOR_COUNT; what_for++)
			fixture_choose(operation, what_for == TUNE_FOR_BULK, &tune->choices[what_for][i]);
	}
	fixture_price(&tune->price);
	return tune;
}
