/* SPDX-License-Identifier: Apache-2.0
 *
 * bench/consume.h as suites use it, and the same loops without it: host-tests/machine_code_tests.py reads what a
 * compiler made of them with the core's flags. A `free_` function is what the barrier is there to prevent: were it
 * compiled like its twin, the test could not tell one from the other.
 */
#include "bench/consume.h"

#include <stddef.h>

void value_is_kept(uint64_t iterations);
void work_stays_in_loop(uint64_t a, uint64_t b, uint64_t iterations);
void free_work_is_hoisted(uint64_t a, uint64_t b, uint64_t iterations);
void load_is_kept(const uint64_t *values, uint64_t iterations);
void free_load_is_deleted(const uint64_t *values, uint64_t iterations);
void load_stays_in_loop(const uint64_t *value, uint64_t iterations);
uint64_t free_load_is_hoisted(const uint64_t *value, uint64_t iterations);
void store_stays_in_loop(uint64_t *value, uint64_t iterations);
void free_store_leaves_loop(uint64_t *value, uint64_t iterations);
void both_are_kept(uint64_t a, uint64_t b, uint64_t iterations);
uint64_t chain_is_kept(uint64_t value, uint64_t iterations);

void value_is_kept(uint64_t iterations) {
	for (; iterations != 0; iterations--)
		bench_consume(iterations);
}

void work_stays_in_loop(uint64_t a, uint64_t b, uint64_t iterations) {
	for (; iterations != 0; iterations--)
		bench_consume(bench_opaque(a) * b);
}

void free_work_is_hoisted(uint64_t a, uint64_t b, uint64_t iterations) {
	for (; iterations != 0; iterations--)
		bench_consume(a * b);
}

void load_is_kept(const uint64_t *values, uint64_t iterations) {
	for (uint64_t i = 0; i < iterations; i++)
		bench_consume(values[i & 63]);
}

void free_load_is_deleted(const uint64_t *values, uint64_t iterations) {
	uint64_t sum = 0;
	for (uint64_t i = 0; i < iterations; i++)
		sum += values[i & 63];
	(void)sum;
}

void load_stays_in_loop(const uint64_t *value, uint64_t iterations) {
	for (; iterations != 0; iterations--) {
		bench_consume(*value);
		bench_consume_memory(value);
	}
}

uint64_t free_load_is_hoisted(const uint64_t *value, uint64_t iterations) {
	uint64_t sum = 0;
	for (; iterations != 0; iterations--)
		sum = (sum ^ *value) * 3;
	return sum;
}

void store_stays_in_loop(uint64_t *value, uint64_t iterations) {
	for (; iterations != 0; iterations--) {
		*value = iterations;
		bench_consume_memory(value);
	}
}

void free_store_leaves_loop(uint64_t *value, uint64_t iterations) {
	for (; iterations != 0; iterations--)
		*value = iterations;
}

void both_are_kept(uint64_t a, uint64_t b, uint64_t iterations) {
	for (; iterations != 0; iterations--) {
		a = bench_opaque(a);
		bench_consume(a * b);
		bench_consume(a ^ b);
	}
}

uint64_t chain_is_kept(uint64_t value, uint64_t iterations) {
	for (; iterations != 0; iterations--)
		value = bench_opaque(value * value);
	return value;
}
