/* SPDX-License-Identifier: Apache-2.0 */
#include "peers/tune/calls.h"

#include "bench/ticks.h"

enum { SAMPLE_TICKS = 60000, CALLS_IN_COMPANY = 40 };

typedef uint64_t caller(const struct call *call);

static inline __attribute__((always_inline)) uint64_t call_copy(const struct call *call) {
	simd_copy(call->kernels, call->to, call->from, call->bytes);
	return 0;
}

static inline __attribute__((always_inline)) uint64_t call_fill(const struct call *call) {
	simd_fill(call->kernels, call->to, 0x77, call->bytes);
	return 0;
}

static inline __attribute__((always_inline)) uint64_t call_zero(const struct call *call) {
	simd_zero(call->kernels, call->to, call->bytes);
	return 0;
}

static inline __attribute__((always_inline)) uint64_t call_compare(const struct call *call) {
	return (uint64_t)simd_compare(call->kernels, call->from, call->other, call->bytes);
}

static inline __attribute__((always_inline)) uint64_t call_find_byte(const struct call *call) {
	return simd_find_byte(call->kernels, call->from, 0xee, call->bytes);
}

static inline __attribute__((always_inline)) uint64_t call_sum(const struct call *call) {
	return simd_sum_u64(call->kernels, (const void *)call->from, call->bytes / sizeof(uint64_t));
}

static inline __attribute__((always_inline)) uint64_t call_popcount(const struct call *call) {
	return simd_popcount(call->kernels, call->from, call->bytes);
}

static inline __attribute__((always_inline)) uint64_t call_crc32c(const struct call *call) {
	return simd_crc32c(call->kernels, 1, call->from, call->bytes);
}

/* All kinds of functions of an operation, as their method is chosen for all of them: one after the other. */
static inline __attribute__((always_inline)) uint64_t call_lanes(const struct call *call) {
	const struct simd_kernels *kernels = call->kernels;
	const void *from = call->from, *other = call->other;
	enum simd_operation operation = call->operation;
	if (operation == SIMD_OPERATION_LANES_ADD) {
		simd_binary(kernels, SIMD_ADD, SIMD_U16, call->to, from, other, call->bytes / sizeof(uint16_t));
		simd_binary(kernels, SIMD_SUB, SIMD_F64, call->to, from, other, call->bytes / sizeof(double));
		simd_binary(kernels, SIMD_AND, SIMD_U8, call->to, from, other, call->bytes);
	} else if (operation == SIMD_OPERATION_LANES_FMA) {
		simd_fma_f32(kernels, call->to, from, other, from, call->bytes / sizeof(float));
		simd_fma_f64(kernels, call->to, from, other, from, call->bytes / sizeof(double));
	} else if (operation >= SIMD_OPERATION_LANES_SHIFT8) {
		enum simd_lane lane = (enum simd_lane)(operation - SIMD_OPERATION_LANES_SHIFT8);
		simd_binary(kernels, SIMD_SHL, lane, call->to, from, other, call->bytes >> lane);
		simd_binary(kernels, SIMD_SRA, lane, call->to, from, other, call->bytes >> lane);
		simd_shift(kernels, SIMD_SHIFT_SRL, lane, call->to, from, 3, call->bytes >> lane);
	} else {
		enum simd_lane lane = (enum simd_lane)(operation - SIMD_OPERATION_LANES_MUL8);
		simd_binary(kernels, SIMD_MUL, lane, call->to, from, other, call->bytes >> lane);
	}
	return 0;
}

static void add_dependent(unsigned adds) {
	uint64_t sum = 1;
	for (unsigned i = 0; i < adds; i++)
		__asm__ volatile("add %1, %0" : "+r"(sum) : "r"((uint64_t)i));
	__asm__ volatile("" : : "r"(sum));
}

/* Inlined for each operation, so that arguments stay in registers from call to call and nothing but the choice of the
 * band is between calls. The compiler may presume nothing of what an asm names as its output. */
static inline __attribute__((always_inline)) void loop(const struct call *call, uint64_t calls, caller *once) {
	struct call own = *call;
	for (; calls != 0; calls--) {
		__asm__ volatile("" : "+r"(own.to), "+r"(own.from), "+r"(own.bytes) : : "memory");
		uint64_t result = once(&own);
		__asm__ volatile("" : : "r"(result) : "memory");
	}
}

static inline __attribute__((always_inline)) void run(const struct call *call, uint64_t calls) {
	switch (call->operation) {
	case SIMD_OPERATION_COPY:
		return loop(call, calls, call_copy);
	case SIMD_OPERATION_FILL:
		return loop(call, calls, call_fill);
	case SIMD_OPERATION_ZERO:
		return loop(call, calls, call_zero);
	case SIMD_OPERATION_COMPARE:
		return loop(call, calls, call_compare);
	case SIMD_OPERATION_FIND_BYTE:
		return loop(call, calls, call_find_byte);
	case SIMD_OPERATION_SUM:
		return loop(call, calls, call_sum);
	case SIMD_OPERATION_POPCOUNT:
		return loop(call, calls, call_popcount);
	case SIMD_OPERATION_CRC32C:
		return loop(call, calls, call_crc32c);
	default:
		return loop(call, calls, call_lanes);
	}
}

/* Where a loop lies in its lines is worth a cycle of a short call, and not the same beside each method. */
#define RUN_AT(place, count)                                                                                         \
	static __attribute__((noinline, aligned(64))) void run_at_##place(const struct call *call, uint64_t calls) { \
		__asm__ volatile(".rept " #count "\n\tnop\n\t.endr");                                                \
		run(call, calls);                                                                                    \
	}

RUN_AT(0, 0)
RUN_AT(1, 17)
RUN_AT(2, 34)
RUN_AT(3, 51)

static void run_there(const struct call *call, uint64_t calls) {
	static void (*const runs[CALL_PLACES])(const struct call *, uint64_t) = {run_at_0, run_at_1, run_at_2,
										 run_at_3};
	runs[call->code_place % CALL_PLACES](call, calls);
}

static double time_calls(const struct call *call, uint64_t calls) {
	uint64_t begin = ticks_begin();
	run_there(call, calls);
	return (double)(ticks_end() - begin) / (double)calls;
}

double call_sample(const struct call *call) {
	run_there(call, 1);
	double about = time_calls(call, 4);
	return time_calls(call, (uint64_t)(SAMPLE_TICKS / (about + 1)) + 4);
}

double call_sample_in_company(const struct call *call, unsigned adds) {
	uint64_t begin = ticks_begin();
	for (unsigned i = 0; i < CALLS_IN_COMPANY; i++) {
		run_there(call, 1);
		add_dependent(adds);
	}
	return (double)(ticks_end() - begin) / CALLS_IN_COMPANY;
}
