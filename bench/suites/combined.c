/* SPDX-License-Identifier: Apache-2.0
 *
 * Pool, TLB and copy together, as a virtual machine's hot path has them: objects of 64 bytes from a pool, guest
 * addresses translated and read through (256 pages of guest memory, real and warm, in random order), blocks copied by
 * the kernel that simd_select chose, called through its pointer.
 *
 * sustained/: as many rounds as last about so long on a core of 3.7 GHz, a number that is the same on every machine, so
 * that the figure is a cost and not the length that was asked for.
 *
 * consistency/: what each part costs in the mix over what it costs alone. A round is 64 alloc/free pairs, then 64 reads
 * through the TLB, then a copy of 4 KiB: batches long enough that the processor overlaps little of one with the next.
 * In the mix a part costs the round with all three less the round without it; alone it costs its own loop. All seven
 * loops are one function's, told by a mask, which costs each the same.
 */
#include "bench/consume.h"
#include "bench/suites.h"
#include "bench/suites/mapping.h"
#include "bench/suites/pattern.h"
#include "lib/units.h"
#include "mem/pool.h"
#include "mem/tlb.h"
#include "platform.h"

#include <stddef.h>

#define SEED UINT64_C(0x082efa98ec4e6c89)

enum { OBJECT_BYTES = 64, OBJECTS = 1024, GUEST_PAGES = 256, STORE = 1024, SEQUENCE = 4096 };
enum { COPY_MOST = 16384, COPY_OBJECTS = 10, STRESS = 10000, BATCH = 64, MIX_COPY = 4096, MIX_READS = 10 };
enum { POOL = 1, TLB = 2, COPY = 4 };

/* Whole pages first, and no alignment to pages: the mapping has it, but where it was asked to lie elsewhere. */
struct combined_state {
	_Alignas(64) uint8_t source[COPY_MOST + PAGE_BYTES / 2];
	uint8_t destination[COPY_MOST + PAGE_BYTES / 2]; /* half a page from the source modulo 4 KiB */
	uint8_t guest[GUEST_PAGES * PAGE_BYTES];
	struct pool pool;
	struct tlb tlb;
	simd_copy_function *copy;
	uint64_t size; /* the row's: objects, translations, bytes, rounds, a mask */
	uint32_t position;
	size_t mapped_bytes;
	uint32_t sequence[SEQUENCE]; /* guest addresses */
	void *objects[OBJECTS];
	_Alignas(64) unsigned char pool_memory[POOL_BYTES(OBJECT_BYTES, OBJECT_BYTES, OBJECTS)];
	_Alignas(64) unsigned char store[STORE * sizeof(struct tlb_stored) + sizeof(struct tlb_space)];
};

_Static_assert(offsetof(struct combined_state, guest) % PAGE_BYTES == 0, "at page's begin where the mapping is");
_Static_assert(offsetof(struct combined_state, pool) % PAGE_BYTES == 0, "likewise");

static int walk(void *owner, uint64_t address, uint32_t asid, enum tlb_access access, struct tlb_mapping *mapping) {
	(void)asid;
	(void)access;
	struct combined_state *state = owner;
	if (address / PAGE_BYTES >= GUEST_PAGES)
		return 1;
	mapping->host = state->guest + address / PAGE_BYTES * PAGE_BYTES;
	mapping->rights = TLB_RIGHT_READ | TLB_RIGHT_WRITE;
	return 0;
}

/* ---- the parts --------------------------------------------------------------------------------------------------- */

static inline void *take(struct combined_state *state, uint64_t value) {
	void *object = pool_alloc(&state->pool);
	if (object != NULL)
		*(uint64_t *)object = value;
	bench_consume_memory(object);
	return object;
}

static inline void give(struct combined_state *state, void *object) {
	pool_free(&state->pool, object);
	bench_consume_memory(&state->pool);
}

/* The next `count` addresses of the sequence are translated and read. */
static inline void read_guest(struct combined_state *state, uint64_t count) {
	uint32_t position = state->position;
	for (; count != 0; count--) {
		void *host = NULL;
		uint64_t address = state->sequence[position];
		position = (position + 1) % SEQUENCE;
		if (tlb_translate_fixed(&state->tlb, address, TLB_READ, PAGE_SHIFT, &host) == 0)
			bench_consume(*(const uint64_t *)host);
	}
	state->position = position;
}

