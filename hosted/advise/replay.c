/* SPDX-License-Identifier: Apache-2.0
 *
 * One process, one sequence of calls as a mixture has it, under whatever was preloaded. The sequence is made before
 * it is played, and cut into the pieces that it is played by, so that next to nothing is done between two calls, and
 * is played over and over. What is timed is the CPU time of the process, threads included, behind a beginning after
 * which as many blocks live as do.
 */
#include "hosted/advise/replay.h"

#include "bench/decimal.h"
#include "hosted/results/clock.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	SECONDS_MOST = 10,
	BEGIN_NS = 20000000,
	TIMED_NS = 20000000,
	CALLS_LEAST = 1 << 16, /* of a sequence: more than branches are learned of */
	CALLS_MOST = 1 << 20,
	CALLS_A_READING = 8192, /* of the clock */
	BATCHES = 4,            /* in a group's share of the calls; at least two in fact, as others take two a turn */
	TURNS = 16384,          /* of groups and of sizes, from which a sequence is made */
	GROWS_TRIES = 8,        /* of blocks, to find one that grows to a size */
	KEPT_BYTES_MOST = 64 << 20,
	KEPT_BYTES_A_READING = KEPT_BYTES_MOST / 16,
};

enum what { FREE = 1, ALLOCATE = 2, CLEARED = 4, GROW = 8, KEEP = 16, HAND_OVER = 32, NEW = 64 };

struct call {
	uint32_t place, size; /* of HAND_OVER: blocks, from `place` on */
	uint8_t what;
};

/* Calls between two readings of the clock, and the blocks that they allocate. */
struct piece {
	uint32_t calls, blocks;
};

struct sequence {
	struct call *calls;
	uint32_t count;
	void **places;
	struct piece *pieces; /* of all calls */
	uint32_t piece_count;
	uint32_t work; /* before each call */
};

static void *kept; /* each has the next in its first word */
static size_t kept_bytes;

static uint64_t now_ns(void) {
	return clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

/* ---- another thread ---------------------------------------------------------------------------------------------- */

static struct {
	enum replay_other kind;
	bool runs, is_busy;
	void **first;
	uint32_t count;
	sem_t has_batch, is_done;
} other;

static void *free_batch(void *unused) {
	for (uint32_t i = 0; i < other.count; i++)
		free(other.first[i]);
	return unused;
}

static void *free_batches(void *unused) {
	for (;;) {
		while (sem_wait(&other.has_batch) != 0)
			;
		(void)free_batch(unused);
		sem_post(&other.is_done);
	}
	return unused;
}

static void start_other(void *(*function)(void *), pthread_t *thread) {
	if (pthread_create(thread, NULL, function, NULL) != 0)
		exit(2);
}

static void wait_for_other(void) {
	while (other.is_busy && sem_wait(&other.is_done) != 0)
		;
	other.is_busy = false;
}

/* The batch before is free then. */
static void hand_over(void **first, uint32_t count) {
	pthread_t thread;
	wait_for_other();
	other.first = first;
	other.count = count;
	if (other.kind == REPLAY_ENDS) {
		start_other(free_batch, &thread);
		pthread_join(thread, NULL);
		return;
	}
	if (!other.runs) {
		sem_init(&other.has_batch, 0, 0);
		sem_init(&other.is_done, 0, 0);
		start_other(free_batches, &thread);
		other.runs = true;
	}
	other.is_busy = true;
	sem_post(&other.has_batch);
	if (other.kind == REPLAY_WAITED_FOR)
		wait_for_other();
}

/* ---- played ------------------------------------------------------------------------------------------------------ */

/* The word is in the block: one that were larger would be of another size to the heap. */
static void keep(size_t size, bool cleared) {
	size_t bytes = size < sizeof(void *) ? sizeof(void *) : size;
	void **block = cleared ? calloc(1, bytes) : malloc(bytes);
	if (!block)
		exit(2);
	*block = kept;
	kept = block;
	kept_bytes += size;
}

static void *(*volatile const allocate)(size_t) = malloc;
static void (*volatile const release)(void *) = free;

/* A call as a program has it: by name, or through a pointer, as one that was linked without lazy binding. What is
 * freed before anything was allocated there is NULL. */
static inline __attribute__((always_inline)) void play_call(const struct call *call, void **places, bool by_name) {
	unsigned what = call->what;
	void **place = places + call->place;
	if (what & FREE)
		by_name ? free(*place) : release(*place);
	if (what & ALLOCATE)
		*place = by_name ? malloc(call->size) : allocate(call->size);
	else if (__builtin_expect(what & KEEP, 0))
		keep(call->size, what & CLEARED);
	else if (what & CLEARED)
		*place = calloc(1, call->size);
	else if (what & GROW)
		*place = realloc(what & NEW ? NULL : *place, call->size);
	else if (__builtin_expect(what & HAND_OVER, 0))
		hand_over(place, call->size);
}

/* Where calls lie and what little is between them moves what they take, by more than settings may differ, and is
 * another matter in each program: so there are several loops. */
#define LOOPS(X)    \
	X(0, true)  \
	X(1, false) \
	X(2, true)  \
	X(3, false) \
	X(4, true)  \
	X(5, false)

static uint64_t counted;

static inline __attribute__((always_inline)) void play_calls(const struct call *call, uint32_t count, void **places,
							     unsigned adds, bool by_name) {
	uint64_t sum = counted;
	for (const struct call *end = call + count; call < end; call++) {
		for (unsigned i = 0; i < adds; i++)
			sum = (sum ^ call->size) + call->place;
		play_call(call, places, by_name);
	}
	counted = sum;
}

typedef void play_loop(const struct call *call, uint32_t count, void **places);

#define LOOP(adds, by_name)                                                                                         \
	static __attribute__((noinline)) void play_##adds(const struct call *call, uint32_t count, void **places) { \
		play_calls(call, count, places, adds, by_name);                                                     \
	}
