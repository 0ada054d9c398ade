/* SPDX-License-Identifier: Apache-2.0 */
#include "peers/tune/company.h"

#include "bench/ticks.h"
#include "peers/tune/calls.h"
#include "peers/tune/cells.h"

#include <stdio.h>
#include <stdlib.h>

enum { ADDS = 4000, COMPANY_BYTES = 4096 };

bool company_check(const struct profile_file *file, enum simd_operation operation) {
	static struct samples samples;
	bench_open(operation);
	bench->samples = &samples;
	for (unsigned round = 0; round < ROUNDS; round++)
		for (size_t i = 0; i < bench->count; i++) {
			size_t m = (i + round) % bench->count;
			struct call call = {
				.operation = operation,
				.kernels = &bench->methods[m].kernels,
				.to = to,
				.from = from,
				.other = from + AREA_BYTES,
				.bytes = COMPANY_BYTES,
			};
			bench->samples->ticks[m][round] = call_sample_in_company(&call, ADDS);
		}
	size_t chosen = bench_chosen(&file->choices[TUNE_FOR_MIXED], COMPANY_BYTES), best = bench_fastest();
	struct tune_ratio ratio = bench_ratio(chosen, best, 1);
	bool good = chosen == best || ratio.lower <= 1.01;
	printf("4 KiB %s and %d additions, mixed: %s takes %.4f [%.4f, %.4f] of %s (bar 1.01)%s\n",
	       simd_operation_name(operation), ADDS, bench->methods[chosen].method.name, ratio.point, ratio.lower,
	       ratio.upper, bench->methods[best].method.name, good ? "" : ": missed");
	return good;
}

/* ---- the choice of a band ---------------------------------------------------------------------------------------- */

enum { DISPATCH_CALLS = 2000, DISPATCH_BYTES = 64 };

static double fill_directly(const struct simd_kernels *kernels) {
	simd_fill_function *fill = kernels->by_size.fill[simd_band(kernels, SIMD_OPERATION_FILL, DISPATCH_BYTES)];
	uint64_t begin = ticks_begin();
	for (unsigned i = 0; i < DISPATCH_CALLS; i++) {
		__asm__ volatile("" : "+r"(fill) : : "memory");
		fill(to, 1, DISPATCH_BYTES);
	}
	return (double)(ticks_end() - begin) / DISPATCH_CALLS;
}

static double fill_by_size(const struct simd_kernels *kernels) {
	size_t bytes = DISPATCH_BYTES;
	uint64_t begin = ticks_begin();
	for (unsigned i = 0; i < DISPATCH_CALLS; i++) {
		__asm__ volatile("" : "+r"(bytes) : : "memory");
		simd_fill(kernels, to, 1, bytes);
	}
	return (double)(ticks_end() - begin) / DISPATCH_CALLS;
}

static double copy_directly(const struct simd_kernels *kernels) {
	simd_copy_function *copy = kernels->copies.copy;
	uint64_t begin = ticks_begin();
	for (unsigned i = 0; i < DISPATCH_CALLS; i++) {
		__asm__ volatile("" : "+r"(copy) : : "memory");
		copy(to, from, DISPATCH_BYTES);
	}
	return (double)(ticks_end() - begin) / DISPATCH_CALLS;
}

static double copy_by_size(const struct simd_kernels *kernels) {
	size_t bytes = DISPATCH_BYTES;
	uint64_t begin = ticks_begin();
	for (unsigned i = 0; i < DISPATCH_CALLS; i++) {
		__asm__ volatile("" : "+r"(bytes) : : "memory");
		simd_copy(kernels, to, from, bytes);
	}
	return (double)(ticks_end() - begin) / DISPATCH_CALLS;
}

static double add_directly(const struct simd_kernels *kernels) {
	simd_binary_function *add =
		simd_lanes_of(kernels, SIMD_OPERATION_LANES_ADD, SIMD_U8, DISPATCH_BYTES)->binary[SIMD_ADD][SIMD_U8];
	uint64_t begin = ticks_begin();
	for (unsigned i = 0; i < DISPATCH_CALLS; i++) {
		__asm__ volatile("" : "+r"(add) : : "memory");
		add(to, from, from + AREA_BYTES, DISPATCH_BYTES);
	}
	return (double)(ticks_end() - begin) / DISPATCH_CALLS;
}

static double add_by_size(const struct simd_kernels *kernels) {
	size_t bytes = DISPATCH_BYTES;
	uint64_t begin = ticks_begin();
	for (unsigned i = 0; i < DISPATCH_CALLS; i++) {
		__asm__ volatile("" : "+r"(bytes) : : "memory");
		simd_binary(kernels, SIMD_ADD, SIMD_U8, to, from, from + AREA_BYTES, bytes);
	}
	return (double)(ticks_end() - begin) / DISPATCH_CALLS;
}

static int ascending(const void *left, const void *right) {
	double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

static bool check_dispatch(const struct profile_file *file, const char *name,
			   double (*directly)(const struct simd_kernels *),
			   double (*by_size)(const struct simd_kernels *), double ns_a_tick) {
	static struct simd_kernels kernels;
	double ratios[ROUNDS], ns[ROUNDS];
	simd_select(features, &file->choices[TUNE_FOR_BULK], &kernels);
	for (unsigned round = 0; round < ROUNDS; round++) {
		double direct = directly(&kernels), sized = by_size(&kernels);
		ratios[round] = sized / direct;
		ns[round] = (sized - direct) * ns_a_tick;
	}
	struct tune_ratio ratio = tune_ratio_of(ratios, ROUNDS);
	qsort(ns, ROUNDS, sizeof(ns[0]), ascending);
	bool good = ratio.point <= 1.02 || ns[ROUNDS / 2] <= 1;
	printf("%s of %d B by size: %.3f [%.3f, %.3f] of a call through the method's pointer, %.2f ns more (bar 1.02 "
	       "or 1 ns)%s\n",
	       name, DISPATCH_BYTES, ratio.point, ratio.lower, ratio.upper, ns[ROUNDS / 2], good ? "" : ": missed");
	return good;
}

bool company_check_dispatch(const struct profile_file *file, double ns_a_tick) {
	bool good = check_dispatch(file, "copy", copy_directly, copy_by_size, ns_a_tick);
	good &= check_dispatch(file, "fill", fill_directly, fill_by_size, ns_a_tick);
	return check_dispatch(file, "add of u8", add_directly, add_by_size, ns_a_tick) && good;
}