static inline void copy_block(struct combined_state *state, size_t bytes) {
	state->copy(state->destination, state->source, bytes);
	bench_consume_memory(state->destination);
}

/* ---- set-up ------------------------------------------------------------------------------------------------------ */

static void copy_nothing(void *destination, const void *source, size_t bytes) {
	(void)destination;
	(void)source;
	(void)bytes;
}

static const char *check(struct combined_state *state) {
	for (unsigned i = 0; i < SEQUENCE; i++) {
		void *host = NULL;
		if (tlb_translate(&state->tlb, state->sequence[i], TLB_READ, &host) != 0 ||
		    host != state->guest + state->sequence[i])
			return "a look-up gave a wrong address";
	}
	state->copy(state->destination, state->source, COPY_MOST);
	for (unsigned i = 0; i < COPY_MOST; i++)
		if (state->destination[i] != state->source[i])
			return "the copy differs from its source";
	for (unsigned i = 0; i < OBJECTS; i++)
		if ((state->objects[i] = pool_alloc(&state->pool)) == NULL)
			return "the pool gave fewer objects than its capacity";
	pool_free_batch(&state->pool, state->objects, OBJECTS);
	return NULL;
}

static const char *start(struct combined_state *state) {
	const struct tlb_config config = {STORE, 1, PAGE_BYTES, walk, state};
	uint64_t seed = SEED;
	if (pool_init(&state->pool, state->pool_memory, sizeof state->pool_memory, OBJECT_BYTES, OBJECT_BYTES,
		      OBJECTS) != 0)
		return "pool_init failed";
	if (tlb_init(&state->tlb, state->store, sizeof state->store, &config) != 0)
		return "tlb_init failed";
	for (unsigned i = 0; i < SEQUENCE; i++)
		state->sequence[i] = (uint32_t)(pattern_next(&seed) % (GUEST_PAGES * PAGE_BYTES)) & ~7u;
	pattern_fill(state->source, sizeof state->source, seed);
	return check(state);
}

static enum bench_setup_result setup(const struct benchmark *benchmark, struct bench_context *context) {
	size_t mapped_bytes;
	struct combined_state *state = mapping_of(sizeof(*state), &mapped_bytes);
	if (state == NULL) {
		context->reason = "no memory for pool, TLB and buffers";
		return BENCH_SKIP;
	}
	context->state = state;
	state->mapped_bytes = mapped_bytes;
	state->size = benchmark->parameter;
	state->copy = context->injected_broken ? copy_nothing : context->kernels->copies.copy;
	context->reason = start(state);
	return context->reason == NULL ? BENCH_READY : BENCH_FAIL;
}

static void teardown(const struct benchmark *benchmark, struct bench_context *context) {
	(void)benchmark;
	const struct combined_state *state = context->state;
	if (state != NULL)
		(void)platform_memory_unmap(context->state, state->mapped_bytes);
}

/* ---- the loops --------------------------------------------------------------------------------------------------- */

static void take_many(struct combined_state *state, uint64_t count) {
	for (uint64_t i = 0; i < count; i++)
		state->objects[i] = take(state, i);
}

static void give_many(struct combined_state *state, uint64_t count) {
	while (count != 0)
		give(state, state->objects[--count]);
}

static void alloc_with_memory(void *argument, uint64_t iterations) {
	struct combined_state *state = argument;
	for (; iterations != 0; iterations--) {
		take_many(state, state->size);
		read_guest(state, state->size);
		give_many(state, state->size);
	}
}

static void tlb_with_alloc(void *argument, uint64_t iterations) {
	struct combined_state *state = argument;
	for (; iterations != 0; iterations--)
		for (uint64_t done = 0; done < state->size; done += 10) {
			read_guest(state, 10);
			give(state, take(state, done));
		}
}

static void memcpy_with_alloc(void *argument, uint64_t iterations) {
	struct combined_state *state = argument;
	for (; iterations != 0; iterations--) {
		take_many(state, COPY_OBJECTS);
		copy_block(state, state->size);
		give_many(state, COPY_OBJECTS);
	}
}

static void sustained(void *argument, uint64_t iterations) {
	struct combined_state *state = argument;
	for (; iterations != 0; iterations--)
		for (uint64_t round = 0; round < state->size; round++) {
			void *object = take(state, round);
			read_guest(state, MIX_READS);
			copy_block(state, 1024);
			give(state, object);
		}
}

