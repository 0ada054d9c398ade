/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/suites/tune_loops.h"

#include "bench/consume.h"

/* What is filled stays 0, as all operands are: what is compared with it is alike to its end. */
enum { ABSENT_BYTE = 0xa5, FILL_BYTE = 0 };

/* The compiler may not join what it cannot see into. */
void tune_loop_add(uint64_t adds) {
	uint64_t sum = bench_opaque(0);
	for (uint64_t left = adds / 8 + 1; left != 0; left--)
		for (unsigned i = 0; i < 8; i++)
			sum = bench_opaque(sum + left);
	bench_consume(sum);
}

/* Sized operations are called as a user of a profile calls them, by size: what the choice of a band costs is there
 * whichever method it chooses, and hides a cycle of the one and not of the other. */

static inline __attribute__((always_inline)) void call_copy(const struct tune_loop *loop, size_t at) {
	simd_copy(loop->kernels, loop->to + at, loop->a + at, loop->bytes);
}

static inline __attribute__((always_inline)) void call_fill(const struct tune_loop *loop, size_t at) {
	simd_fill(loop->kernels, loop->to + at, FILL_BYTE, loop->bytes);
}

static inline __attribute__((always_inline)) void call_zero(const struct tune_loop *loop, size_t at) {
	simd_zero(loop->kernels, loop->to + at, loop->bytes);
}

static inline __attribute__((always_inline)) void call_compare(const struct tune_loop *loop, size_t at) {
	bench_consume((uint64_t)simd_compare(loop->kernels, loop->to + at, loop->a + at, loop->bytes));
}

static inline __attribute__((always_inline)) void call_find_byte(const struct tune_loop *loop, size_t at) {
	bench_consume(simd_find_byte(loop->kernels, loop->a + at, ABSENT_BYTE, loop->bytes));
}

static inline __attribute__((always_inline)) void call_sum(const struct tune_loop *loop, size_t at) {
	const void *words = loop->a + at;
	bench_consume(simd_sum_u64(loop->kernels, words, loop->bytes / sizeof(uint64_t)));
}

static inline __attribute__((always_inline)) void call_popcount(const struct tune_loop *loop, size_t at) {
	bench_consume(simd_popcount(loop->kernels, loop->a + at, loop->bytes));
}

static inline __attribute__((always_inline)) void call_crc32c(const struct tune_loop *loop, size_t at) {
	bench_consume(simd_crc32c(loop->kernels, 0, loop->a + at, loop->bytes));
}

static inline __attribute__((always_inline)) void call_copy_page(const struct tune_loop *loop, size_t at) {
	loop->kernels->copies.copy_page(loop->to + at, loop->a + at);
}

static inline __attribute__((always_inline)) void call_zero_page(const struct tune_loop *loop, size_t at) {
	loop->kernels->fills.zero_page(loop->to + at);
}

static inline __attribute__((always_inline)) void call_is_zero_page(const struct tune_loop *loop, size_t at) {
	bench_consume(loop->kernels->scans.is_zero_page(loop->a + at));
}

static inline __attribute__((always_inline)) void call_page_hash(const struct tune_loop *loop, size_t at) {
	bench_consume(loop->kernels->hashes.page_hash(loop->a + at));
}

static inline __attribute__((always_inline)) void call_lanes(const struct tune_loop *loop, size_t at) {
	const struct simd_kernels *kernels = loop->kernels;
	void *to = loop->to + at;
	const void *a = loop->a + at, *b = loop->b + at;
	enum simd_operation operation = loop->operation;
	if (operation == SIMD_OPERATION_LANES_ADD) {
		simd_binary(kernels, SIMD_ADD, SIMD_U32, to, a, b, loop->bytes / sizeof(uint32_t));
		simd_binary(kernels, SIMD_SUB, SIMD_U8, to, a, b, loop->bytes);
		simd_binary(kernels, SIMD_XOR, SIMD_U64, to, a, b, loop->bytes / sizeof(uint64_t));
		simd_binary(kernels, SIMD_MUL, SIMD_F64, to, a, b, loop->bytes / sizeof(double));
	} else if (operation == SIMD_OPERATION_LANES_FMA) {
		simd_fma_f32(kernels, to, a, b, to, loop->bytes / sizeof(float));
		simd_fma_f64(kernels, to, a, b, to, loop->bytes / sizeof(double));
	} else if (operation < SIMD_OPERATION_LANES_SHIFT8) {
		enum simd_lane lane = (enum simd_lane)(operation - SIMD_OPERATION_LANES_MUL8);
		simd_binary(kernels, SIMD_MUL, lane, to, a, b, loop->bytes >> lane);
	} else {
		enum simd_lane lane = (enum simd_lane)(operation - SIMD_OPERATION_LANES_SHIFT8);
		simd_binary(kernels, SIMD_SHL, lane, to, a, b, loop->bytes >> lane);
		simd_binary(kernels, SIMD_SRL, lane, to, a, b, loop->bytes >> lane);
		simd_binary(kernels, SIMD_SRA, lane, to, a, b, loop->bytes >> lane);
		simd_shift(kernels, SIMD_SHIFT_SRA, lane, to, a, 3, loop->bytes >> lane);
	}
}

