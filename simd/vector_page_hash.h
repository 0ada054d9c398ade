/* SPDX-License-Identifier: Apache-2.0
 *
 * The page hash of every fixed-width instruction set: internal, included once by each hash_<isa>.c, which first defines
 * VECTOR_BYTES and afterwards hash_multiply. Strategy: a stripe is 128 / VECTOR_BYTES vectors; four of them, or all of
 * a wider set, are kept in registers over the whole page, and the page is read once for each such group.
 */
#pragma once

#include "simd/page_hash.h"

typedef uint64_t hash_vector __attribute__((vector_size(VECTOR_BYTES), aligned(8), may_alias));

/* The products of the low halves of 64-bit lanes. */
static inline hash_vector hash_multiply(hash_vector x, hash_vector y);

enum {
	HASH_VECTOR_LANES = VECTOR_BYTES / 8,
	HASH_GROUP = VECTOR_BYTES == 64 ? 2 : 4,
	HASH_GROUP_LANES = HASH_GROUP * HASH_VECTOR_LANES,
};

static inline hash_vector hash_key(size_t first_lane) {
	hash_vector key;
	for (size_t lane = 0; lane < HASH_VECTOR_LANES; lane++)
		key[lane] = (first_lane + lane + 1) * PAGE_HASH_LANE_KEY;
	return key;
}

static inline __attribute__((always_inline)) void hash_step(hash_vector data, hash_vector key, hash_vector *products,
							    hash_vector *turned) {
	hash_vector x = data ^ key;
	*products += hash_multiply(x, x >> 32);
	*turned = (*turned << PAGE_HASH_TURN | *turned >> (64 - PAGE_HASH_TURN)) + data;
}

static uint64_t hash_page(const void *page) {
	uint64_t products[PAGE_HASH_LANES], turned[PAGE_HASH_LANES];
	for (size_t lane = 0; lane < PAGE_HASH_LANES; lane += HASH_GROUP_LANES) {
		const uint64_t *from = (const uint64_t *)page + lane;
		hash_vector p0 = {0}, p1 = {0}, p2 = {0}, p3 = {0}, t0 = {0}, t1 = {0}, t2 = {0}, t3 = {0};
		hash_vector k0 = hash_key(lane), k1 = hash_key(lane + HASH_VECTOR_LANES);
		hash_vector k2 = hash_key(lane + 2 * HASH_VECTOR_LANES), k3 = hash_key(lane + 3 * HASH_VECTOR_LANES);
		for (size_t stripe = 0; stripe < PAGE_HASH_STRIPES; stripe++, from += PAGE_HASH_LANES) {
			const hash_vector *data = (const hash_vector *)from;
			hash_step(data[0], k0, &p0, &t0);
			hash_step(data[1], k1, &p1, &t1);
			k0 += PAGE_HASH_STRIPE_KEY;
			k1 += PAGE_HASH_STRIPE_KEY;
			if (HASH_GROUP == 4) {
				hash_step(data[2], k2, &p2, &t2);
				hash_step(data[3], k3, &p3, &t3);
				k2 += PAGE_HASH_STRIPE_KEY;
				k3 += PAGE_HASH_STRIPE_KEY;
			}
		}
		hash_vector *to_products = (hash_vector *)(products + lane),
			    *to_turned = (hash_vector *)(turned + lane);
		to_products[0] = p0;
		to_products[1] = p1;
		to_turned[0] = t0;
		to_turned[1] = t1;
		if (HASH_GROUP == 4) {
			to_products[2] = p2;
			to_products[3] = p3;
			to_turned[2] = t2;
			to_turned[3] = t3;
		}
	}
	return page_hash_finish(products, turned);
}
