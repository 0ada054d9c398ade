/* SPDX-License-Identifier: Apache-2.0
 *
 * Free memory as sorted extents; see memory_map.h. A handful of extents is the rule, so all searches are linear.
 */
#include "kernel/memory/memory_map.h"

#include "lib/units.h"

static const uint64_t LARGE_ALIGN = UINT64_C(2) << 20;

static uint64_t end_of(const struct memory_extent *extent) {
	return extent->base + extent->length;
}

void memory_map_start(struct memory_map *map, struct memory_extent *storage, size_t capacity) {
	*map = (struct memory_map){.extents = storage, .capacity = capacity};
}

static bool insert(struct memory_map *map, size_t at, struct memory_extent extent) {
	if (map->count == map->capacity)
		return false;
	for (size_t i = map->count; i > at; i--)
		map->extents[i] = map->extents[i - 1];
	map->extents[at] = extent;
	map->count++;
	return true;
}

static void erase(struct memory_map *map, size_t at) {
	map->count--;
	for (size_t i = at; i < map->count; i++)
		map->extents[i] = map->extents[i + 1];
}

bool memory_map_give(struct memory_map *map, paddr_t base, uint64_t length) {
	uint64_t end = (base.value + length) & ~(PAGE_BYTES - 1);
	uint64_t start = (base.value + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
	if (start == 0)
		start = PAGE_BYTES;
	if (start >= end)
		return true;

	size_t at = 0; /* the first extent behind the new one */
	while (at < map->count && map->extents[at].base < start)
		at++;
	if ((at > 0 && end_of(&map->extents[at - 1]) > start) || (at < map->count && map->extents[at].base < end))
		return false;

	bool joins_below = at > 0 && end_of(&map->extents[at - 1]) == start;
	bool joins_above = at < map->count && map->extents[at].base == end;
	if (joins_below) {
		map->extents[at - 1].length += end - start;
		if (joins_above) {
			map->extents[at - 1].length += map->extents[at].length;
			erase(map, at);
		}
	} else if (joins_above) {
		map->extents[at].base = start;
		map->extents[at].length += end - start;
	} else if (!insert(map, at, (struct memory_extent){start, end - start})) {
		map->lost_bytes += end - start;
		return true;
	}
	map->free_bytes += end - start;
	return true;
}

/* Cuts [base, base + length) out of the extent that holds it; false, with nothing changed, where the storage has no
 * room for a second rest. */
static bool cut(struct memory_map *map, size_t at, uint64_t base, uint64_t length) {
	struct memory_extent *extent = &map->extents[at];
	struct memory_extent below = {extent->base, base - extent->base};
	struct memory_extent above = {base + length, end_of(extent) - (base + length)};
	if (below.length != 0 && above.length != 0) {
		if (!insert(map, at + 1, above))
			return false;
		map->extents[at] = below;
	} else if (below.length == 0 && above.length == 0) {
		erase(map, at);
	} else {
		*extent = below.length != 0 ? below : above;
	}
	map->free_bytes -= length;
	return true;
}

bool memory_map_take(struct memory_map *map, uint64_t length, uint64_t align, paddr_t *base) {
	bool from_top = align >= LARGE_ALIGN;
	for (size_t i = 0; i < map->count; i++) {
		size_t at = from_top ? map->count - 1 - i : i;
		const struct memory_extent *extent = &map->extents[at];
		if (extent->length < length)
			continue;
		uint64_t start =
			from_top ? (end_of(extent) - length) & ~(align - 1) : (extent->base + align - 1) & ~(align - 1);
		if (start < extent->base || start > end_of(extent) || end_of(extent) - start < length)
			continue;
		if (!cut(map, at, start, length))
			continue;
		base->value = start;
		return true;
	}
	return false;
}

uint64_t memory_map_take_piece(struct memory_map *map, uint64_t length, paddr_t *base) {
	if (map->count == 0)
		return 0;
	const struct memory_extent *lowest = &map->extents[0];
	uint64_t taken = length < lowest->length ? length : lowest->length;
	base->value = lowest->base;
	return cut(map, 0, lowest->base, taken) ? taken : 0;
}
