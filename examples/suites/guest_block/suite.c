/* SPDX-License-Identifier: Apache-2.0
 *
 * Blocks of a guest's code through the software TLB. The guest's pages lie in its memory in no order.
 *
 *   sums/SIZE                     running sums over so many bytes of the guest: a load and a store each round
 *   colliding/SIZE                the same, where what is read and what is written take each other's slots of the TLB
 *   flushed/SIZE                  as sums, with everything flushed before each pass, as at sfence.vma
 *   untranslated/SIZE             the same loop over memory of the host's: the limit
 *   chase/PAGES/small_host_pages  a chain of loads, each from another page of the guest
 *   chase/PAGES/large_host_pages  the same with the guest's memory in host's pages of 2 MiB
 */
#include "bench/benchmark.h"
#include "blocks.h"

/* Virtual addresses of the guest. */
#define FROM UINT64_C(0x40000000)
#define TO   UINT64_C(0x82345000)
/* Its pages have the slots of FROM's, since their numbers are the same in the last TLB_SLOT_BITS. */
#define TO_COLLIDING UINT64_C(0x80000000)

static struct state {
	struct guest guest;
	uint64_t to_address; /* the guest's: where a pass writes */
	uint64_t bytes;      /* of a pass */
	uint64_t pages;      /* of a chain */
	uint64_t *from, *to; /* of the host's */
} state;

static uint64_t content(uint64_t number) {
	return number * UINT64_C(0x9e3779b97f4a7c15);
}

/* ---- set-up ------------------------------------------------------------------------------------------------------ */

static bool make_guest(struct bench_context *context, uint64_t pages, uint64_t host_page_bytes) {
	/* Root, tables, and page 0 besides. */
	uint64_t bytes = (pages + pages / 512 + 16) * GUEST_PAGE_BYTES;
	const struct bench_memory memory = {.bytes = bytes, .page_bytes = host_page_bytes, .alignment = 4096};
	const struct bench_memory tlb = {.bytes = sizeof(struct tlb) + GUEST_TLB_BYTES, .alignment = TLB_ALIGNMENT};
	void *guest_memory = bench_map(context, &memory), *tlb_memory = bench_map(context, &tlb);
	if (guest_memory == NULL || tlb_memory == NULL)
		return false;
	struct tlb *own = tlb_memory;
	return guest_init(&state.guest, guest_memory, bytes, own, own + 1);
}

/* Pages of the area in an order of no pattern: an odd multiple, modulo their number, which is a power of two. */
static bool map_area(uint64_t base, uint64_t pages, bool writable) {
	for (uint64_t i = 0; i < pages; i++) {
		uint64_t page = (i * 0x9e3779b1 + 7) & (pages - 1);
		if (guest_map(&state.guest, base + page * GUEST_PAGE_BYTES, writable) == 0)
			return false;
	}
	return true;
}

static enum bench_setup_result make_areas(const struct benchmark *row, struct bench_context *context,
					  uint64_t to_address) {
	uint64_t pages = row->parameter / GUEST_PAGE_BYTES;
	state.bytes = row->parameter;
	state.to_address = to_address;
	if (!make_guest(context, 2 * pages, BENCH_PAGE_4KIB))
		return BENCH_SKIP;
	if (!map_area(FROM, pages, false) || !map_area(to_address, pages, true))
		return bench_fail(context, "the guest has too little memory");
	for (uint64_t at = 0; at < state.bytes; at += 8)
		*(uint64_t *)guest_walk(&state.guest, FROM + at, false) = content(at);
	return BENCH_READY;
}

static enum bench_setup_result set_up_sums(const struct benchmark *row, struct bench_context *context) {
	return make_areas(row, context, TO);
}

static enum bench_setup_result set_up_colliding(const struct benchmark *row, struct bench_context *context) {
	return make_areas(row, context, TO_COLLIDING);
}

static enum bench_setup_result set_up_untranslated(const struct benchmark *row, struct bench_context *context) {
	const struct bench_memory wanted = {.bytes = row->parameter};
	state.bytes = row->parameter;
	state.from = bench_map(context, &wanted);
	state.to = bench_map(context, &wanted);
	if (state.from == NULL || state.to == NULL)
		return BENCH_SKIP;
	for (uint64_t i = 0; i < state.bytes / 8; i++)
		state.from[i] = content(i * 8);
	return BENCH_READY;
}

/* A circle through all pages (Hull and Dobell 1962), in each at one of its 64 lines. */
static uint64_t link_of(uint64_t page) {
	return FROM + page * GUEST_PAGE_BYTES + (content(page) >> 58) * 64;
}

static enum bench_setup_result set_up_chase(const struct benchmark *row, struct bench_context *context,
					    uint64_t host_page_bytes) {
	state.pages = row->parameter;
	if (!make_guest(context, state.pages, host_page_bytes))
		return BENCH_SKIP;
	if (!map_area(FROM, state.pages, false))
		return bench_fail(context, "the guest has too little memory");
	for (uint64_t page = 0; page < state.pages; page++) {
		uint64_t next = (page * 0x5851f42d + 0x3039) & (state.pages - 1);
		*(uint64_t *)guest_walk(&state.guest, link_of(page), false) = link_of(next);
	}
	state.guest.x[A0] = link_of(0);
	return BENCH_READY;
}

static enum bench_setup_result set_up_small(const struct benchmark *row, struct bench_context *context) {
	return set_up_chase(row, context, BENCH_PAGE_4KIB);
}

