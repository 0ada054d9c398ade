/* SPDX-License-Identifier: Apache-2.0
 *
 * A static library that was made elsewhere, from Rust: `make` in this folder makes it. What is measured is its code;
 * the table and the oracle are C's.
 */
#include "bench/benchmark.h"

enum { NUMBERS = 4096, BYTES_MOST = 10 };

size_t varint_write(uint64_t value, uint8_t *to, size_t capacity);
uint64_t varint_sum(const uint8_t *from, size_t length);

static uint8_t bytes[NUMBERS * BYTES_MOST];
static size_t length;
static uint64_t wanted, sum;

/* As many bits of a value as of any other. */
static enum bench_setup_result set_up(const struct benchmark *row, struct bench_context *context) {
	uint64_t state = 1;
	length = 0;
	wanted = 0;
	for (unsigned i = 0; i < NUMBERS; i++) {
		state = state * UINT64_C(6364136223846793005) + 1;
		uint64_t value = state >> state % 64;
		wanted += value;
		length += varint_write(value, bytes + length, sizeof(bytes) - length);
	}
	return BENCH_READY;
}

static void run(void *state, uint64_t iterations) {
	for (; iterations != 0; iterations--)
		bench_consume(sum = varint_sum(bytes, length));
}

static const char *check(const struct benchmark *row, void *state) {
	run(state, 1);
	return sum == wanted ? NULL : "the sum is not that of the numbers that were written";
}

static const struct benchmark rows[] = {
	{.name = "sum",
	 .iteration = "read 4,096 numbers of any length",
	 .unit = BENCH_UNIT_ELEMENTS,
	 .per_iteration = NUMBERS,
	 .setup = set_up,
	 .check = check,
	 .run = run},
};
BENCH_SUITE(rows);
