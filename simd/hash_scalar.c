/* SPDX-License-Identifier: Apache-2.0
 *
 * Page hash and CRC-32C, one lane or byte a step: the oracle of the other hashes.
 */
#include "simd/crc32c.h"
#include "simd/lanes.h"
#include "simd/page_hash.h"

static uint64_t hash_page(const void *page) {
	const lane_u64 *data = page;
	uint64_t products[PAGE_HASH_LANES] = {0}, turned[PAGE_HASH_LANES] = {0};
	for (uint64_t stripe = 0; stripe < PAGE_HASH_STRIPES; stripe++)
		for (uint64_t lane = 0; lane < PAGE_HASH_LANES; lane++) {
			uint64_t word = data[stripe * PAGE_HASH_LANES + lane];
			uint64_t x = word ^ ((lane + 1) * PAGE_HASH_LANE_KEY + stripe * PAGE_HASH_STRIPE_KEY);
			products[lane] += (x & UINT32_MAX) * (x >> 32);
			turned[lane] = page_hash_turn(turned[lane]) + word;
			LANE_ALONE();
		}
	return page_hash_finish(products, turned);
}

const struct simd_hashes simd_hashes_scalar = {.crc32c = crc32c_by_table, .page_hash = hash_page};