static void rapid_alloc_free(void *argument, uint64_t iterations) {
	struct combined_state *state = argument;
	for (; iterations != 0; iterations--)
		for (uint64_t i = 0; i < STRESS; i++)
			give(state, take(state, i));
}

static void rapid_memory_access(void *argument, uint64_t iterations) {
	struct combined_state *state = argument;
	for (; iterations != 0; iterations--)
		read_guest(state, STRESS);
}

static void consistency(void *argument, uint64_t iterations) {
	struct combined_state *state = argument;
	for (; iterations != 0; iterations--) {
		uint64_t mask = bench_opaque(state->size);
		for (uint64_t i = 0; (mask & POOL) != 0 && i < BATCH; i++)
			give(state, take(state, i));
		if ((mask & TLB) != 0)
			read_guest(state, BATCH);
		if ((mask & COPY) != 0)
			copy_block(state, MIX_COPY);
	}
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

#define ROW(which, measured, amount, value, function, what)                                                           \
	{                                                                                                             \
		.name = "combined/" which, .iteration = what, .unit = (measured), .per_iteration = (amount),          \
		.memory_bytes = sizeof(struct combined_state), .parameter = (value), .setup = setup, .run = function, \
		.teardown = teardown,                                                                                 \
	}

#define ELEMENTS(which, amount, function, what) ROW(which, BENCH_UNIT_ELEMENTS, amount, amount, function, what)

#define ALLOC_WITH_MEMORY(n)                                    \
	ELEMENTS("alloc_with_memory/" #n, n, alloc_with_memory, \
		 "allocate " #n " objects, read " #n " times through the TLB, free them")

#define TLB_WITH_ALLOC(n)                                 \
	ELEMENTS("tlb_with_alloc/" #n, n, tlb_with_alloc, \
		 #n " reads through the TLB, an alloc and free after every tenth")

#define MEMCPY_WITH_ALLOC(size, n)                                                \
	ROW("memcpy_with_alloc/" size, BENCH_UNIT_BYTES, n, n, memcpy_with_alloc, \
	    "allocate 10 objects, copy " #n " bytes, free the objects")

#define SUSTAINED(length, rounds)                        \
	ELEMENTS("sustained/" length, rounds, sustained, \
		 #rounds " rounds: an alloc, 10 reads through the TLB, a copy of 1024 bytes, a free")

#define CONSISTENCY(which, mask, what) \
	ROW("consistency/" which, BENCH_UNIT_ELEMENTS, 1, mask, consistency, "a round of " what)

static const struct benchmark rows[] = {
	ALLOC_WITH_MEMORY(10),
	ALLOC_WITH_MEMORY(100),
	ALLOC_WITH_MEMORY(1000),
	TLB_WITH_ALLOC(100),
	TLB_WITH_ALLOC(1000),
	TLB_WITH_ALLOC(10000),
	MEMCPY_WITH_ALLOC("1KiB", 1024),
	MEMCPY_WITH_ALLOC("4KiB", 4096),
	MEMCPY_WITH_ALLOC("16KiB", 16384),
	SUSTAINED("10ms", 320000),
	SUSTAINED("50ms", 1600000),
	SUSTAINED("100ms", 3200000),
	ELEMENTS("stress/rapid_alloc_free", STRESS, rapid_alloc_free, "10,000 times an alloc and its free"),
	ELEMENTS("stress/rapid_memory_access", STRESS, rapid_memory_access, "10,000 reads through the TLB"),
	CONSISTENCY("mix", POOL | TLB | COPY, "64 alloc/free pairs, 64 reads through the TLB, a copy of 4096 bytes"),
	CONSISTENCY("pool/alone", POOL, "64 alloc/free pairs"),
	CONSISTENCY("pool/without", TLB | COPY, "64 reads through the TLB, a copy of 4096 bytes"),
	CONSISTENCY("tlb/alone", TLB, "64 reads through the TLB"),
	CONSISTENCY("tlb/without", POOL | COPY, "64 alloc/free pairs, a copy of 4096 bytes"),
	CONSISTENCY("copy/alone", COPY, "a copy of 4096 bytes"),
	CONSISTENCY("copy/without", POOL | TLB, "64 alloc/free pairs, 64 reads through the TLB"),
};

const struct bench_suite suite_combined = {
	.name = "combined",
	.benchmarks = rows,
	.count = sizeof rows / sizeof rows[0],
};
