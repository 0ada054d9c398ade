/* SPDX-License-Identifier: Apache-2.0
 *
 * An ordered map from 64-bit keys to 64-bit values: a B+-tree in memory of the caller's. A node is four cache lines, a
 * link 32 bits: the number of a node in that memory. One thread at a time; nothing is ever taken out.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BTREE_NODE_BYTES = 256, BTREE_LEAF_KEYS = 15, BTREE_INNER_KEYS = 20, BTREE_HEIGHT_MOST = 12 };

/* Keys ascend; entries from `count` on are unwritten. */
struct btree_leaf {
	uint64_t keys[BTREE_LEAF_KEYS];
	uint64_t values[BTREE_LEAF_KEYS];
	uint32_t count;
	uint32_t next; /* the leaf with the next greater keys; 0: this is the last */
};

/* All keys below links[i] are less than keys[i], those below links[i + 1] are not. */
struct btree_inner {
	uint64_t keys[BTREE_INNER_KEYS];
	uint32_t links[BTREE_INNER_KEYS + 1];
	uint32_t count; /* of keys */
	uint32_t unused;
};

union btree_node {
	struct btree_leaf leaf;
	struct btree_inner inner;
	unsigned char bytes[BTREE_NODE_BYTES];
};

struct btree {
	union btree_node *nodes; /* nodes[0] is nobody's */
	uint32_t used, capacity; /* of nodes */
	uint32_t root;
	uint32_t height; /* inner nodes from the root to a leaf */
};

/* Nodes that `keys` keys need at the most, whatever their order. */
uint64_t btree_nodes_needed(uint64_t keys);

/* An empty tree in `capacity` nodes, at least 2, aligned to a cache line; the memory is the tree's from then on. */
void btree_init(struct btree *tree, void *memory, uint32_t capacity);

/* Puts a key in, or gives the one that is there another value. false: there is no node left, and nothing was done. */
bool btree_insert(struct btree *tree, uint64_t key, uint64_t value);

/* false: there is no such key, and *value is as it was. */
bool btree_find(const struct btree *tree, uint64_t key, uint64_t *value);

/* How many keys there are, counted leaf by leaf; 0 where they are not in order. */
uint64_t btree_walk(const struct btree *tree);
