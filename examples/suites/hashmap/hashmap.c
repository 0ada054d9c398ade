/* SPDX-License-Identifier: Apache-2.0 */
#include "hashmap.h"

enum { LEAST_FREE = 8 };

/* The finaliser of MurmurHash3: each bit of the key changes half of those of the hash. */
static uint64_t home_of(const struct hashmap *map, uint64_t key) {
	key = (key ^ key >> 33) * UINT64_C(0xff51afd7ed558ccd);
	key = (key ^ key >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
	return (key ^ key >> 33) & map->mask;
}

/* How far behind its home a key lies in `place`. */
static uint64_t distance(const struct hashmap *map, uint64_t key, uint64_t place) {
	return (place - home_of(map, key)) & map->mask;
}

void hashmap_init(struct hashmap *map, void *memory, uint64_t slots) {
	*map = (struct hashmap){.slots = memory, .mask = slots - 1, .most = slots - slots / LEAST_FREE};
	for (uint64_t i = 0; i < slots; i++)
		map->slots[i] = (struct hashmap_slot){0, 0};
}

/* Where the key is, or where it would have to be put: an empty slot, or one whose key is nearer to its home. */
static uint64_t place_of(const struct hashmap *map, uint64_t key) {
	uint64_t place = home_of(map, key), away = 0;
	for (;; place = (place + 1) & map->mask, away++) {
		uint64_t there = map->slots[place].key;
		if (there == key || there == 0 || distance(map, there, place) < away)
			return place;
	}
}

bool hashmap_find(const struct hashmap *map, uint64_t key, uint64_t *value) {
	const struct hashmap_slot *slot = &map->slots[place_of(map, key)];
	if (slot->key != key)
		return false;
	*value = slot->value;
	return true;
}

/* From `place` on each takes the place of the next, to the first empty one: nobody's order changes. */
static void shift_up(struct hashmap *map, uint64_t place, struct hashmap_slot slot) {
	for (; slot.key != 0; place = (place + 1) & map->mask) {
		struct hashmap_slot there = map->slots[place];
		map->slots[place] = slot;
		slot = there;
	}
}

bool hashmap_insert(struct hashmap *map, uint64_t key, uint64_t value) {
	uint64_t place = place_of(map, key);
	if (map->slots[place].key == key) {
		map->slots[place].value = value;
		return true;
	}
	if (map->count == map->most)
		return false;
	shift_up(map, place, (struct hashmap_slot){key, value});
	map->count++;
	return true;
}

/* Those behind move one nearer, up to one that is at home: no mark is left in the empty slot. */
bool hashmap_remove(struct hashmap *map, uint64_t key) {
	uint64_t place = place_of(map, key);
	if (map->slots[place].key != key)
		return false;
	for (;;) {
		uint64_t next = (place + 1) & map->mask;
		uint64_t moves = map->slots[next].key;
		if (moves == 0 || distance(map, moves, next) == 0)
			break;
		map->slots[place] = map->slots[next];
		place = next;
	}
	map->slots[place] = (struct hashmap_slot){0, 0};
	map->count--;
	return true;
}

bool hashmap_is_sound(const struct hashmap *map) {
	uint64_t count = 0;
	for (uint64_t place = 0; place <= map->mask; place++) {
		uint64_t key = map->slots[place].key;
		count += key != 0;
		if (key != 0 && place_of(map, key) != place)
			return false;
	}
	return count == map->count;
}
