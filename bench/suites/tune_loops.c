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

/* The number stays in a register: through memory it would be a chain of a dozen cycles, and hide what calls take. */
static inline size_t next_place(const struct tune_loop *loop, uint32_t *place) {
	uint32_t number = *place;
	*place = (number * 5 + 0x9e3779b1) & loop->place_mask;
	return number * loop->stride;
}

/* Sized operations are called as a user of a profile calls them, by size: what the choice of a band costs is there
 * whichever method it chooses, and hides a cycle of the one and not of the other. */

static void run_copy(struct tune_loop *loop, uint64_t calls) {
	uint32_t place = loop->place;
	for (; calls != 0; calls--) {
		size_t at = next_place(loop, &place);
		simd_copy(loop->kernels, loop->to + at, loop->a + at, loop->bytes);
		bench_consume_memory(loop->to);
	}
	loop->place = place;
}

static void run_fill(struct tune_loop *loop, uint64_t calls) {
	uint32_t place = loop->place;
	for (; calls != 0; calls--) {
		size_t at = next_place(loop, &place);
		simd_fill(loop->kernels, loop->to + at, FILL_BYTE, loop->bytes);
		bench_consume_memory(loop->to);
	}
	loop->place = place;
}

static void run_zero(struct tune_loop *loop, uint64_t calls) {
	uint32_t place = loop->place;
	for (; calls != 0; calls--) {
		size_t at = next_place(loop, &place);
		simd_zero(loop->kernels, loop->to + at, loop->bytes);
		bench_consume_memory(loop->to);
	}
	loop->place = place;
}

static void run_compare(struct tune_loop *loop, uint64_t calls) {
	uint32_t place = loop->place;
	for (; calls != 0; calls--) {
		size_t at = next_place(loop, &place);
		bench_consume((uint64_t)simd_compare(loop->kernels, loop->to + at, loop->a + at, loop->bytes));
		bench_consume_memory(loop->to);
	}
	loop->place = place;
}

static void run_find_byte(struct tune_loop *loop, uint64_t calls) {
	uint32_t place = loop->place;
	for (; calls != 0; calls--) {
		size_t at = next_place(loop, &place);
		bench_consume(simd_find_byte(loop->kernels, loop->a + at, ABSENT_BYTE, loop->bytes));
		bench_consume_memory(loop->to);
	}
	loop->place = place;
}

static void run_sum(struct tune_loop *loop, uint64_t calls) {
	uint32_t place = loop->place;
	for (; calls != 0; calls--) {
		size_t at = next_place(loop, &place);
		const void *words = loop->a + at;
		bench_consume(simd_sum_u64(loop->kernels, words, loop->bytes / sizeof(uint64_t)));
		bench_consume_memory(loop->to);
	}
	loop->place = place;
}

static void run_popcount(struct tune_loop *loop, uint64_t calls) {
	uint32_t place = loop->place;
	for (; calls != 0; calls--) {
		size_t at = next_place(loop, &place);
		bench_consume(simd_popcount(loop->kernels, loop->a + at, loop->bytes));
		bench_consume_memory(loop->to);
	}
	loop->place = place;
}

static void run_crc32c(struct tune_loop *loop, uint64_t calls) {
	uint32_t place = loop->place;
	for (; calls != 0; calls--) {
		size_t at = next_place(loop, &place);
		bench_consume(simd_crc32c(loop->kernels, 0, loop->a + at, loop->bytes));
		bench_consume_memory(loop->to);
	}
	loop->place = place;
}

/* The others load their function once, and then call it at each place. */

static void run_copy_page(struct tune_loop *loop, uint64_t calls) {
	uint32_t place = loop->place;
	simd_page_copy_function *const f = loop->kernels->copies.copy_page;
	for (; calls != 0; calls--) {
		size_t at = next_place(loop, &place);
		f(loop->to + at, loop->a + at);
		bench_consume_memory(loop->to);
	}
	loop->place = place;
}

static void run_zero_page(struct tune_loop *loop, uint64_t calls) {
	uint32_t place = loop->place;
	simd_page_zero_function *const f = loop->kernels->fills.zero_page;
	for (; calls != 0; calls--) {
		size_t at = next_place(loop, &place);
		f(loop->to + at);
		bench_consume_memory(loop->to);
	}
	loop->place = place;
}

