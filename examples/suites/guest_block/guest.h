/* SPDX-License-Identifier: Apache-2.0
 *
 * A guest as an emulator has it: memory, a processor's registers, page tables in that memory (RISC-V's Sv39, privileged
 * architecture 20211203, section 4.4), and the software TLB that answers for them.
 */
#pragma once

#include "mem/tlb.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	GUEST_PAGE_SHIFT = 12,
	GUEST_PAGE_BYTES = 1 << GUEST_PAGE_SHIFT,
	GUEST_TLB_ENTRIES = 16384,
	GUEST_TLB_BYTES = GUEST_TLB_ENTRIES * sizeof(struct tlb_stored) + 4096,
};

/* Causes of RISC-V's exceptions, as scause has them. */
enum guest_cause { GUEST_FETCH_FAULT = 12, GUEST_LOAD_FAULT = 13, GUEST_STORE_FAULT = 15 };

struct guest {
	uint64_t x[32]; /* x[0] is 0 */
	uint64_t pc;
	uint64_t cause, fault_address; /* of the exception that ended a block */
	unsigned char *memory;         /* guest-physical 0 lies here */
	uint64_t bytes;
	uint64_t root;      /* guest-physical address of the root of its page tables */
	uint64_t next_free; /* guest-physical address of the next page that nobody has */
	struct tlb *tlb;
};

/* A guest without a mapping, in `bytes` zeroed bytes of memory, a multiple of its page; `tlb` and `tlb_memory`, of
 * GUEST_TLB_BYTES and aligned to TLB_ALIGNMENT, are its own from then on. false: tlb_init refused. */
bool guest_init(struct guest *guest, void *memory, uint64_t bytes, struct tlb *tlb, void *tlb_memory);

/* Gives a virtual page a page of guest memory, readable and, as asked, writable. 0: there is none left; else its
 * guest-physical address. */
uint64_t guest_map(struct guest *guest, uint64_t address, bool writable);

/* What the tables say of an address, asked without a TLB. NULL: a page fault. */
void *guest_walk(const struct guest *guest, uint64_t address, bool write);
