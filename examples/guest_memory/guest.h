/* SPDX-License-Identifier: Apache-2.0
 *
 * The memory of a tiny guest, made of the three parts of the core:
 *   pool   the nodes of the guest's page table
 *   TLB    guest address -> host address, with the table below behind it
 *   simd   whatever touches bytes: copies, zeroes, and which dirty pages are to be sent to another machine
 *
 * The guest has pages of 4 KiB and a table of two levels of 512 entries: 1 GiB of addresses. A page's first
 * write is caught, since the walk withholds the right to write until then: that is how a virtual machine learns
 * which pages are dirty.
 *
 * One thread at a time. An example, not a library: addresses are checked, arguments are not.
 */
#pragma once

#include "mem/pool.h"
#include "mem/tlb.h"
#include "simd/simd.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
	GUEST_PAGE_BYTES = 4096,
	GUEST_TABLE_ENTRIES = 512,
	GUEST_ADDRESS_BITS = 30,
	GUEST_PAGES_MOST = 4096, /* of its memory */
};

enum guest_error {
	GUEST_OK,
	GUEST_UNMAPPED, /* what the walk answers: positive, as mem/tlb.h asks */
	GUEST_DENIED,
	GUEST_NO_MEMORY,
};

enum { GUEST_WRITABLE = 1 << 0, GUEST_PRESENT = 1 << 1 };

struct guest_node {
	uint64_t entry[GUEST_TABLE_ENTRIES]; /* page number << 12 | flags; in the root: the address of a node */
};

struct guest {
	struct tlb *tlb;
	struct pool nodes;
	struct simd_kernels kernels;
	struct guest_node *root;
	unsigned char *memory; /* page 0 of it is the guest's physical page 0 */
	size_t pages;
	bool dirty[GUEST_PAGES_MOST];
	uint64_t sent[GUEST_PAGES_MOST]; /* the page's hash when it was last sent */
};

struct guest_sent {
	unsigned dirty, zero, unchanged, changed;
};

/* `features`: what this guest's kernels may use; a caller may take bits out. All memory is the caller's: the guest's
 * and the nodes' aligned to a page, `store`, the TLB's, to TLB_ALIGNMENT. */
int guest_start(struct guest *guest, struct tlb *tlb, simd_features features, void *memory, size_t pages, void *nodes,
		size_t nodes_bytes, size_t node_count, void *store, size_t store_bytes);

/* Maps `count` pages from `address` on to physical pages from `page` on. */
int guest_map(struct guest *guest, uint64_t address, size_t page, size_t count, bool writable);

/* Gives back the nodes, one by one: in a checked build each is looked at. */
void guest_stop(struct guest *guest);

int guest_write(struct guest *guest, uint64_t address, const void *source, size_t bytes);
int guest_read(struct guest *guest, uint64_t address, void *destination, size_t bytes);
int guest_zero(struct guest *guest, uint64_t address, size_t bytes);

/* One round of sending the dirty pages: which are zero, which are as they were sent last, which are not;
 * all are clean again. */
struct guest_sent guest_send(struct guest *guest);

#ifdef __cplusplus
}
#endif