static enum bench_setup_result set_up_large(const struct benchmark *row, struct bench_context *context) {
	return set_up_chase(row, context, BENCH_PAGE_2MIB);
}

/* ---- what is timed ----------------------------------------------------------------------------------------------- */

static void pass(struct guest *guest) {
	guest->x[A0] = FROM;
	guest->x[A1] = state.to_address;
	guest->x[A2] = FROM + state.bytes;
	guest->x[T1] = 0;
	block_sums(guest);
}

static void run_sums(void *unused, uint64_t iterations) {
	for (; iterations != 0; iterations--)
		pass(&state.guest);
	bench_consume(state.guest.x[T1]);
}

static void run_flushed(void *unused, uint64_t iterations) {
	for (; iterations != 0; iterations--) {
		tlb_flush_all(state.guest.tlb);
		pass(&state.guest);
	}
	bench_consume(state.guest.x[T1]);
}

static void run_untranslated(void *unused, uint64_t iterations) {
	for (; iterations != 0; iterations--)
		bench_consume(sums_untranslated(state.from, state.to, state.bytes / 8, 0));
}

static void run_chase(void *unused, uint64_t iterations) {
	state.guest.x[A1] = iterations;
	block_chase(&state.guest);
	bench_consume(state.guest.x[A0]);
}

/* ---- oracles ----------------------------------------------------------------------------------------------------- */

/* Against the tables, walked anew for each word; then what a guest must not do is an exception at its instruction. */
static const char *check_sums(const struct benchmark *row, void *unused) {
	struct guest *guest = &state.guest;
	uint64_t sum = 0;
	row->run(NULL, 1);
	for (uint64_t at = 0; at < state.bytes; at += 8) {
		sum += content(at);
		if (*(uint64_t *)guest_walk(guest, state.to_address + at, true) != sum)
			return "a sum is wrong";
	}
	if (guest->x[T1] != sum || guest->x[A0] != FROM + state.bytes || guest->pc != SUMS_AT + 0x18 ||
	    guest->cause != 0)
		return "a register is wrong behind the block";
	guest->x[A0] = guest->x[A1] = FROM;
	block_sums(guest);
	if (guest->cause != GUEST_STORE_FAULT || guest->fault_address != FROM || guest->pc != SUMS_AT + 8)
		return "a store to what is read-only is no exception, or another one";
	guest->x[A0] = state.to_address + state.bytes;
	block_sums(guest);
	if (guest->cause != GUEST_LOAD_FAULT || guest->fault_address != state.to_address + state.bytes ||
	    guest->pc != SUMS_AT)
		return "a load from nowhere is no exception, or another one";
	guest->cause = 0;
	return NULL;
}

static const char *check_untranslated(const struct benchmark *row, void *unused) {
	uint64_t sum = 0;
	run_untranslated(NULL, 1);
	for (uint64_t i = 0; i < state.bytes / 8; i++) {
		sum += content(i * 8);
		if (state.to[i] != sum)
			return "a sum is wrong";
	}
	return NULL;
}

static const char *check_chase(const struct benchmark *row, void *unused) {
	struct guest *guest = &state.guest;
	for (uint64_t i = 1, page = 0; i <= state.pages; i++) {
		page = (page * 0x5851f42d + 0x3039) & (state.pages - 1);
		run_chase(NULL, 1);
		if (guest->x[A0] != link_of(page) || guest->cause != 0)
			return "the chain goes to another page";
		if (page == 0 && i != state.pages)
			return "the chain is a shorter one";
	}
	return guest->x[A0] == link_of(0) && guest->pc == CHASE_AT + 0xc ? NULL : "the chain is no circle";
}

#define PASS(kind, size, of_bytes)                                                                  \
	.name = kind "/" size, .iteration = "running sums over " size, .unit = BENCH_UNIT_ELEMENTS, \
	.per_iteration = (of_bytes) / 8, .parameter = (of_bytes)
#define SUMS(kind, size, of_bytes, of_setup, of_run)                                                           \
	{                                                                                                      \
		PASS(kind, size, of_bytes), .limit = "untranslated", .setup = (of_setup), .check = check_sums, \
					    .run = (of_run)                                                    \
	}
#define SIZE(size, of_bytes)                                                                                     \
	SUMS("sums", size, of_bytes, set_up_sums, run_sums),                                                     \
		SUMS("colliding", size, of_bytes, set_up_colliding, run_sums),                                   \
		SUMS("flushed", size, of_bytes, set_up_sums, run_flushed), {                                     \
		PASS("untranslated", size, of_bytes), .setup = set_up_untranslated, .check = check_untranslated, \
						      .run = run_untranslated                                    \
	}
#define CHASE(of_pages, host_pages, of_setup)                                                                        \
	{                                                                                                            \
		.name = "chase/" #of_pages "/" host_pages, .iteration = "load from the next of " #of_pages " pages", \
		.parameter = (of_pages), .setup = (of_setup), .check = check_chase, .run = run_chase                 \
	}
#define CHASES(pages) CHASE(pages, "small_host_pages", set_up_small), CHASE(pages, "large_host_pages", set_up_large)

static const struct benchmark rows[] = {
	SIZE("4KiB", 4 << 10), SIZE("64KiB", 64 << 10), SIZE("1MiB", 1 << 20), CHASES(64), CHASES(1024), CHASES(16384)};
BENCH_SUITE(rows);
