/* SPDX-License-Identifier: Apache-2.0
 *
 * One of the software TLBs of hosted/stream/variants.h, compiled with TLB_SLOT_BITS, TLB_WAYS and STREAM_VARIANT, the
 * name of what it defines; all else in the object is made local behind the compiler. mem/tlb.c is included, so that the
 * walk can ask what only it knows.
 */
#include "mem/tlb.c"

#include "hosted/stream/variants.h"

/* Where guest memory would lie. Never touched. */
#define HOST_BASE UINT64_C(0x100000000000)

struct state {
	struct tlb tlb;
	struct stream_counts counts; /* without what the TLB counts */
};

static int find_every_page(void *owner, uint64_t address, uint32_t asid, enum tlb_access access,
			   struct tlb_mapping *mapping) {
	(void)asid;
	(void)access;
	struct state *state = owner;
	uint64_t page = address >> state->tlb.page_shift;
	state->counts.fresh += is_unknown(&state->tlb, page);
	mapping->host = (void *)(uintptr_t)(HOST_BASE + (page << state->tlb.page_shift));
	mapping->rights = TLB_RIGHT_READ | TLB_RIGHT_WRITE | TLB_RIGHT_EXECUTE;
	return 0;
}

static void tell_front(const struct tlb *tlb, struct stream_front *front) {
	front->context = &tlb->context;
	front->slot_mask = TLB_SLOTS - 1;
	front->page_shift = tlb->page_shift;
	for (unsigned access = 0; access < TLB_ACCESS_KINDS; access++)
		front->rows[access] = (struct stream_rows_of_kind){tlb_tag(tlb, access, 0), tlb_addend(tlb, access, 0)};
}

static int start_state(void *memory_of_state, void *memory, size_t memory_bytes, const struct tlb_config *config,
		       struct stream_front *front) {
	struct state *state = memory_of_state;
	struct tlb_config own = *config;
	state->counts = (struct stream_counts){0};
	if (own.walk == NULL) {
		own.walk = find_every_page;
		own.owner = state;
	}
	int status = tlb_init(&state->tlb, memory, memory_bytes, &own);
	if (status == 0)
		tell_front(&state->tlb, front);
	return status;
}

static void flush(void *memory_of_state) {
	struct state *state = memory_of_state;
	tlb_flush_all(&state->tlb);
	state->counts.flushes++;
}

static void *miss(void *memory_of_state, uint64_t address, enum tlb_access access) {
	struct state *state = memory_of_state;
	void *host = NULL;
	(void)tlb_translate_miss(&state->tlb, address, access, &host);
	return host;
}

static void replay_other(void *memory_of_state, uint64_t packed) {
	struct state *state = memory_of_state;
	bool is_only = state->tlb.asid_count == 1;
	uint8_t kind = stream_packed_kind(packed);
	uint32_t asid = is_only ? 0 : (uint32_t)(packed >> STREAM_PACKED_BITS);
	if (kind == STREAM_FLUSH_PAGE) {
		(void)tlb_flush_page(&state->tlb, state->tlb.asid, packed - kind);
	} else if (kind == STREAM_FLUSH_ALL || is_only) {
		flush(state);
	} else if (kind == STREAM_SWITCH) {
		(void)tlb_switch_asid(&state->tlb, asid);
		state->counts.switches++;
	} else {
		(void)tlb_flush_asid(&state->tlb, asid);
		state->counts.flushes++;
	}
}

static void read_counts(const void *memory_of_state, struct stream_counts *counts) {
	const struct state *state = memory_of_state;
	*counts = state->counts;
	counts->refills = state->tlb.refills;
	counts->walks = state->tlb.walks - state->counts.fresh;
}

const struct stream_variant STREAM_VARIANT = {
	.slot_bits = TLB_SLOT_BITS,
	.ways = TLB_WAYS,
	.tlb_bytes = sizeof(struct tlb),
	.state_bytes = sizeof(struct state),
	.start = start_state,
	.miss = miss,
	.replay_other = replay_other,
	.flush = flush,
	.count = read_counts,
};
