/* SPDX-License-Identifier: Apache-2.0 */
#include "btree.h"

_Static_assert(sizeof(union btree_node) == BTREE_NODE_BYTES, "four cache lines");

uint64_t btree_nodes_needed(uint64_t keys) {
	/* A node is split in halves, and no half is ever emptied: of inner nodes there are fewer than of leaves. */
	uint64_t leaves = keys / (BTREE_LEAF_KEYS / 2) + 1;
	return 1 + leaves + leaves / (BTREE_INNER_KEYS / 2) * 5 / 4 + BTREE_HEIGHT_MOST;
}

static uint32_t take_node(struct btree *tree) {
	uint32_t node = tree->used++;
	tree->nodes[node].leaf.count = 0;
	tree->nodes[node].leaf.next = 0;
	return node;
}

void btree_init(struct btree *tree, void *memory, uint32_t capacity) {
	*tree = (struct btree){.nodes = memory, .used = 1, .capacity = capacity};
	tree->root = take_node(tree);
}

/* ---- looking ----------------------------------------------------------------------------------------------------- */

/* How many of the keys are less than `key`, or not above it. All are compared: a branch that nobody can foresee costs
 * more than the rest of a node's keys, which are there with the first. */
static uint32_t count_less(const uint64_t *keys, uint32_t count, uint64_t key) {
	uint32_t less = 0;
	for (uint32_t i = 0; i < count; i++)
		less += keys[i] < key;
	return less;
}

static uint32_t count_not_above(const uint64_t *keys, uint32_t count, uint64_t key) {
	uint32_t found = 0;
	for (uint32_t i = 0; i < count; i++)
		found += keys[i] <= key;
	return found;
}

bool btree_find(const struct btree *tree, uint64_t key, uint64_t *value) {
	uint32_t node = tree->root;
	for (uint32_t level = tree->height; level != 0; level--) {
		const struct btree_inner *inner = &tree->nodes[node].inner;
		node = inner->links[count_not_above(inner->keys, inner->count, key)];
	}
	const struct btree_leaf *leaf = &tree->nodes[node].leaf;
	uint32_t place = count_less(leaf->keys, leaf->count, key);
	if (place == leaf->count || leaf->keys[place] != key)
		return false;
	*value = leaf->values[place];
	return true;
}

uint64_t btree_walk(const struct btree *tree) {
	uint32_t node = tree->root;
	for (uint32_t level = tree->height; level != 0; level--)
		node = tree->nodes[node].inner.links[0];
	uint64_t count = 0, least = 0;
	for (; node != 0; node = tree->nodes[node].leaf.next) {
		const struct btree_leaf *leaf = &tree->nodes[node].leaf;
		for (uint32_t i = 0; i < leaf->count; i++, count++) {
			if (count != 0 && leaf->keys[i] <= least)
				return 0;
			least = leaf->keys[i];
		}
	}
	return count;
}

/* ---- putting in -------------------------------------------------------------------------------------------------- */

/* What splits on the way down came to: the key that parts the two, and the new node behind it; 0: none. */
struct split {
	uint64_t key;
	uint32_t node;
};

static void put_into_leaf(struct btree_leaf *leaf, uint32_t place, uint64_t key, uint64_t value) {
	for (uint32_t i = leaf->count; i > place; i--) {
		leaf->keys[i] = leaf->keys[i - 1];
		leaf->values[i] = leaf->values[i - 1];
	}
	leaf->keys[place] = key;
	leaf->values[place] = value;
	leaf->count++;
}

static struct split insert_into_leaf(struct btree *tree, uint32_t node, uint64_t key, uint64_t value) {
	struct btree_leaf *leaf = &tree->nodes[node].leaf;
	uint32_t place = count_less(leaf->keys, leaf->count, key), half = BTREE_LEAF_KEYS / 2;
	if (place < leaf->count && leaf->keys[place] == key) {
		leaf->values[place] = value;
		return (struct split){.node = 0};
	}
	if (leaf->count < BTREE_LEAF_KEYS) {
		put_into_leaf(leaf, place, key, value);
		return (struct split){.node = 0};
	}
	uint32_t other = take_node(tree);
	struct btree_leaf *behind = &tree->nodes[other].leaf;
	for (uint32_t i = half; i < BTREE_LEAF_KEYS; i++)
		put_into_leaf(behind, i - half, leaf->keys[i], leaf->values[i]);
	leaf->count = half;
	behind->next = leaf->next;
	leaf->next = other;
	if (place <= half)
		put_into_leaf(leaf, place, key, value);
	else
		put_into_leaf(behind, place - half, key, value);
	return (struct split){behind->keys[0], other};
}

static void put_into_inner(struct btree_inner *inner, uint32_t place, struct split below) {
	for (uint32_t i = inner->count; i > place; i--) {
		inner->keys[i] = inner->keys[i - 1];
		inner->links[i + 1] = inner->links[i];
	}
	inner->keys[place] = below.key;
	inner->links[place + 1] = below.node;
	inner->count++;
}

static struct split insert_into_inner(struct btree *tree, uint32_t node, struct split below) {
	struct btree_inner *inner = &tree->nodes[node].inner;
	uint32_t place = count_not_above(inner->keys, inner->count, below.key), half = BTREE_INNER_KEYS / 2;
	if (inner->count < BTREE_INNER_KEYS) {
		put_into_inner(inner, place, below);
		return (struct split){.node = 0};
	}
	uint32_t other = take_node(tree);
	struct btree_inner *behind = &tree->nodes[other].inner;
	struct split up = {inner->keys[half], other};
	/* The key in the middle goes up, and stands in neither. */
	behind->count = BTREE_INNER_KEYS - half - 1;
	behind->links[0] = inner->links[half + 1];
	for (uint32_t i = 0; i < behind->count; i++) {
		behind->keys[i] = inner->keys[half + 1 + i];
		behind->links[i + 1] = inner->links[half + 2 + i];
	}
	inner->count = half;
	if (place <= half)
		put_into_inner(inner, place, below);
	else
		put_into_inner(behind, place - half - 1, below);
	return up;
}

static void grow(struct btree *tree, struct split split) {
	uint32_t root = take_node(tree);
	struct btree_inner *inner = &tree->nodes[root].inner;
	inner->links[0] = tree->root;
	inner->count = 0;
	put_into_inner(inner, 0, split);
	tree->root = root;
	tree->height++;
}

bool btree_insert(struct btree *tree, uint64_t key, uint64_t value) {
	uint32_t path[BTREE_HEIGHT_MOST], node = tree->root;
	/* A node of each level, and a root above, may be needed. */
	if (tree->capacity - tree->used < tree->height + 2 || tree->height == BTREE_HEIGHT_MOST)
		return false;
	for (uint32_t level = 0; level < tree->height; level++) {
		const struct btree_inner *inner = &tree->nodes[node].inner;
		path[level] = node;
		node = inner->links[count_not_above(inner->keys, inner->count, key)];
	}
	struct split split = insert_into_leaf(tree, node, key, value);
	for (uint32_t level = tree->height; level-- != 0 && split.node != 0;)
		split = insert_into_inner(tree, path[level], split);
	if (split.node != 0)
		grow(tree, split);
	return true;
}