LOOPS(LOOP)
#undef LOOP

#define LOOP_NAME(adds, by_name) play_##adds,
static play_loop *const loops[] = {LOOPS(LOOP_NAME)};
#undef LOOP_NAME
enum { LOOP_COUNT = sizeof(loops) / sizeof(loops[0]) };

/* The same between work that waits for nothing but itself: what a heap takes meanwhile is hidden as far as can be. */
static void play_working(const struct call *call, uint32_t count, void **places, uint32_t work) {
	static uint64_t worked = 1;
	for (const struct call *end = call + count; call < end; call++) {
		worked = replay_work(worked, work);
		play_call(call, places, true);
	}
}

/* Until so much time is over, so many blocks were, or as many are kept as may be; the blocks. */
static uint64_t play(const struct sequence *sequence, uint64_t ns, uint64_t most) {
	static uint32_t at, first, loop;
	uint64_t start = now_ns(), blocks = 0;
	do {
		if (sequence->work)
			play_working(sequence->calls + first, sequence->pieces[at].calls, sequence->places,
				     sequence->work);
		else
			loops[loop](sequence->calls + first, sequence->pieces[at].calls, sequence->places);
		loop = loop + 1 < LOOP_COUNT ? loop + 1 : 0;
		blocks += sequence->pieces[at].blocks;
		first += sequence->pieces[at].calls;
		if (++at == sequence->piece_count)
			at = first = 0;
	} while (blocks < most && kept_bytes < KEPT_BYTES_MOST && now_ns() - start < ns);
	return blocks;
}

/* ---- made -------------------------------------------------------------------------------------------------------- */

struct group {
	enum costs_shape shape;
	bool drains;
	uint32_t first, count, at; /* places, and the next of them */
	uint32_t other_first;      /* of a batch that another thread frees meanwhile */
};

struct maker {
	struct rng rng;
	struct group groups[REPLAY_GROUPS_MOST];
	uint8_t turns[TURNS], kinds[TURNS];
	uint32_t sizes[TURNS];
	uint32_t *held; /* bytes of what lives at each place; 0: nothing, or what an earlier time round left there */
	struct sequence sequence;
};

struct wanted {
	enum replay_kind kind;
	uint32_t size;
};

static struct wanted next_wanted(struct maker *maker) {
	uint32_t turn = rng_below(&maker->rng, TURNS);
	return (struct wanted){(enum replay_kind)maker->kinds[turn], maker->sizes[turn]};
}

static void add_call(struct maker *maker, unsigned what, uint32_t size, uint32_t place) {
	maker->sequence.calls[maker->sequence.count++] = (struct call){place, size, (uint8_t)what};
}

