/* SPDX-License-Identifier: Apache-2.0
 *
 * The pool beside general allocators, and beside what a pool could cost at the least. All do the same: take objects,
 * write the first 8 bytes of each, keep it in an array, give them back in some order. Every allocator is called through
 * pointers, or the compiler elides the pair. References of our own:
 *   bare pointer stack   free objects as an array of pointers, its bottom checked, nothing else
 *   intrusive list       free objects linked through their first word
 *   floor                the same loop without an allocator: objects in ascending order
 * An iteration is a wave: all objects are taken, then all given back. What a reference claims (peers/judge/plausible.h)
 * is said in peers/suites/pool_claims.h; the memory that it touches is probed in each row, by loops over objects of the
 * row's size in the row's order.
 */
#include "mem/pool.h"
#include "bench/consume.h"
#include "bench/rng.h"
#include "mem/pool_checked.h"
#include "peers/count.h"
#include "peers/suites/pool_claims.h"
#include "peers/suites/suites.h"

#include <stdlib.h>

enum { CACHED_MOST = 4096, WAVES_LEAST = 8 };

struct shape {
	size_t object_bytes;
	size_t live;
	enum order { LIFO, FIFO, RANDOM } order;
};

struct contestant {
	struct pool pool;
	void **top, **bottom; /* bare pointer stack */
	void *list;           /* intrusive list */
	void *(*allocate)(size_t bytes);
	void (*release)(void *object);
	unsigned char *memory;
	size_t memory_bytes;
	size_t object_bytes;
	size_t live;
	void **objects;
	const uint32_t *order; /* in which objects are given back; NULL: in reverse */
	uint64_t level;        /* of the limit: what stands for how many are free */
};

enum who { OURS, CHECKED, STACK, LIST, FLOOR, GLIBC, MIMALLOC, JEMALLOC, TCMALLOC, CONTESTANTS };

/* The loops below are inlined with `who` a constant: each contestant gets its own, without a switch in it. */
#define ALWAYS_INLINE static inline __attribute__((always_inline))

ALWAYS_INLINE void *take(struct contestant *c, enum who who, size_t i) {
	void **node = c->list;
	switch (who) {
	case OURS:
		return pool_alloc(&c->pool);
	case CHECKED:
		return pool_checked_alloc(&c->pool);
	case STACK:
		return c->top != c->bottom ? *--c->top : NULL;
	case LIST:
		c->list = node != NULL ? *node : NULL;
		return node;
	case FLOOR:
		return c->memory + i * c->object_bytes;
	default:
		return c->allocate(c->object_bytes);
	}
}

ALWAYS_INLINE void give(struct contestant *c, enum who who, void *object) {
	switch (who) {
	case OURS:
		pool_free(&c->pool, object);
		break;
	case CHECKED:
		pool_checked_free(&c->pool, object);
		break;
	case STACK:
		*c->top++ = object;
		break;
	case LIST:
		*(void **)object = c->list;
		c->list = object;
		break;
	case FLOOR:
		bench_consume((uint64_t)(uintptr_t)object);
		break;
	default:
		c->release(object);
	}
	bench_consume_memory(c);
}

ALWAYS_INLINE void *take_touched(struct contestant *c, enum who who, size_t i) {
	void *object = take(c, who, i);
	if (object == NULL)
		abort();
	*(uint64_t *)object = i;
	bench_consume_memory(object);
	return object;
}

ALWAYS_INLINE void run_pairs(struct contestant *c, uint64_t iterations, enum who who) {
	for (; iterations != 0; iterations--)
		give(c, who, take_touched(c, who, 0));
}

ALWAYS_INLINE void run_waves(struct contestant *c, uint64_t iterations, enum who who, bool reverse) {
	void **objects = c->objects;
	const uint32_t *order = c->order;
	for (const size_t live = c->live; iterations != 0; iterations--) {
		for (size_t i = 0; i < live; i++)
			objects[i] = take_touched(c, who, i);
		if (reverse)
			for (size_t i = live; i-- > 0;)
				give(c, who, objects[i]);
		else
			for (size_t i = 0; i < live; i++)
				give(c, who, objects[order[i]]);
	}
}

#define RUNS_OF(name, who)                                             \
	static void name##_pairs(void *state, uint64_t iterations) {   \
		run_pairs(state, iterations, who);                     \
	}                                                              \
	static void name##_reverse(void *state, uint64_t iterations) { \
		run_waves(state, iterations, who, true);               \
	}                                                              \
	static void name##_ordered(void *state, uint64_t iterations) { \
		run_waves(state, iterations, who, false);              \
	}

