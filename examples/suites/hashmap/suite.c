/* SPDX-License-Identifier: Apache-2.0
 *
 * A hash map at three quarters full: what is asked for is there (hit) or is not (miss); what is put in was taken out
 * before, so that the map stays as full as it is.
 *
 *   hit/SLOTS            a look-up that waits for the one before: the value is the next key
 *   miss/SLOTS           look-ups of keys that are not there; they do not wait for one another
 *   replace/SLOTS        the oldest key is taken out, and a new one is put in
 *   hit/SLOTS/in_order   as hit, but the map lies in physically contiguous memory: the image alone has that
 */
#include "bench/benchmark.h"
#include "hashmap.h"

static struct state {
	struct hashmap map;
	uint64_t keys;   /* in the map */
	uint64_t oldest; /* number of the key that was put in first */
	uint64_t next;   /* a sample goes on where the one before ended, or short ones would find in the caches what
			  * they left there */
} state;

/* Keys are numbers from 1 on; the hash makes disorder of them. What lies behind `keys` in the circle of those that are
 * in the map is the first again. */
static uint64_t next_key(uint64_t key) {
	return key < state.keys ? key + 1 : 1;
}

static enum bench_setup_result fill(const struct benchmark *row, struct bench_context *context, bool contiguous) {
	uint64_t slots = row->parameter;
	const struct bench_memory wanted = {
		.bytes = slots * sizeof(struct hashmap_slot), .alignment = 4096, .contiguous = contiguous};
	void *memory = bench_map(context, &wanted);
	if (memory == NULL)
		return BENCH_SKIP;
	hashmap_init(&state.map, memory, slots);
	state.keys = slots / 4 * 3;
	state.oldest = state.next = 1;
	for (uint64_t key = 1; key <= state.keys; key++)
		if (!hashmap_insert(&state.map, key, next_key(key)))
			return bench_fail(context, "the map is full too early");
	return BENCH_READY;
}

static enum bench_setup_result set_up(const struct benchmark *row, struct bench_context *context) {
	return fill(row, context, false);
}

static enum bench_setup_result set_up_in_order(const struct benchmark *row, struct bench_context *context) {
	return fill(row, context, true);
}

static void run_hit(void *unused, uint64_t iterations) {
	uint64_t key = state.next;
	for (; iterations != 0; iterations--)
		(void)hashmap_find(&state.map, key, &key);
	bench_consume(state.next = key);
}

static void run_miss(void *unused, uint64_t iterations) {
	uint64_t value = 0, missing = state.next + (UINT64_C(1) << 40);
	for (; iterations != 0; iterations--, missing++)
		bench_consume(hashmap_find(&state.map, missing, &value) + value);
	state.next = missing - (UINT64_C(1) << 40);
}

static void run_replace(void *unused, uint64_t iterations) {
	for (; iterations != 0; iterations--, state.oldest++) {
		bench_consume(hashmap_remove(&state.map, state.oldest));
		bench_consume(hashmap_insert(&state.map, state.oldest + state.keys, 0));
	}
}

/* The circle is gone once around, and nothing else is there; then keys are replaced until each was. */
static const char *check(const struct benchmark *row, void *unused) {
	uint64_t key = 1, value;
	for (uint64_t i = 1; i <= state.keys; i++)
		if (!hashmap_find(&state.map, key, &key) || key != i % state.keys + 1)
			return "a key is not found, or with another's value";
	for (uint64_t missing = state.keys + 1; missing < state.keys + 1000; missing++)
		if (hashmap_find(&state.map, missing, &value))
			return "a key is found that is not there";
	if (!hashmap_is_sound(&state.map))
		return "a key does not lie where it should";
	if (row->run != run_replace)
		return NULL;
	run_replace(NULL, state.keys);
	for (uint64_t i = 1; i <= state.keys; i++)
		if (hashmap_find(&state.map, i, &value) || !hashmap_find(&state.map, i + state.keys, &value))
			return "a key that was taken out is there, or one that was put in is not";
	return hashmap_is_sound(&state.map) ? NULL : "a key does not lie where it should, after others were taken out";
}

#define ROW(kind, slots, order, of_setup, of_run)                                                           \
	{                                                                                                   \
		.name = kind "/" #slots order, .iteration = kind " in a map of " #slots " slots",           \
		.unit = BENCH_UNIT_ELEMENTS, .per_iteration = 1, .parameter = (slots), .setup = (of_setup), \
		.check = check, .run = (of_run)                                                             \
	}
#define SIZE(slots)                                                                                       \
	ROW("hit", slots, "", set_up, run_hit), ROW("hit", slots, "/in_order", set_up_in_order, run_hit), \
		ROW("miss", slots, "", set_up, run_miss), ROW("replace", slots, "", set_up, run_replace)

static const struct benchmark rows[] = {SIZE(1024), SIZE(32768), SIZE(65536), SIZE(1048576)};
BENCH_SUITE(rows);
