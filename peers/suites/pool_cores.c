/* SPDX-License-Identifier: Apache-2.0
 *
 * Objects taken on one core and given back on another. The first core takes an object, writes its first 8 bytes,
 * and sends it through a mailbox; the other gives it back, in the rows that say so after it has read those bytes,
 * which moves the object's line to and fro whatever the allocator does. All contestants use the same mailbox.
 * References of our own:
 *   bare ring in batches   the other core sends objects back through a second mailbox, out of which they are taken
 *   floor                  objects out of an array, in turns; nothing gives them back
 * An iteration is BLOCK objects, so that the shortest run still hides how long two cores take to find one another; a
 * run ends when the other core has given back all of them.
 */
#include "bench/consume.h"
#include "bench/suites/mailbox.h"
#include "mem/pool_shared.h"
#include "peers/suites/suites.h"
#include "platform.h"

#include <stdlib.h>

enum { BLOCK = 4096, CAPACITY = 4096, CIRCULATING = MAILBOX_SLOTS / 2, CORE = 1 };

enum who { OURS, RING, FLOOR, GLIBC, MIMALLOC, JEMALLOC, TCMALLOC, CONTESTANTS };

struct channel {
	struct mailbox forward, back;
	struct mailbox_end put, get;           /* of `forward`: the first core's, the other's */
	struct mailbox_end back_put, back_get; /* of `back`: the other's, the first core's */
	_Alignas(128) struct pool_core *first, *other;
	unsigned char *objects; /* of the bare ring and the floor */
	unsigned char *memory;
	size_t pool_bytes, object_bytes;
	bool read; /* by the other core */
	_Alignas(128) _Atomic(bool) stop;
	uint64_t sum;                        /* the other core's */
	const struct contestant *contestant; /* who is at it: changed only while the mailbox is empty */
};

struct contestant {
	struct channel *channel;
	enum who who;
	void *(*allocate)(size_t bytes);
	void (*release)(void *object);
};

#define ALWAYS_INLINE static inline __attribute__((always_inline))

ALWAYS_INLINE void *take(struct channel *channel, const struct contestant *me, enum who who, uint64_t i) {
	switch (who) {
	case OURS:
		return pool_core_alloc(channel->first);
	case RING:
		while (mailbox_available(&channel->back_get) == 0) {
			mailbox_flush(&channel->put);
			(void)ticks_end();
		}
		return mailbox_get(&channel->back_get);
	case FLOOR:
		return channel->objects + i % (2 * MAILBOX_SLOTS) * channel->object_bytes;
	default:
		return me->allocate(channel->object_bytes);
	}
}

ALWAYS_INLINE void give(struct channel *channel, const struct contestant *me, enum who who, void *object) {
	switch (who) {
	case OURS:
		pool_core_free(channel->other, object);
		break;
	case RING:
		mailbox_put(&channel->back_put, object);
		break;
	case FLOOR:
		break;
	default:
		me->release(object);
	}
}

ALWAYS_INLINE void send(const struct contestant *me, uint64_t iterations, enum who who) {
	struct channel *channel = me->channel;
	channel->contestant = me;
	for (uint64_t i = 0; i < iterations * BLOCK; i++) {
		void *object = take(channel, me, who, i);
		if (object == NULL)
			abort();
		*(uint64_t *)object = i;
		bench_consume_memory(object);
		mailbox_put(&channel->put, object);
	}
	mailbox_wait_until_read(&channel->put);
}

ALWAYS_INLINE void drain(struct channel *channel, const struct contestant *me, uint64_t count, enum who who) {
	for (; count != 0; count--) {
		void *object = mailbox_get(&channel->get);
		if (channel->read)
			channel->sum += *(const uint64_t *)object;
		give(channel, me, who, object);
		bench_consume_memory(channel);
	}
	if (who == RING)
		mailbox_flush(&channel->back_put);
	mailbox_done(&channel->get);
}

static void send_ours(void *me, uint64_t iterations) {
	send(me, iterations, OURS);
}

static void send_ring(void *me, uint64_t iterations) {
	send(me, iterations, RING);
}

static void send_floor(void *me, uint64_t iterations) {
	send(me, iterations, FLOOR);
}

static void send_allocator(void *me, uint64_t iterations) {
	send(me, iterations, GLIBC);
}

static void other_core(void *argument) {
	struct channel *channel = argument;
	while (!atomic_load_explicit(&channel->stop, memory_order_relaxed)) {
		uint64_t count = mailbox_available(&channel->get);
		if (count == 0) {
			(void)ticks_end();
			continue;
		}
		const struct contestant *me = channel->contestant;
		switch (me->who) {
		case OURS:
			drain(channel, me, count, OURS);
			break;
		case RING:
			drain(channel, me, count, RING);
			break;
		case FLOOR:
			drain(channel, me, count, FLOOR);
			break;
		default:
			drain(channel, me, count, GLIBC);
		}
	}
}

