/* SPDX-License-Identifier: Apache-2.0
 *
 * The PPTT: ACPI 6.5, 5.2.30.1 (processor hierarchy nodes), 5.2.30.2 (caches). Nodes name their parents and caches, and
 * caches the next ones, by offsets into the table, which may be any: each walk is bounded.
 */
#include "caps/tables/tables.h"

enum {
	PPTT_PROCESSOR = 0,
	PPTT_PROCESSOR_BYTES = 20,
	PPTT_FLAG_PACKAGE = 1 << 0,
	PPTT_FLAG_UID_VALID = 1 << 1,
	PPTT_FLAG_THREAD = 1 << 2,

	PPTT_CACHE = 1,
	PPTT_CACHE_BYTES = 24,
	PPTT_SIZE_VALID = 1 << 0,
	PPTT_SETS_VALID = 1 << 1,
	PPTT_ASSOCIATIVITY_VALID = 1 << 2,
	PPTT_CACHE_TYPE_VALID = 1 << 4,
	PPTT_LINE_SIZE_VALID = 1 << 6,
	PPTT_CACHE_TYPE_SHIFT = 2,
	PPTT_CACHE_TYPE_DATA = 0,
	PPTT_CACHE_TYPE_INSTRUCTION = 1,
};

/* ---- nodes ------------------------------------------------------------------------------------------------------- */

/* The structure of this type at this offset; NULL: there is none. */
static const uint8_t *structure(const struct caps_bytes *table, size_t at, uint8_t type, uint8_t bytes) {
	struct caps_entry entry;
	if (at < CAPS_TABLE_HEADER || !caps_entry_next(table, &at, &entry))
		return NULL;
	return entry.type == type && entry.length >= bytes ? entry.bytes : NULL;
}

static const uint8_t *processor(const struct caps_bytes *table, size_t at) {
	return structure(table, at, PPTT_PROCESSOR, PPTT_PROCESSOR_BYTES);
}

static bool next_processor(const struct caps_bytes *table, size_t *at, const uint8_t **node) {
	struct caps_entry entry;
	while (caps_entry_next(table, at, &entry))
		if (entry.type == PPTT_PROCESSOR && entry.length >= PPTT_PROCESSOR_BYTES) {
			*node = entry.bytes;
			return true;
		}
	return false;
}

size_t caps_pptt_bytes(size_t length) {
	return length / 8 + 2 * sizeof(uint64_t) + 16;
}

bool caps_pptt_begin(const struct caps_build *build, struct caps_pptt *pptt) {
	pptt->table = build->tables[CAPS_PPTT];
	if (!pptt->table.length)
		return false;
	pptt->parents = caps_arena_take(build->arena, (pptt->table.length / 64 + 1) * sizeof(uint64_t));
	if (!pptt->parents)
		return false;
	const uint8_t *node;
	for (size_t at = CAPS_TABLE_HEADER; next_processor(&pptt->table, &at, &node);) {
		uint32_t parent = caps_read32(node + 8);
		if (parent < pptt->table.length)
			pptt->parents[parent / 64] |= UINT64_C(1) << (parent % 64);
	}
	return true;
}

/* Containers have UIDs of their own, which may be the same numbers. */
static const uint8_t *leaf(const struct caps_pptt *pptt, uint32_t uid) {
	const uint8_t *node;
	for (size_t at = CAPS_TABLE_HEADER; next_processor(&pptt->table, &at, &node);) {
		size_t offset = (size_t)(node - pptt->table.bytes);
		if (caps_read32(node + 4) & PPTT_FLAG_UID_VALID && caps_read32(node + 12) == uid &&
		    !(pptt->parents[offset / 64] >> (offset % 64) & 1))
			return node;
	}
	return NULL;
}

static bool path_has(const struct caps_pptt_path *path, uint32_t at) {
	for (size_t i = 0; i < path->count; i++)
		if (path->node[i] == at)
			return true;
	return false;
}

static void climb(const struct caps_bytes *table, const uint8_t *node, struct caps_pptt_path *path) {
	while (node) {
		uint32_t at = (uint32_t)(node - table->bytes);
		if (path->count == CAPS_PPTT_LEVELS || path_has(path, at)) {
			path->circle = true;
			break;
		}
		path->node[path->count++] = at;
		node = caps_read32(node + 4) & PPTT_FLAG_PACKAGE ? NULL : processor(table, caps_read32(node + 8));
	}
	path->package = path->count - 1;
	path->core = caps_read32(table->bytes + path->node[0] + 4) & PPTT_FLAG_THREAD && path->count > 1 ? 1 : 0;
}

