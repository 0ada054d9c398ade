/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/stream/pages.h"

#include <stdlib.h>

enum { LEAST = 1 << 10 };

void pages_start(struct pages *pages, unsigned page_shift) {
	*pages = (struct pages){.page_shift = page_shift};
}

void pages_free(struct pages *pages) {
	free(pages->slots);
	pages->slots = NULL;
}

/* Where `key` is or would be. Fibonacci hashing, as the TLB's. */
static uint64_t *find(uint64_t *slots, uint64_t capacity, uint64_t key) {
	uint64_t at = key * UINT64_C(0x9e3779b97f4a7c15) >> 20;
	while (slots[at & (capacity - 1)] != 0 && slots[at & (capacity - 1)] != key)
		at++;
	return &slots[at & (capacity - 1)];
}

static bool grow(struct pages *pages) {
	uint64_t capacity = pages->capacity ? 2 * pages->capacity : LEAST;
	uint64_t *slots = pages->count < PAGES_MOST ? calloc(capacity, sizeof(*slots)) : NULL;
	if (!slots)
		return false;
	for (uint64_t i = 0; i < pages->capacity; i++)
		if (pages->slots[i] != 0)
			*find(slots, capacity, pages->slots[i]) = pages->slots[i];
	free(pages->slots);
	pages->slots = slots;
	pages->capacity = capacity;
	return true;
}

void pages_take(struct pages *pages, const struct stream_event *event) {
	if (event->kind == STREAM_SWITCH)
		pages->space = (uint32_t)event->address;
	if (event->kind >= STREAM_ACCESS_KINDS || pages->full)
		return;
	if (2 * pages->count >= pages->capacity && !grow(pages)) {
		pages->full = true;
		return;
	}
	/* A page has 52 bits at the most, and spaces are folded into those: two that meet by chance count once. */
	uint64_t page = event->address >> pages->page_shift;
	uint64_t key = (page ^ pages->space * UINT64_C(0xd6e8feb86659fd93)) << 1 | 1;
	uint64_t *slot = find(pages->slots, pages->capacity, key);
	pages->count += *slot == 0;
	*slot = key;
}