static const struct {
	const char *name, *library, *allocate, *release;
	void (*send)(void *me, uint64_t iterations);
} known[CONTESTANTS] = {
	[OURS] = {"shared pool", NULL, NULL, NULL, send_ours},
	[RING] = {"bare ring in batches", NULL, NULL, NULL, send_ring},
	[FLOOR] = {"floor", NULL, NULL, NULL, send_floor},
	[GLIBC] = {"glibc", NULL, NULL, NULL, send_allocator},
	[MIMALLOC] = {"mimalloc", "libmimalloc.so.2", "mi_malloc", "mi_free", send_allocator},
	[JEMALLOC] = {"jemalloc", "libjemalloc.so.2", "malloc", "free", send_allocator},
	[TCMALLOC] = {"tcmalloc", "libtcmalloc_minimal.so.4", "tc_malloc", "tc_free", send_allocator},
};

/* What a row measures. */
struct shape {
	bool read; /* by the other core */
};

/* Each object goes through the floor's mailbox, and back through another one: at once at best, one after
 * the other at worst. */
static const struct peer_claim ring_claim = {
	.loops = {{.chain = {[PEER_PROBE_0] = 2}, .all = {[PEER_LOADS] = 2, [PEER_STORES] = 2, [PEER_PROBE_0] = 1}}},
	.overlaps = true,
};

static struct peer make_peer(struct channel *channel, enum who who) {
	static struct contestant contestants[CONTESTANTS];
	struct contestant *me = &contestants[who];
	struct peer peer = {.name = known[who].name, .run = known[who].send, .state = me, .reference = who < GLIBC};
	if (who == RING) {
		peer.claims = true;
		peer.claim = ring_claim;
	}
	*me = (struct contestant){channel, who, malloc, free};
	if (known[who].library == NULL)
		return peer;
	/* POSIX lets dlsym's pointers be functions; ISO C has no conversion for it. */
	*(void **)(void *)&me->allocate = peer_symbol(known[who].library, known[who].allocate, &peer.absent);
	if (peer.absent == NULL)
		*(void **)(void *)&me->release = peer_symbol(known[who].library, known[who].release, &peer.absent);
	return peer;
}

static size_t objects_bytes(const struct channel *channel) {
	return 2 * MAILBOX_SLOTS * channel->object_bytes;
}

static bool start(struct channel *channel, size_t object_bytes) {
	channel->object_bytes = object_bytes;
	channel->pool_bytes = pool_shared_bytes_needed(object_bytes, 64, CAPACITY, 2);
	channel->memory = peer_memory(channel->pool_bytes);
	channel->objects = peer_memory(objects_bytes(channel));
	mailbox_start(&channel->forward, &channel->put, &channel->get);
	mailbox_start(&channel->back, &channel->back_put, &channel->back_get);
	for (size_t i = 0; i < CIRCULATING; i++)
		mailbox_put(&channel->back_put, channel->objects + i * object_bytes);
	struct pool_shared *pool;
	if (pool_shared_init(&pool, channel->memory, channel->pool_bytes, object_bytes, 64, CAPACITY, 2) != 0)
		return false;
	channel->first = pool_shared_core(pool, 0);
	channel->other = pool_shared_core(pool, 1);
	return platform_core_start(CORE, other_core, channel) == 0;
}

static bool setup(const struct peer_row *row, const struct peer_machine *machine, struct peer_contest *contest) {
	static const enum who order[] = {GLIBC, MIMALLOC, JEMALLOC, TCMALLOC, RING, FLOOR};
	const struct shape *shape = row->data;
	struct channel *channel = peer_memory(sizeof *channel);
	(void)machine;
	contest->state = channel;
	contest->ours = make_peer(channel, OURS);
	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
		contest->peers[contest->count++] = make_peer(channel, order[i]);
	contest->probes[0] = make_peer(channel, FLOOR);
	contest->probe_steps[0] = BLOCK;
	contest->skipped = "there is no second core";
	contest->other_core = true;
	channel->read = shape->read;
	return start(channel, row->parameter);
}

static void teardown(const struct peer_row *row, struct peer_contest *contest) {
	struct channel *channel = contest->state;
	(void)row;
	atomic_store_explicit(&channel->stop, true, memory_order_relaxed);
	(void)platform_core_join(CORE, 0);
	peer_memory_free(channel->memory, channel->pool_bytes);
	peer_memory_free(channel->objects, objects_bytes(channel));
	peer_memory_free(channel, sizeof *channel);
}

#define BARS \
	{ PEER_BAR("mimalloc", 0.45), PEER_BAR("bare ring in batches", 1.2) }

static const struct peer_row rows[] = {
	{.name = "pool/two_cores/64B",
	 .operations = BLOCK,
	 .parameter = 64,
	 .data = &(const struct shape){false},
	 .bars = BARS,
	 .setup = setup,
	 .teardown = teardown},
	{.name = "pool/two_cores/1KiB",
	 .operations = BLOCK,
	 .parameter = 1024,
	 .data = &(const struct shape){false},
	 .bars = BARS,
	 .setup = setup,
	 .teardown = teardown},
	{.name = "pool/two_cores/64B/read",
	 .operations = BLOCK,
	 .parameter = 64,
	 .data = &(const struct shape){true},
	 .setup = setup,
	 .teardown = teardown},
};

const struct peer_suite peers_pool_cores = {
	.name = "pool, freed on another core", .rows = rows, .count = sizeof rows / sizeof rows[0]};