/* ---- caches ------------------------------------------------------------------------------------------------------ */

static void read_cache(const uint8_t *bytes, struct caps_pptt_cache *cache) {
	uint32_t flags = caps_read32(bytes + 4);
	unsigned type = bytes[21] >> PPTT_CACHE_TYPE_SHIFT & 3;
	cache->bytes = flags & PPTT_SIZE_VALID ? caps_read32(bytes + 12) : 0;
	cache->sets = flags & PPTT_SETS_VALID ? caps_read32(bytes + 16) : 0;
	cache->ways = flags & PPTT_ASSOCIATIVITY_VALID ? bytes[20] : 0;
	cache->line_bytes = flags & PPTT_LINE_SIZE_VALID ? caps_read16(bytes + 22) : 0;
	cache->type = CAPS_CACHE_UNIFIED;
	if (flags & PPTT_CACHE_TYPE_VALID && type == PPTT_CACHE_TYPE_DATA)
		cache->type = CAPS_CACHE_DATA;
	if (flags & PPTT_CACHE_TYPE_VALID && type == PPTT_CACHE_TYPE_INSTRUCTION)
		cache->type = CAPS_CACHE_INSTRUCTION;
}

/* Where the core is the whole package nothing is only the core's. */
static bool is_of_core(const struct caps_pptt_path *path, size_t node) {
	return node <= path->core && path->core != path->package;
}

/* The cache at this offset is one of `level` where the node `owner` names it; the level that it has, 0: no room. What a
 * lower node reached already, as the next level of its own, keeps its level, and has a higher owner now. */
static uint32_t add_cache(struct caps_pptt_path *path, const uint8_t *bytes, uint32_t at, uint32_t level, size_t node) {
	uint32_t owner = path->node[node];
	for (size_t i = 0; i < path->cache_count; i++) {
		struct caps_pptt_cache *cache = &path->caches[i];
		if (cache->at != at)
			continue;
		if (cache->owner == owner && cache->level < level)
			cache->level = level;
		cache->owner = owner;
		cache->private = is_of_core(path, node);
		return cache->level;
	}
	if (path->cache_count == CAPS_PPTT_CACHES)
		return 0;
	struct caps_pptt_cache *cache = &path->caches[path->cache_count++];
	*cache = (struct caps_pptt_cache){.at = at, .owner = owner, .level = level, .private = is_of_core(path, node)};
	read_cache(bytes, cache);
	return level;
}

/* The caches that a node names, each with those that follow it. `below`: levels of the nodes below. */
static void add_caches(const struct caps_bytes *table, struct caps_pptt_path *path, size_t node, uint32_t below) {
	const uint8_t *bytes = table->bytes + path->node[node];
	uint32_t count = caps_read32(bytes + 16), room = (bytes[1] - PPTT_PROCESSOR_BYTES) / 4u;
	for (uint32_t i = 0; i < count && i < room; i++) {
		uint32_t at = caps_read32(bytes + PPTT_PROCESSOR_BYTES + 4 * i), level = below;
		for (unsigned step = 0; step < CAPS_CACHE_LEVELS && level < CAPS_CACHE_LEVELS; step++) {
			const uint8_t *cache = structure(table, at, PPTT_CACHE, PPTT_CACHE_BYTES);
			level = cache ? add_cache(path, cache, at, level + 1, node) : 0;
			if (!level)
				break;
			at = caps_read32(cache + 8);
		}
	}
}

static uint32_t highest_level(const struct caps_pptt_path *path) {
	uint32_t level = 0;
	for (size_t i = 0; i < path->cache_count; i++)
		if (path->caches[i].level > level)
			level = path->caches[i].level;
	return level;
}

bool caps_pptt_find(const struct caps_pptt *pptt, uint32_t uid, struct caps_pptt_path *path) {
	const uint8_t *node = leaf(pptt, uid);
	*path = (struct caps_pptt_path){0};
	if (!node)
		return false;
	climb(&pptt->table, node, path);
	for (size_t i = 0; i < path->count; i++)
		add_caches(&pptt->table, path, i, highest_level(path));
	return true;
}