/* What nothing grows to realloc gives where there is no block yet. `before`: FREE, or 0. */
static void add_allocation(struct maker *maker, unsigned before, struct wanted wanted, uint32_t place) {
	static const unsigned how[REPLAY_KINDS] = {ALLOCATE, CLEARED, GROW | NEW};
	maker->held[place] = wanted.size;
	add_call(maker, before | how[wanted.kind], wanted.size, place);
}

static bool is_ring(const struct group *group) {
	return group->shape == COSTS_QUEUE || group->shape == COSTS_RANDOM;
}

/* A block of the group grows to that: of some that live and are smaller the largest, as blocks grow by steps. false:
 * there is none, or another kind is wanted. */
static bool grows(struct maker *maker, const struct group *group, struct wanted wanted) {
	uint32_t living = is_ring(group) ? group->count : group->at, best = 0, held = 0;
	for (int i = 0; wanted.kind == REPLAY_REALLOC && living && i < GROWS_TRIES; i++) {
		uint32_t place = group->first + rng_below(&maker->rng, living);
		if (maker->held[place] < wanted.size && maker->held[place] > held) {
			best = place;
			held = maker->held[place];
		}
	}
	if (held == 0)
		return false;
	maker->held[best] = wanted.size;
	add_call(maker, GROW, wanted.size, best);
	return true;
}

/* Of a batch, the next is allocated or freed, or one of them grows. */
static void go_on(struct maker *maker, struct group *group) {
	if (group->drains) {
		add_call(maker, FREE, 0, group->first + --group->at);
		group->drains = group->at > 0;
		return;
	}
	struct wanted wanted = next_wanted(maker);
	if (grows(maker, group, wanted))
		return;
	add_allocation(maker, 0, wanted, group->first + group->at++);
	if (group->at < group->count)
		return;
	group->drains = group->shape != COSTS_ELSEWHERE;
	if (group->drains)
		return;
	add_call(maker, HAND_OVER, group->count, group->first);
	uint32_t handed_over = group->first;
	group->first = group->other_first;
	group->other_first = handed_over;
	group->at = 0;
}

static void replace_one(struct maker *maker, struct group *group) {
	struct wanted wanted = next_wanted(maker);
	if (grows(maker, group, wanted))
		return;
	bool is_queue = group->shape == COSTS_QUEUE;
	add_allocation(maker, FREE, wanted,
		       group->first + (is_queue ? group->at : rng_below(&maker->rng, group->count)));
	group->at = is_queue && group->at + 1 < group->count ? group->at + 1 : 0;
}

/* Each turn allocates one block and frees one, or two turns of a batch do so twice; what grows does both. */
static void take_turn(struct maker *maker, struct group *group) {
	if (group->shape == COSTS_KEPT) {
		struct wanted wanted = next_wanted(maker);
		add_call(maker, KEEP | (wanted.kind == REPLAY_CALLOC ? CLEARED : 0), wanted.size, 0);
	} else if (is_ring(group)) {
		replace_one(maker, group);
	} else {
		go_on(maker, group);
		if (group->shape != COSTS_ELSEWHERE)
			go_on(maker, group);
	}
}

/* What a sequence begins with has to be free where it ends. */
static void end_batches(struct maker *maker, uint32_t groups) {
	for (uint32_t i = 0; i < groups; i++) {
		struct group *group = &maker->groups[i];
		while (!is_ring(group) && group->at > 0)
			add_call(maker, FREE, 0, group->first + --group->at);
		if (group->shape == COSTS_ELSEWHERE)
			add_call(maker, HAND_OVER, 0, group->first);
	}
}

/* As often as `parts` have it. */
static uint32_t pick(struct rng *rng, const uint32_t *parts, uint32_t count) {
	uint32_t all = 0, i = 0;
	for (uint32_t k = 0; k < count; k++)
		all += parts[k];
	uint32_t at = rng_below(rng, all);
	while (at >= parts[i])
		at -= parts[i++];
	return i;
}

static void make_turns(const struct replay_mixture *mixture, struct maker *maker) {
	uint32_t shares[REPLAY_GROUPS_MOST];
	for (uint32_t i = 0; i < mixture->group_count; i++)
		shares[i] = mixture->groups[i].share;
	for (uint32_t i = 0; i < TURNS; i++) {
		uint32_t which = pick(&maker->rng, &mixture->sizes[0][0], REPLAY_KINDS * REPLAY_SIZES);
		struct replay_span span = replay_span_of(which % REPLAY_SIZES);
		maker->turns[i] = (uint8_t)pick(&maker->rng, shares, mixture->group_count);
		maker->kinds[i] = (uint8_t)(which / REPLAY_SIZES);
		maker->sizes[i] = span.least + rng_below(&maker->rng, span.more);
	}
}

