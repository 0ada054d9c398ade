/* SPDX-License-Identifier: Apache-2.0
 *
 * The guest's memory: table, walk, and accesses that are split where pages end.
 */
#include "guest.h"

enum { STORE_ENTRIES = 1024, LEVEL_BITS = 9, PAGE_SHIFT = 12 };

static struct guest_node *new_node(struct guest *guest) {
	struct guest_node *node = pool_alloc(&guest->nodes);
	if (node != NULL)
		guest->kernels.fills.zero_page(node);
	return node;
}

static size_t index_of(uint64_t address, unsigned level) {
	return address >> (PAGE_SHIFT + level * LEVEL_BITS) & (GUEST_TABLE_ENTRIES - 1);
}

/* The leaf of `address`; NULL: there is none. */
static uint64_t *entry_of(struct guest *guest, uint64_t address) {
	if (address >> GUEST_ADDRESS_BITS != 0)
		return NULL;
	struct guest_node *leaf = (struct guest_node *)(uintptr_t)guest->root->entry[index_of(address, 1)];
	return leaf != NULL ? &leaf->entry[index_of(address, 0)] : NULL;
}

/* The TLB's miss path. A page that is clean is kept without the right to write: its first write comes here again. */
static int walk(void *owner, uint64_t address, uint32_t asid, enum tlb_access access, struct tlb_mapping *mapping) {
	struct guest *guest = owner;
	const uint64_t *entry = entry_of(guest, address);
	(void)asid;
	if (entry == NULL || (*entry & GUEST_PRESENT) == 0)
		return GUEST_UNMAPPED;
	size_t page = *entry >> PAGE_SHIFT;
	bool writable = (*entry & GUEST_WRITABLE) != 0;
	if (access == TLB_WRITE && writable)
		guest->dirty[page] = true;
	mapping->host = guest->memory + page * GUEST_PAGE_BYTES;
	mapping->rights = TLB_RIGHT_READ | (writable && guest->dirty[page] ? TLB_RIGHT_WRITE : 0);
	return 0;
}

int guest_start(struct guest *guest, struct tlb *tlb, simd_features features, void *memory, size_t pages, void *nodes,
		size_t nodes_bytes, size_t node_count, void *store, size_t store_bytes) {
	const struct tlb_config config = {
		.entries = STORE_ENTRIES, .asids = 1, .page_bytes = GUEST_PAGE_BYTES, .walk = walk, .owner = guest};
	*guest = (struct guest){.tlb = tlb, .memory = memory, .pages = pages};
	simd_select(features, NULL, &guest->kernels);
	if (pages > GUEST_PAGES_MOST || tlb_init(tlb, store, store_bytes, &config) != 0 ||
	    pool_init(&guest->nodes, nodes, nodes_bytes, sizeof(struct guest_node), GUEST_PAGE_BYTES, node_count) != 0)
		return GUEST_NO_MEMORY;
	simd_zero(&guest->kernels, memory, pages * GUEST_PAGE_BYTES);
	guest->root = new_node(guest);
	return guest->root != NULL ? GUEST_OK : GUEST_NO_MEMORY;
}

void guest_stop(struct guest *guest) {
	for (size_t i = 0; i < GUEST_TABLE_ENTRIES; i++)
		if (guest->root->entry[i] != 0)
			pool_free(&guest->nodes, (void *)(uintptr_t)guest->root->entry[i]);
	pool_free(&guest->nodes, guest->root);
	pool_end(&guest->nodes);
	tlb_flush_all(guest->tlb);
}

int guest_map(struct guest *guest, uint64_t address, size_t page, size_t count, bool writable) {
	for (size_t i = 0; i < count; i++, address += GUEST_PAGE_BYTES) {
		if (address >> GUEST_ADDRESS_BITS != 0 || page + i >= guest->pages)
			return GUEST_UNMAPPED;
		uint64_t *leaf = &guest->root->entry[index_of(address, 1)];
		if (*leaf == 0)
			*leaf = (uint64_t)(uintptr_t)new_node(guest);
		uint64_t *entry = entry_of(guest, address);
		if (entry == NULL)
			return GUEST_NO_MEMORY;
		*entry = (uint64_t)(page + i) << PAGE_SHIFT | GUEST_PRESENT | (writable ? GUEST_WRITABLE : 0);
		(void)tlb_flush_page(guest->tlb, 0, address);
	}
	return GUEST_OK;
}

/* Of the bytes from `address` on, those that lie in its page. */
static size_t bytes_in_page(uint64_t address, size_t bytes) {
	size_t left = GUEST_PAGE_BYTES - (size_t)(address % GUEST_PAGE_BYTES);
	return bytes < left ? bytes : left;
}

/* 0, or what an access of the guest would end in. The page size is a constant: a hit is a load shorter. */
static int translate(struct guest *guest, uint64_t address, enum tlb_access access, void **host) {
	int code = tlb_translate_fixed(guest->tlb, address, access, PAGE_SHIFT, host);
	return code == TLB_EDENIED ? GUEST_DENIED : code;
}

int guest_write(struct guest *guest, uint64_t address, const void *source, size_t bytes) {
	const unsigned char *from = source;
	for (size_t now; bytes != 0; address += now, from += now, bytes -= now) {
		void *host;
		int code = translate(guest, address, TLB_WRITE, &host);
		if (code != GUEST_OK)
			return code;
		now = bytes_in_page(address, bytes);
		simd_copy(&guest->kernels, host, from, now);
	}
	return GUEST_OK;
}

int guest_read(struct guest *guest, uint64_t address, void *destination, size_t bytes) {
	unsigned char *to = destination;
	for (size_t now; bytes != 0; address += now, to += now, bytes -= now) {
		void *host;
		int code = translate(guest, address, TLB_READ, &host);
		if (code != GUEST_OK)
			return code;
		now = bytes_in_page(address, bytes);
		simd_copy(&guest->kernels, to, host, now);
	}
	return GUEST_OK;
}

int guest_zero(struct guest *guest, uint64_t address, size_t bytes) {
	for (size_t now; bytes != 0; address += now, bytes -= now) {
		void *host;
		int code = translate(guest, address, TLB_WRITE, &host);
		if (code != GUEST_OK)
			return code;
		now = bytes_in_page(address, bytes);
		simd_zero(&guest->kernels, host, now);
	}
	return GUEST_OK;
}

struct guest_sent guest_send(struct guest *guest) {
	struct guest_sent sent = {0};
	for (size_t page = 0; page < guest->pages; page++) {
		const void *memory = guest->memory + page * GUEST_PAGE_BYTES;
		if (!guest->dirty[page])
			continue;
		guest->dirty[page] = false;
		sent.dirty++;
		if (guest->kernels.scans.is_zero_page(memory)) {
			sent.zero++;
			guest->sent[page] = 0;
			continue;
		}
		uint64_t hash = guest->kernels.hashes.page_hash(memory);
		sent.unchanged += hash == guest->sent[page];
		sent.changed += hash != guest->sent[page];
		guest->sent[page] = hash;
	}
	/* What the TLB keeps may still have the right to write. */
	tlb_flush_all(guest->tlb);
	return sent;
}