typedef void caller(const struct tune_loop *loop, size_t at);

/* Inlined for each operation. With one place everything is in a register: what else stands between calls, loads of
 * operands or an address worked out, is worth as much as a call of some bytes, and not the same beside each method. The
 * number of a place is in one too: through memory it would be a chain of a dozen cycles, and hide what calls take. */
static inline __attribute__((always_inline)) void run(struct tune_loop *loop, uint64_t calls, caller *call) {
	if (loop->place_mask == 0) {
		struct tune_loop own = *loop;
		for (; calls != 0; calls--) {
			own.bytes = bench_opaque(own.bytes);
			call(&own, 0);
			bench_consume_memory(own.to);
		}
		return;
	}
	uint32_t place = loop->place;
	for (; calls != 0; calls--) {
		call(loop, (size_t)place * loop->stride);
		bench_consume_memory(loop->to);
		place = (place * 5 + 0x9e3779b1) & loop->place_mask;
	}
	loop->place = place;
}

/* Where a loop lies in its lines is worth a cycle of a short call, and not the same beside each method: there is one of
 * each at every place, behind a number of instructions that do nothing. */
#define RUN_AT(name, place, count)                                                                      \
	static __attribute__((noinline, aligned(64))) void run_##name##_##place(struct tune_loop *loop, \
										uint64_t calls) {       \
		__asm__ volatile(".rept " #count "\n\tnop\n\t.endr");                                   \
		run(loop, calls, call_##name);                                                          \
	}
#define RUN(name) RUN_AT(name, 0, 0) RUN_AT(name, 1, 17) RUN_AT(name, 2, 34) RUN_AT(name, 3, 51)

RUN(copy)
RUN(fill)
RUN(zero)
RUN(compare)
RUN(find_byte)
RUN(sum)
RUN(popcount)
RUN(crc32c)
RUN(copy_page)
RUN(zero_page)
RUN(is_zero_page)
RUN(page_hash)
RUN(lanes)

typedef void runner(struct tune_loop *loop, uint64_t calls);

#define AT_EACH_PLACE(name) \
	{ run_##name##_0, run_##name##_1, run_##name##_2, run_##name##_3 }
static runner *const runners[SIMD_OPERATION_LANES_ADD + 1][TUNE_LOOP_PLACES] = {
	[SIMD_OPERATION_COPY] = AT_EACH_PLACE(copy),
	[SIMD_OPERATION_FILL] = AT_EACH_PLACE(fill),
	[SIMD_OPERATION_ZERO] = AT_EACH_PLACE(zero),
	[SIMD_OPERATION_COMPARE] = AT_EACH_PLACE(compare),
	[SIMD_OPERATION_FIND_BYTE] = AT_EACH_PLACE(find_byte),
	[SIMD_OPERATION_SUM] = AT_EACH_PLACE(sum),
	[SIMD_OPERATION_POPCOUNT] = AT_EACH_PLACE(popcount),
	[SIMD_OPERATION_CRC32C] = AT_EACH_PLACE(crc32c),
	[SIMD_OPERATION_COPY_PAGE] = AT_EACH_PLACE(copy_page),
	[SIMD_OPERATION_ZERO_PAGE] = AT_EACH_PLACE(zero_page),
	[SIMD_OPERATION_IS_ZERO_PAGE] = AT_EACH_PLACE(is_zero_page),
	[SIMD_OPERATION_PAGE_HASH] = AT_EACH_PLACE(page_hash),
	[SIMD_OPERATION_LANES_ADD] = AT_EACH_PLACE(lanes), /* and all behind it */
};

void tune_loop_run(struct tune_loop *loop, uint64_t calls) {
	bool lanes = loop->operation > SIMD_OPERATION_LANES_ADD;
	runners[lanes ? SIMD_OPERATION_LANES_ADD : loop->operation][loop->code_place % TUNE_LOOP_PLACES](loop, calls);
}

void tune_loop_run_in_company(struct tune_loop *loop, uint64_t calls, uint64_t adds) {
	for (; calls != 0; calls--) {
		tune_loop_run(loop, 1);
		tune_loop_add(adds);
	}
}