static void run_is_zero_page(struct tune_loop *loop, uint64_t calls) {
	uint32_t place = loop->place;
	simd_is_zero_page_function *const f = loop->kernels->scans.is_zero_page;
	for (; calls != 0; calls--) {
		size_t at = next_place(loop, &place);
		bench_consume(f(loop->a + at));
		bench_consume_memory(loop->to);
	}
	loop->place = place;
}

static void run_page_hash(struct tune_loop *loop, uint64_t calls) {
	uint32_t place = loop->place;
	simd_page_hash_function *const f = loop->kernels->hashes.page_hash;
	for (; calls != 0; calls--) {
		size_t at = next_place(loop, &place);
		bench_consume(f(loop->a + at));
		bench_consume_memory(loop->to);
	}
	loop->place = place;
}

static inline void call_lanes(const struct tune_loop *loop, size_t at) {
	const struct simd_lanes *lanes = &loop->kernels->lanes;
	void *to = loop->to + at;
	const void *a = loop->a + at, *b = loop->b + at;
	enum simd_operation operation = loop->operation;
	if (operation == SIMD_OPERATION_LANES_ADD) {
		lanes->binary[SIMD_ADD][SIMD_U32](to, a, b, loop->bytes / sizeof(uint32_t));
		lanes->binary[SIMD_SUB][SIMD_U8](to, a, b, loop->bytes);
		lanes->binary[SIMD_XOR][SIMD_U64](to, a, b, loop->bytes / sizeof(uint64_t));
		lanes->binary[SIMD_MUL][SIMD_F64](to, a, b, loop->bytes / sizeof(double));
	} else if (operation == SIMD_OPERATION_LANES_FMA) {
		lanes->fma_f32(to, a, b, to, loop->bytes / sizeof(float));
		lanes->fma_f64(to, a, b, to, loop->bytes / sizeof(double));
	} else if (operation < SIMD_OPERATION_LANES_SHIFT8) {
		unsigned lane = operation - SIMD_OPERATION_LANES_MUL8;
		lanes->binary[SIMD_MUL][lane](to, a, b, loop->bytes >> lane);
	} else {
		unsigned lane = operation - SIMD_OPERATION_LANES_SHIFT8;
		lanes->binary[SIMD_SHL][lane](to, a, b, loop->bytes >> lane);
		lanes->binary[SIMD_SRL][lane](to, a, b, loop->bytes >> lane);
		lanes->binary[SIMD_SRA][lane](to, a, b, loop->bytes >> lane);
		lanes->shift[SIMD_SHIFT_SRA][lane](to, a, 3, loop->bytes >> lane);
	}
	bench_consume_memory(to);
}

static void run_lanes(struct tune_loop *loop, uint64_t calls) {
	uint32_t place = loop->place;
	for (; calls != 0; calls--)
		call_lanes(loop, next_place(loop, &place));
	loop->place = place;
}

typedef void runner(struct tune_loop *loop, uint64_t calls);

static runner *const runners[SIMD_OPERATION_LANES_ADD] = {
	[SIMD_OPERATION_COPY] = run_copy,
	[SIMD_OPERATION_FILL] = run_fill,
	[SIMD_OPERATION_ZERO] = run_zero,
	[SIMD_OPERATION_COMPARE] = run_compare,
	[SIMD_OPERATION_FIND_BYTE] = run_find_byte,
	[SIMD_OPERATION_SUM] = run_sum,
	[SIMD_OPERATION_POPCOUNT] = run_popcount,
	[SIMD_OPERATION_CRC32C] = run_crc32c,
	[SIMD_OPERATION_COPY_PAGE] = run_copy_page,
	[SIMD_OPERATION_ZERO_PAGE] = run_zero_page,
	[SIMD_OPERATION_IS_ZERO_PAGE] = run_is_zero_page,
	[SIMD_OPERATION_PAGE_HASH] = run_page_hash,
};

void tune_loop_run(struct tune_loop *loop, uint64_t calls) {
	(loop->operation < SIMD_OPERATION_LANES_ADD ? runners[loop->operation] : run_lanes)(loop, calls);
}

void tune_loop_run_in_company(struct tune_loop *loop, uint64_t calls, uint64_t adds) {
	for (; calls != 0; calls--) {
		tune_loop_run(loop, 1);
		tune_loop_add(adds);
	}
}
