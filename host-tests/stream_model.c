/* SPDX-License-Identifier: Apache-2.0 */
#include "host-tests/stream_model.h"

#include "bench/rng.h"

#include <math.h>

enum { PAGE_SHIFT_HERE = 12, PAGE = 1 << PAGE_SHIFT_HERE };

static uint64_t in_page(struct rng *rng) {
	return rng_below(rng, PAGE) & ~7u;
}

static void access_page(struct stream_writer *writer, struct rng *rng, uint64_t page) {
	uint8_t kind = rng_below(rng, 4) == 0 ? STREAM_WRITE : STREAM_READ;
	stream_write(writer, (struct stream_event){page << PAGE_SHIFT_HERE | in_page(rng), kind});
}

static void sequential(struct stream_writer *writer, uint64_t seed, uint64_t count) {
	for (uint64_t i = 0; i < count; i++)
		stream_write(writer, (struct stream_event){(seed << 40) + i * 64, i % 8 ? STREAM_READ : STREAM_WRITE});
}

/* Pages at random; the seed says how many, and that they lie 2^10 pages apart where it is odd. */
static void uniform(struct stream_writer *writer, uint64_t seed, uint64_t count) {
	struct rng rng = rng_seeded(seed);
	uint32_t pages = (uint32_t)seed & ~1u;
	for (uint64_t i = 0; i < count; i++)
		access_page(writer, &rng, (uint64_t)rng_below(&rng, pages) << (seed & 1 ? 10 : 0));
}

/* Page of rank r with a probability that falls as 1 / r; ranks lie anywhere. By inversion of the integral. */
static void zipf(struct stream_writer *writer, uint64_t seed, uint64_t count) {
	struct rng rng = rng_seeded(seed);
	double pages = (double)seed;
	for (uint64_t i = 0; i < count; i++) {
		double u = (double)(rng_next(&rng) >> 11) * 0x1p-53;
		uint64_t rank = (uint64_t)exp(u * log(pages));
		access_page(writer, &rng, rank * UINT64_C(0x9e3779b97f4a7c15) >> 40);
	}
}

/* Round and round over as many pages, in an order without a stride, four loads of each. */
static void chase(struct stream_writer *writer, uint64_t seed, uint64_t count) {
	uint64_t mask = seed - 1; /* a power of two less 1 */
	for (uint64_t i = 0; i < count; i++) {
		uint64_t at = i / 4 & mask, page = (at * 2862933555777941757u + (at >> 7)) & mask;
		stream_write(writer, (struct stream_event){page << PAGE_SHIFT_HERE | (i & 3) * 64, STREAM_READ});
	}
}

/* Small and large working sets by turns, at other places each time. */
static void phases(struct stream_writer *writer, uint64_t seed, uint64_t count) {
	struct rng rng = rng_seeded(seed);
	const uint64_t length = count / 16 + 1;
	for (uint64_t i = 0; i < count; i++) {
		uint64_t phase = i / length;
		access_page(writer, &rng, (phase << 20) + rng_below(&rng, phase & 1 ? 40 : (uint32_t)seed));
	}
}

/* Two guests by turns, each with code and data; one of them is flushed now and then. */
static void spaces(struct stream_writer *writer, uint64_t seed, uint64_t count) {
	struct rng rng = rng_seeded(seed);
	for (uint64_t i = 0; i < count; i++) {
		uint64_t turn = i / 5000;
		if (i % 5000 == 0)
			stream_write(writer, (struct stream_event){turn & 1, STREAM_SWITCH});
		if (i % 50000 == 0)
			stream_write(writer, (struct stream_event){1, STREAM_FLUSH_SPACE});
		if (i % 3 == 0)
			stream_write(writer,
				     (struct stream_event){(rng_below(&rng, 60) << PAGE_SHIFT_HERE) | (i & 0xff0),
							   STREAM_EXECUTE});
		else
			access_page(writer, &rng, 4096 + rng_below(&rng, (uint32_t)seed));
	}
}

/* All is flushed every so many accesses. */
static void flushed(struct stream_writer *writer, uint64_t seed, uint64_t count) {
	struct rng rng = rng_seeded(seed);
	for (uint64_t i = 0; i < count; i++) {
		if (i % seed == 0)
			stream_write(writer, (struct stream_event){0, STREAM_FLUSH_ALL});
		access_page(writer, &rng, rng_below(&rng, 600));
	}
}

const struct stream_model stream_models[] = {
	{"sequential", sequential, 1, 1},
	{"random, 200 pages", uniform, 200, 200},
	{"random, 6000 pages", uniform, 6000, 6002},
	{"random, 100000 pages", uniform, 100000, 100002},
	{"random, 300 pages that share slots", uniform, 301, 301},
	{"zipf, 100000 pages", zipf, 100000, 100002},
	{"chase, 2048 pages", chase, 2048, 2048},
	{"chase, 32768 pages", chase, 32768, 32768},
	{"phases, 5000 pages and 40", phases, 5000, 5002},
	{"two spaces, 300 pages", spaces, 300, 300},
	{"two spaces, 9000 pages", spaces, 9000, 9002},
	{"flushed every 3000 accesses", flushed, 3000, 3002},
	{NULL, NULL, 0, 0},
};
