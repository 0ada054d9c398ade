/* SPDX-License-Identifier: Apache-2.0
 *
 * A hash map from 64-bit keys to 64-bit values in memory of the caller's: open addressing, one place behind the other,
 * and "Robin Hood" (Celis 1986): who is farther from home takes the place, so that a look-up may end where somebody is
 * nearer than the key would be. One thread at a time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 16 bytes, four a cache line. */
struct hashmap_slot {
	uint64_t key; /* 0: nobody's */
	uint64_t value;
};

struct hashmap {
	struct hashmap_slot *slots;
	uint64_t mask; /* slots - 1 */
	uint64_t count, most;
};

/* An empty map in `slots` slots, a power of two, at least 8, which `memory` holds; all of them are written. Seven of
 * eight may be taken. */
void hashmap_init(struct hashmap *map, void *memory, uint64_t slots);

/* Keys are above 0. Gives a key a value, which replaces that of before. false: the map is full. */
bool hashmap_insert(struct hashmap *map, uint64_t key, uint64_t value);

/* false: no such key, and *value is as it was. */
bool hashmap_find(const struct hashmap *map, uint64_t key, uint64_t *value);

/* false: it was not there. */
bool hashmap_remove(struct hashmap *map, uint64_t key);

/* Whether each key lies where a look-up finds it, and `count` is right. */
bool hashmap_is_sound(const struct hashmap *map);
