/* SPDX-License-Identifier: Apache-2.0
 *
 * Look-ups in a B-tree, in small pages and in large ones. Keys were put in in random order, and are looked for in
 * another random order.
 *
 *   find/KEYS/small_pages   each look-up waits for the one before: the value that it found is the next key
 *   find/KEYS/large_pages   the same tree in pages of 2 MiB
 *   many/KEYS/small_pages   look-ups that do not wait for one another
 *   many/KEYS/large_pages
 */
#include "bench/benchmark.h"
#include "btree.h"

static struct state {
	struct btree tree;
	uint64_t keys; /* a power of two */
	uint64_t next; /* key or number: a sample goes on where the one before ended, or short ones would find in the
			* caches what they left there */
} state;

/* Keys 0 to keys - 1 in an order of no pattern, one to one: odd multiples and shifts are. */
static uint64_t shuffled(uint64_t number) {
	uint64_t mask = state.keys - 1;
	number = number * UINT64_C(0x9e3779b97f4a7c15) & mask;
	number ^= number >> 5;
	return number * UINT64_C(0xd1342543de82ef95) & mask;
}

/* The value of a key is another key; from each one all are reached (Hull and Dobell 1962). */
static uint64_t value_of(uint64_t key) {
	return (key * 5 + 12345) & (state.keys - 1);
}

static uint64_t bytes_of(uint64_t keys) {
	return btree_nodes_needed(keys) * BTREE_NODE_BYTES;
}

static enum bench_setup_result set_up(const struct benchmark *row, struct bench_context *context, uint64_t page_bytes) {
	const struct bench_memory wanted = {
		.bytes = bytes_of(row->parameter), .page_bytes = page_bytes, .alignment = 64};
	void *memory = bench_map(context, &wanted);
	if (memory == NULL)
		return BENCH_SKIP;
	state.keys = row->parameter;
	state.next = 0;
	btree_init(&state.tree, memory, (uint32_t)btree_nodes_needed(state.keys));
	for (uint64_t i = 0; i < state.keys; i++)
		if (!btree_insert(&state.tree, shuffled(i) * 2, value_of(shuffled(i))))
			return bench_fail(context, "the tree is full too early");
	return BENCH_READY;
}

static enum bench_setup_result set_up_small(const struct benchmark *row, struct bench_context *context) {
	return set_up(row, context, BENCH_PAGE_4KIB);
}

static enum bench_setup_result set_up_large(const struct benchmark *row, struct bench_context *context) {
	return set_up(row, context, BENCH_PAGE_2MIB);
}

/* Keys are the even numbers. */
static const char *check(const struct benchmark *row, void *unused) {
	uint64_t value = 0;
	if (btree_walk(&state.tree) != state.keys)
		return "keys are missing, or out of order";
	for (uint64_t key = 0; key < state.keys; key++) {
		if (!btree_find(&state.tree, key * 2, &value) || value != value_of(key))
			return "a key is not found, or with another's value";
		if (btree_find(&state.tree, key * 2 + 1, &value))
			return "a key is found that is not there";
	}
	return NULL;
}

static void find_one_by_one(void *unused, uint64_t iterations) {
	uint64_t key = state.next;
	for (; iterations != 0; iterations--)
		(void)btree_find(&state.tree, key * 2, &key);
	bench_consume(state.next = key);
}

static void find_many(void *unused, uint64_t iterations) {
	uint64_t value = 0, number = state.next;
	for (; iterations != 0; iterations--, number++) {
		(void)btree_find(&state.tree, shuffled(number & (state.keys - 1)) * 2, &value);
		bench_consume(value);
	}
	state.next = number;
}

#define ROW(kind, keys, pages, of_setup, of_run)                                                           \
	{                                                                                                  \
		.name = kind "/" #keys "/" pages, .iteration = "find a key among " #keys ", in " pages,    \
		.unit = BENCH_UNIT_ELEMENTS, .per_iteration = 1, .parameter = (keys), .setup = (of_setup), \
		.check = check, .run = (of_run)                                                            \
	}
#define ROWS(kind, keys, run) \
	ROW(kind, keys, "small_pages", set_up_small, run), ROW(kind, keys, "large_pages", set_up_large, run)

static const struct benchmark rows[] = {
	ROWS("find", 1024, find_one_by_one),   ROWS("find", 16384, find_one_by_one),
	ROWS("find", 262144, find_one_by_one), ROWS("find", 4194304, find_one_by_one),
	ROWS("many", 1024, find_many),         ROWS("many", 16384, find_many),
	ROWS("many", 262144, find_many),
};
BENCH_SUITE(rows);
