/* SPDX-License-Identifier: Apache-2.0 */
#include "blocks.h"

/* An access is of 8 bytes and aligned, so that none crosses a page. */
static inline uint64_t *translate(struct guest *guest, uint64_t address, enum tlb_access access) {
	void *host = NULL;
	int cause = tlb_translate_fixed(guest->tlb, address, access, GUEST_PAGE_SHIFT, &host);
	if (__builtin_expect(cause != 0, 0)) {
		/* The page is there without the right. */
		guest->cause = cause > 0 ? (uint64_t)cause : access == TLB_READ ? GUEST_LOAD_FAULT : GUEST_STORE_FAULT;
		guest->fault_address = address;
		return NULL;
	}
	return host;
}

void block_sums(struct guest *guest) {
	uint64_t a0 = guest->x[A0], a1 = guest->x[A1], a2 = guest->x[A2], t0 = guest->x[T0], t1 = guest->x[T1];
	uint64_t pc = SUMS_AT;
	do {
		const uint64_t *from = translate(guest, a0, TLB_READ);
		if (from == NULL)
			goto out;
		t0 = *from;
		t1 += t0;
		uint64_t *to = translate(guest, a1, TLB_WRITE);
		if (to == NULL) {
			pc = SUMS_AT + 8;
			goto out;
		}
		*to = t1;
		a0 += 8;
		a1 += 8;
	} while (a0 != a2);
	pc = SUMS_AT + 0x18;
out:
	guest->x[A0] = a0;
	guest->x[A1] = a1;
	guest->x[T0] = t0;
	guest->x[T1] = t1;
	guest->pc = pc;
}

void block_chase(struct guest *guest) {
	uint64_t a0 = guest->x[A0], a1 = guest->x[A1], pc = CHASE_AT;
	do {
		const uint64_t *from = translate(guest, a0, TLB_READ);
		if (from == NULL)
			goto out;
		a0 = *from;
	} while (--a1 != 0);
	pc = CHASE_AT + 0xc;
out:
	guest->x[A0] = a0;
	guest->x[A1] = a1;
	guest->pc = pc;
}

uint64_t sums_untranslated(const uint64_t *from, uint64_t *to, uint64_t count, uint64_t sum) {
	for (uint64_t i = 0; i < count; i++) {
		sum += from[i];
		to[i] = sum;
	}
	return sum;
}