RUNS_OF(ours, OURS)
RUNS_OF(checked, CHECKED)
RUNS_OF(stack, STACK)
RUNS_OF(list, LIST)
RUNS_OF(floor, FLOOR)
RUNS_OF(allocator, GLIBC)

#define RUNS(name) \
	{ name##_pairs, name##_reverse, name##_ordered }
static void (*const runs[CONTESTANTS][3])(void *, uint64_t) = {
	[OURS] = RUNS(ours),          [CHECKED] = RUNS(checked),    [STACK] = RUNS(stack),
	[LIST] = RUNS(list),          [FLOOR] = RUNS(floor),        [GLIBC] = RUNS(allocator),
	[MIMALLOC] = RUNS(allocator), [JEMALLOC] = RUNS(allocator), [TCMALLOC] = RUNS(allocator),
};

static const struct {
	const char *name, *library, *allocate, *release;
} known[CONTESTANTS] = {
	[OURS] = {.name = "pool"},
	[CHECKED] = {.name = "checked pool"},
	[STACK] = {.name = "bare pointer stack"},
	[LIST] = {.name = "intrusive list"},
	[FLOOR] = {.name = "floor"},
	[GLIBC] = {"glibc", NULL, NULL, NULL},
	[MIMALLOC] = {"mimalloc", "libmimalloc.so.2", "mi_malloc", "mi_free"},
	[JEMALLOC] = {"jemalloc", "libjemalloc.so.2", "malloc", "free"},
	[TCMALLOC] = {"tcmalloc", "libtcmalloc_minimal.so.4", "tc_malloc", "tc_free"},
};

static void find_allocator(struct contestant *c, enum who who, const char **absent) {
	*absent = NULL;
	c->allocate = malloc;
	c->release = free;
	if (known[who].library == NULL)
		return;
	/* POSIX lets dlsym's pointers be functions; ISO C has no conversion for it. */
	*(void **)(void *)&c->allocate = peer_symbol(known[who].library, known[who].allocate, absent);
	if (*absent == NULL)
		*(void **)(void *)&c->release = peer_symbol(known[who].library, known[who].release, absent);
}

/* Whatever keeps what is free in memory takes it from there and puts it back there, when an object is taken and when it
 * is given: each waits for the one before. */
static void run_forwards(void *state, uint64_t iterations) {
	struct contestant *c = state;
	for (; iterations != 0; iterations--)
		for (size_t i = c->live; i != 0; i--) {
			c->level--;
			bench_consume_memory(c);
			c->level++;
			bench_consume_memory(c);
		}
}

/* ---- the memory that objects are in ------------------------------------------------------------------------------ */

struct objects {
	size_t live;
	void **at; /* in the order of the touches */
};

static void touch(void *argument, uint64_t iterations) {
	const struct objects *objects = argument;
	void **const at = objects->at;
	for (const size_t live = objects->live; iterations != 0; iterations--)
		for (size_t i = 0; i < live; i++) {
			*(uint64_t *)at[i] = i;
			bench_consume_memory(at);
		}
}

/* An object's second word leads to the next one. */
static void walk(void *argument, uint64_t iterations) {
	const struct objects *objects = argument;
	uint64_t *at = objects->at[0];
	for (const size_t live = objects->live; iterations != 0; iterations--)
		for (size_t i = 0; i < live; i++) {
			uint64_t *next = (uint64_t *)(uintptr_t)at[1];
			*at = i;
			bench_consume_memory(at);
			at = next;
		}
}

/* In `memory`, which keeps its owner; `order`: NULL is ascending. Second words are written to. */
static void make_objects(struct objects *objects, unsigned char *memory, const struct shape *shape,
			 const uint32_t *order) {
	objects->live = shape->live;
	objects->at = peer_memory(shape->live * sizeof *objects->at);
	for (size_t i = 0; i < shape->live; i++)
		objects->at[i] = memory + (order != NULL ? order[i] : i) * shape->object_bytes;
	for (size_t i = 0; i < shape->live; i++)
		((uint64_t *)objects->at[i])[1] = (uintptr_t)objects->at[(i + 1) % shape->live];
}

static void free_objects(struct objects *objects) {
	if (objects->at != NULL)
		peer_memory_free(objects->at, objects->live * sizeof *objects->at);
}

static void prepare(struct contestant *c, enum who who, const struct shape *shape) {
	size_t needed = pool_bytes_needed(shape->object_bytes, 64, shape->live);
	c->memory_bytes = needed > 0 ? needed : 1;
	c->memory = peer_memory(c->memory_bytes);
	int (*init)(struct pool *, void *, size_t, size_t, size_t, size_t) =
		who == CHECKED ? pool_checked_init : pool_init;
	if (init(&c->pool, c->memory, c->memory_bytes, shape->object_bytes, 64, shape->live) != 0)
		abort();
	if (who == STACK)
		c->top = c->bottom = malloc(shape->live * sizeof(void *));
	for (size_t i = shape->live; i-- > 0;)
		if (who == STACK || who == LIST)
			give(c, who, c->memory + i * shape->object_bytes);
}

/* Positions 0 to live - 1, as they come or shuffled; NULL for LIFO. */
static uint32_t *make_order(const struct shape *shape) {
	struct rng rng = rng_seeded(42);
	if (shape->order == LIFO)
		return NULL;
	uint32_t *order = malloc(shape->live * sizeof *order);
	for (size_t i = 0; i < shape->live; i++)
		order[i] = (uint32_t)i;
	for (size_t i = shape->live; shape->order == RANDOM && i-- > 1;) {
		size_t other = rng_below(&rng, (uint32_t)i + 1);
		uint32_t taken = order[i];
		order[i] = order[other];
		order[other] = taken;
	}
	return order;
}

struct row_state {
	struct contestant contestants[CONTESTANTS];
	struct objects ascending, ordered;
	void **objects;
	uint32_t *order;
};

static unsigned kind_of(const struct shape *shape) {
	return shape->live == 1 ? 0 : shape->order == LIFO ? 1 : 2;
}

/* Of one object. The code is the same for any number of them: few are enough. */
static double count_instructions(enum who who, const struct shape *shape) {
	static double counted[CONTESTANTS][3];
	double *count = &counted[who][kind_of(shape)];
	if (*count > 0)
		return *count;
	struct shape few = *shape;
	few.live = shape->live < 32 ? shape->live : 32;
	few.object_bytes = 64;
	struct contestant c = {.object_bytes = few.object_bytes, .live = few.live};
	void *objects[32];
	uint32_t *order = make_order(&few);
	c.objects = objects;
	c.order = order;
	prepare(&c, who, &few);
	const struct peer peer = {.run = runs[who][kind_of(&few)], .state = &c};
	*count = peer_count_instructions(&peer, 1) / (double)few.live;
	peer_memory_free(c.memory, c.memory_bytes);
	free(c.bottom);
	free(order);
	return *count;
}

static struct peer make_peer(struct row_state *state, enum who who, const struct shape *shape, bool first) {
	struct contestant *c = &state->contestants[who];
	struct peer peer = {.name = known[who].name,
			    .state = c,
			    .reference = who < GLIBC,
			    .claims = who == STACK || who == LIST || who == FLOOR};
	c->object_bytes = shape->object_bytes;
	c->live = shape->live;
	c->objects = state->objects;
	c->order = state->order;
	peer.run = runs[who][kind_of(shape)];
	if (peer.claims) {
		enum pool_reference reference = who == STACK ? POOL_STACK : who == LIST ? POOL_LIST : POOL_FLOOR;
		peer.claim = shape->live == 1 ? claim_of_pool_pairs(reference) : claim_of_pool_waves(reference);
		peer.claim.instructions = first ? count_instructions(who, shape) : 0;
	}
	if (who >= GLIBC)
		find_allocator(c, who, &peer.absent);
	else
		prepare(c, who, shape);
	return peer;
}

static struct row_state *new_state(const struct shape *shape) {
	struct row_state *state = calloc(1, sizeof *state);
	state->objects = peer_memory(shape->live * sizeof(void *));
	state->order = make_order(shape);
	return state;
}

static void add_probes(struct row_state *state, const struct shape *shape, struct peer_contest *contest) {
	/* The bare stack's: where pages lie is luck, in a launch its own and the probe's alike. It reads
	 * nothing there. */
	unsigned char *memory = state->contestants[STACK].memory;
	if (shape->live == 1)
		return;
	make_objects(&state->ascending, memory, shape, NULL);
	make_objects(&state->ordered, memory, shape, state->order);
	contest->probes[POOL_TOUCH] = (struct peer){.run = touch, .state = &state->ordered};
	contest->probes[POOL_TOUCH_ASCENDING] = (struct peer){.run = touch, .state = &state->ascending};
	contest->probes[POOL_WALK] = (struct peer){.run = walk, .state = &state->ordered};
	for (size_t i = 0; i < POOL_PROBES; i++)
		contest->probe_steps[i] = (double)shape->live;
}

static bool setup(const struct peer_row *row, const struct peer_machine *machine, struct peer_contest *contest) {
	static const enum who order[] = {GLIBC, MIMALLOC, JEMALLOC, TCMALLOC, STACK, LIST, FLOOR};
	const struct shape *shape = row->data;
	struct row_state *state = new_state(shape);
	contest->state = state;
	contest->ours = make_peer(state, OURS, shape, machine->first);
	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
		contest->peers[contest->count++] = make_peer(state, order[i], shape, machine->first);
	contest->limit = (struct peer){
		.name = "chain of two forwards a pair", .run = run_forwards, .state = &state->contestants[FLOOR]};
	/* Of many objects a wave is as long as a sample, and its first would find another one's in the caches. */
	contest->iterations_least = shape->live <= CACHED_MOST ? WAVES_LEAST : 1;
	add_probes(state, shape, contest);
	return true;
}

static bool checked_setup(const struct peer_row *row, const struct peer_machine *machine,
			  struct peer_contest *contest) {
	struct row_state *state = new_state(row->data);
	contest->state = state;
	contest->ours = make_peer(state, CHECKED, row->data, machine->first);
	contest->peers[contest->count++] = make_peer(state, OURS, row->data, machine->first);
	return true;
}

static void teardown(const struct peer_row *row, struct peer_contest *contest) {
	const struct shape *shape = row->data;
	struct row_state *state = contest->state;
	for (unsigned who = 0; who < CONTESTANTS; who++) {
		free(state->contestants[who].bottom);
		if (state->contestants[who].memory != NULL)
			peer_memory_free(state->contestants[who].memory, state->contestants[who].memory_bytes);
	}
	peer_memory_free(state->objects, shape->live * sizeof(void *));
	free_objects(&state->ascending);
	free_objects(&state->ordered);
	free(state->order);
	free(state);
}

#define ROW(row_name, bytes_, live_, order_, ...)                                             \
	{                                                                                     \
		.name = row_name, .operations = live_, .bars = {__VA_ARGS__}, .setup = setup, \
		.data = &(const struct shape){bytes_, live_, order_}, .teardown = teardown,   \
	}
#define BARS PEER_BAR(PEER_BEST, 0.40), PEER_BAR("bare pointer stack", 1.10)

static const struct peer_row rows[] = {
	ROW("pool/64B/1", 64, 1, LIFO, PEER_BAR_OR_NEXT(PEER_BEST, 0.25), PEER_BAR(PEER_LIMIT, 1.05)),
	ROW("pool/64B/64/lifo", 64, 64, LIFO, PEER_BAR_OR_NEXT(PEER_BEST, 0.55), PEER_BAR(PEER_LIMIT, 1.05),
	    PEER_BAR("bare pointer stack", 1.10)),
	ROW("pool/64B/64/fifo", 64, 64, FIFO, BARS),
	ROW("pool/64B/64/random", 64, 64, RANDOM, BARS),
	ROW("pool/64B/4096/lifo", 64, 4096, LIFO, BARS),
	ROW("pool/64B/4096/fifo", 64, 4096, FIFO, BARS),
	ROW("pool/64B/4096/random", 64, 4096, RANDOM, BARS),
	ROW("pool/64B/262144/random", 64, 262144, RANDOM, PEER_NO_BAR),
	ROW("pool/1KiB/4096/lifo", 1024, 4096, LIFO, BARS),
	ROW("pool/4KiB/64/lifo", 4096, 64, LIFO, BARS),
	{.name = "pool/checked/64B/64/lifo",
	 .operations = 64,
	 .bars = {PEER_BAR("pool", 2)},
	 .data = &(const struct shape){64, 64, LIFO},
	 .setup = checked_setup,
	 .teardown = teardown},
};

const struct peer_suite peers_pool = {.name = "pool", .rows = rows, .count = sizeof rows / sizeof rows[0]};