/* A batch for another thread that no sequence of so many calls fills would never be handed over: it is shorter. */
static void shorten_batches(const struct replay_mixture *mixture, uint32_t calls, struct maker *maker) {
	uint32_t shares = 0;
	for (uint32_t i = 0; i < mixture->group_count; i++)
		shares += mixture->groups[i].share;
	for (uint32_t i = 0; i < mixture->group_count; i++) {
		uint32_t most = (uint32_t)((uint64_t)calls * mixture->groups[i].share / shares / BATCHES);
		struct group *group = &maker->groups[i];
		if (group->shape == COSTS_ELSEWHERE && group->count > most)
			group->count = most ? most : 1;
	}
}

/* Of calls from `first` on: no more than may be kept. */
static struct piece piece_from(const struct sequence *sequence, uint32_t first) {
	struct piece piece = {0, 0};
	size_t kept_here = 0;
	uint32_t most = sequence->count - first < CALLS_A_READING ? sequence->count - first : CALLS_A_READING;
	for (; piece.calls < most && kept_here < KEPT_BYTES_A_READING; piece.calls++) {
		const struct call *call = &sequence->calls[first + piece.calls];
		kept_here += call->what & KEEP ? call->size : 0;
		piece.blocks += (call->what & (ALLOCATE | CLEARED | GROW | KEEP)) != 0;
	}
	return piece;
}

static bool cut(struct sequence *sequence) {
	sequence->pieces = malloc(sequence->count * sizeof(struct piece)); /* more than there are */
	for (uint32_t first = 0; sequence->pieces && first < sequence->count;) {
		struct piece piece = piece_from(sequence, first);
		sequence->pieces[sequence->piece_count++] = piece;
		first += piece.calls;
	}
	return sequence->pieces != NULL;
}

/* As many calls as it takes for what lives to be replaced some times. false: no memory. */
static bool make(const struct replay_mixture *mixture, struct maker *maker) {
	uint32_t places = 0, least;
	for (uint32_t i = 0; i < mixture->group_count; i++) {
		const struct replay_group *group = &mixture->groups[i];
		uint32_t beside = group->shape == COSTS_ELSEWHERE ? group->count : 0;
		maker->groups[i] = (struct group){group->shape, false, places, group->count, 0, places + beside};
		places += group->count + beside;
	}
	least = places < CALLS_LEAST / 4 ? CALLS_LEAST : places < CALLS_MOST / 4 ? 4 * places : CALLS_MOST;
	shorten_batches(mixture, least, maker);
	maker->sequence.calls = malloc(((size_t)least + places + 4) * sizeof(struct call));
	maker->sequence.places = calloc(places, sizeof(void *));
	maker->held = calloc(places, sizeof(*maker->held));
	if (!maker->sequence.calls || !maker->sequence.places || !maker->held)
		return false;
	make_turns(mixture, maker);
	while (maker->sequence.count < least)
		take_turn(maker, &maker->groups[maker->turns[rng_below(&maker->rng, TURNS)]]);
	end_batches(maker, mixture->group_count);
	return cut(&maker->sequence);
}

int replay_sample_print(const char *word, const char *work) {
	static struct maker maker;
	struct replay_mixture mixture;
	uint64_t turns;
	maker.rng = rng_seeded(rng_seed_of(1, "replay"));
	alarm(SECONDS_MOST);
	if (!decimal_whole(work, 0, REPLAY_WORK_MOST, &turns) || !replay_mixture_read(word, &mixture) ||
	    !make(&mixture, &maker))
		return 2;
	maker.sequence.work = (uint32_t)turns;
	other.kind = mixture.other;
	(void)play(&maker.sequence, BEGIN_NS, mixture.blocks / 4);
	kept_bytes = 0;
	uint64_t start = now_ns(), blocks = play(&maker.sequence, TIMED_NS, UINT64_MAX);
	return printf("%.4f\n", (double)(now_ns() - start) / (double)(blocks ? blocks : 1)) < 0 ? 2 : 0;
}
