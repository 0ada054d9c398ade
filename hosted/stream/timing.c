/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/stream/timing.h"

#include "bench/rng.h"
#include "bench/stats.h"
#include "hosted/results/clock.h"
#include "hosted/stream/tables.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS_LEAST = 9, ROUNDS_MOST = 200 };

/* ---- ratios ------------------------------------------------------------------------------------------------------ */

static int ascending(const void *a, const void *b) {
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

struct stream_interval stream_interval_of(const struct stream_ratio *ratio) {
	struct stream_ratio sorted = *ratio;
	qsort(sorted.draws + 1, STREAM_DRAWS, sizeof(*sorted.draws), ascending);
	return (struct stream_interval){ratio->draws[0], stats_quantile(sorted.draws + 1, STREAM_DRAWS, 0.025),
					stats_quantile(sorted.draws + 1, STREAM_DRAWS, 0.975)};
}

static double low_decile(const double *times, const uint32_t *drawn, size_t rounds, double *sorted) {
	for (size_t i = 0; i < rounds; i++)
		sorted[i] = times[drawn[i]];
	qsort(sorted, rounds, sizeof(*sorted), ascending);
	return stats_low_decile(sorted, rounds);
}

struct drawn {
	uint32_t *rounds;
	uint32_t parts[STREAM_PARTS_MOST]; /* how often */
	double *sorted;
};

static double time_of(const double *times, const struct drawn *drawn, size_t parts, size_t rounds) {
	double time = 0;
	for (size_t part = 0; part < parts; part++, times += rounds)
		if (drawn->parts[part] > 0)
			time += drawn->parts[part] * low_decile(times, drawn->rounds, rounds, drawn->sorted);
	return time;
}

static void draw_again(struct drawn *drawn, size_t parts, size_t rounds, struct rng *of_rounds, struct rng *of_parts) {
	memset(drawn->parts, 0, sizeof(drawn->parts));
	for (size_t i = 0; i < parts; i++)
		drawn->parts[rng_below(of_parts, (uint32_t)parts)]++;
	for (size_t i = 0; i < rounds; i++)
		drawn->rounds[i] = rng_below(of_rounds, (uint32_t)rounds);
}

bool stream_time_ratios(const double *times, size_t shapes, size_t parts, size_t rounds, struct stream_ratio *ratios,
			struct stream_ratio *first) {
	struct drawn drawn = {.rounds = calloc(rounds, sizeof(*drawn.rounds)),
			      .sorted = calloc(rounds, sizeof(*drawn.sorted))};
	bool good = drawn.rounds && drawn.sorted;
	struct rng of_rounds = rng_seeded(1), of_parts = rng_seeded(2);
	for (uint32_t i = 0; good && i < rounds; i++)
		drawn.rounds[i] = i;
	for (size_t part = 0; part < parts; part++)
		drawn.parts[part] = 1;
	for (size_t draw = 0; good && draw <= STREAM_DRAWS; draw++) {
		if (draw > 0)
			draw_again(&drawn, parts, rounds, &of_rounds, &of_parts);
		first->draws[draw] = time_of(times, &drawn, parts, rounds);
		for (size_t i = 0; i < shapes; i++)
			ratios[i].draws[draw] =
				time_of(times + i * parts * rounds, &drawn, parts, rounds) / first->draws[draw];
	}
	free(drawn.rounds);
	free(drawn.sorted);
	return good;
}

/* ---- replays ----------------------------------------------------------------------------------------------------- */

/* Of this thread: what else runs on the core takes none of it. */
static uint64_t now_ns(void) {
	return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

/* ns of a part; a walk that somebody told is added. */
static double replay_part(struct simulated *simulated, const struct stream_sample *sample, size_t part) {
	size_t from = part * sample->count / sample->parts, to = (part + 1) * sample->count / sample->parts;
	struct stream_counts before, after;
	simulated_count(simulated, &before);
	uint64_t start = now_ns();
	if (part == 0)
		simulated->variant->flush(simulated->state);
	simulated_replay(simulated, sample->packed + from, to - from);
	double taken = (double)(now_ns() - start);
	simulated_count(simulated, &after);
	uint64_t walks = after.walks + after.fresh - before.walks - before.fresh;
	return taken + (sample->walk_ns > 0 ? sample->walk_ns * (double)walks : 0);
}

/* ns of each part in times[part * ROUNDS_MOST]: of a pass, of which one before has left caches as they are where
 * nothing else runs between. */
static void pass(struct simulated *simulated, const struct stream_sample *sample, double *times) {
	for (int i = 0; i < 2; i++)
		for (size_t part = 0; part < sample->parts; part++)
			times[part * ROUNDS_MOST] = replay_part(simulated, sample, part);
}

static void shuffle(uint32_t *order, size_t count, struct rng *rng) {
	for (size_t i = count; i-- > 1;) {
		uint32_t other = rng_below(rng, (uint32_t)i + 1), kept = order[i];
		order[i] = order[other];
		order[other] = kept;
	}
}

/* Fills times[(shape * parts + part) * ROUNDS_MOST + round]. How many rounds there were; 0: out of memory. */
static size_t run_rounds(const struct stream_sample *sample, struct simulated *simulated, size_t count, double *times) {
	uint32_t *order = calloc(count, sizeof(*order));
	struct rng rng = rng_seeded(count);
	size_t rounds = 0;
	for (uint32_t i = 0; order && i < count; i++) {
		order[i] = i;
		pass(&simulated[i], sample, times);
	}
	for (uint64_t start = now_ns(); order && rounds < ROUNDS_MOST; rounds++) {
		if (rounds >= ROUNDS_LEAST && now_ns() - start > sample->time_ns)
			break;
		shuffle(order, count, &rng);
		for (size_t i = 0; i < count; i++)
			pass(&simulated[order[i]], sample, times + order[i] * sample->parts * ROUNDS_MOST + rounds);
	}
	free(order);
	return rounds;
}

struct batch {
	const struct stream_shape *shapes[STREAM_BATCH_MOST];
	size_t places[STREAM_BATCH_MOST]; /* where their ratios go */
	size_t count;
};

static bool time_batch(const struct stream_sample *sample, struct tables *tables, const struct batch *batch,
		       struct stream_ratio *ratios, struct stream_ratio *first) {
	struct simulated simulated[STREAM_BATCH_MOST] = {{.state = NULL}};
	struct stream_ratio *own = calloc(batch->count, sizeof(*own));
	size_t rows = batch->count * sample->parts;
	double *times = calloc(rows * ROUNDS_MOST, sizeof(*times));
	bool good = own && times;
	for (size_t i = 0; i < batch->count; i++)
		good = good && simulated_start(&simulated[i], batch->shapes[i], tables);
	size_t rounds = good ? run_rounds(sample, simulated, batch->count, times) : 0;
	for (size_t i = 0; i < batch->count; i++)
		simulated_free(&simulated[i]);
	for (size_t i = 0; rounds > 0 && i < rows; i++)
		memmove(times + i * rounds, times + i * ROUNDS_MOST, rounds * sizeof(*times));
	good = rounds > 0 && stream_time_ratios(times, batch->count, sample->parts, rounds, own, first);
	for (size_t i = 0; good && i < batch->count; i++)
		ratios[batch->places[i]] = own[i];
	free(times);
	free(own);
	return good;
}

/* The first shape and those from `from` on that fit. */
static size_t gather(const struct stream_sample *sample, const struct stream_shape *shapes, size_t count, size_t from,
		     struct batch *batch) {
	size_t bytes = simulated_bytes(&shapes[0]);
	batch->shapes[0] = &shapes[0];
	batch->places[0] = 0;
	for (batch->count = 1; from < count && batch->count < STREAM_BATCH_MOST; from++) {
		bytes += simulated_bytes(&shapes[from]);
		if (batch->count > 1 && bytes > sample->bytes_most)
			break;
		batch->shapes[batch->count] = &shapes[from];
		batch->places[batch->count++] = from;
	}
	return from;
}

static bool map_pages(const struct stream_sample *sample, uint32_t page_shift, struct tables *tables) {
	if (!tables_start(tables, page_shift))
		return false;
	for (size_t i = 0; i < sample->count; i++)
		if (stream_packed_kind(sample->packed[i]) < STREAM_ACCESS_KINDS)
			tables_map(tables, sample->packed[i]);
	return true;
}

bool stream_time(const struct stream_sample *sample, const struct stream_shape *shapes, size_t count,
		 struct stream_ratio *ratios, struct stream_interval *first_ns) {
	struct tables tables = {.memory = NULL};
	struct stream_ratio first;
	struct batch batch;
	bool walks = sample->walk_ns < 0, good = !walks || map_pages(sample, shapes[0].page_shift, &tables);
	size_t from = 1;
	do {
		from = gather(sample, shapes, count, from, &batch);
		good = good && time_batch(sample, walks ? &tables : NULL, &batch, ratios, &first);
	} while (good && from < count);
	if (good)
		*first_ns = stream_interval_of(&first);
	first_ns->point /= (double)sample->count;
	first_ns->lower /= (double)sample->count;
	first_ns->upper /= (double)sample->count;
	tables_free(&tables);
	return good;
}
