/* SPDX-License-Identifier: Apache-2.0
 *
 * Loads of which it is known what they are: `advise_loads NAME MS` spends a known share of that time in each part, by
 * the clock, so that it has its label by construction, and prints how many pieces of work of each part that was. With
 * these behind it, `advise_loads NAME MS PIECES...`, it does as much again and looks at no clock: what a recorder takes
 * moves no shares then. `advise_loads NAME 0 PIECES` does so many of the first part, for a comparison. Without a name:
 * the names, each with its label.
 *
 * Built without builtins, so that calls are calls.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { AREA_BYTES = 4 << 20, BLOCKS = 4096, TABLE = 2048, CHANCES = 1 << 16, PARTS = 3, TURN_NS = 4000000 };

static char from[AREA_BYTES], to[AREA_BYTES];
static void *blocks[BLOCKS];
static uint32_t table[TABLE];
static uint32_t chances[CHANCES];
static volatile uint64_t result;

/* Made before, so that nothing of a piece goes into making them. */
static uint32_t next(void) {
	static uint32_t at;
	return chances[at++ % CHANCES];
}

/* ---- pieces: each some tens of microseconds of one kind of work -------------------------------------------------- */

static void copy_small(void) {
	for (int i = 0; i < 4000; i++)
		memcpy(to + (next() & 8191), from + (i & 4095), 1 + (next() & 127));
}

static void copy_pages(void) {
	for (int i = 0; i < 200; i++)
		memcpy(to + (size_t)(next() & 63) * 4096, from + (size_t)(next() & 63) * 4096, 4096);
}

static void copy_large(void) {
	memcpy(to + (next() & 63), from, 1 << 20);
}

static void move(void) {
	for (int i = 0; i < 500; i++)
		memmove(to + 8, to, 700 + (next() & 511));
}

static void set(void) {
	for (int i = 0; i < 1000; i++)
		memset(to + (next() & 4095), i, 500 + (next() & 1023));
}

static void scan(void) {
	for (int i = 0; i < 1000; i++)
		result += memchr(from, 1, 800 + (next() & 511)) != NULL;
}

static void compare(void) {
	for (int i = 0; i < 1000; i++)
		result += (uint64_t)memcmp(from, from + (1 << 20), 300 + (next() & 511));
}

static void stack(void) {
	for (int i = 0; i < 800; i++) {
		void *one = malloc(48), *other = malloc(24);
		*(volatile char *)one = *(volatile char *)other = 1;
		free(other);
		free(one);
	}
}

static void fill_and_drain(void) {
	for (int i = 0; i < BLOCKS / 4; i++)
		blocks[i] = malloc(64);
	for (int i = BLOCKS / 4; i--;) {
		free(blocks[i]);
		blocks[i] = NULL;
	}
}

static void replace(void) {
	for (int i = 0; i < 1000; i++) {
		uint32_t which = next() % BLOCKS;
		free(blocks[which]);
		blocks[which] = malloc(16 + (next() & 255));
	}
}

static void queue(void) {
	static uint32_t at;
	for (int i = 0; i < 1000; i++, at++) {
		free(blocks[at % BLOCKS]);
		blocks[at % BLOCKS] = malloc(80);
	}
}

static void *release_all(void *unused) {
	for (int i = 0; i < BLOCKS; i++) {
		free(blocks[i]);
		blocks[i] = NULL;
	}
	return unused;
}

static void elsewhere(void) {
	pthread_t thread;
	release_all(NULL);
	for (int i = 0; i < BLOCKS; i++)
		blocks[i] = malloc(40);
	if (pthread_create(&thread, NULL, release_all, NULL) == 0)
		pthread_join(thread, NULL);
}

/* A heap that grows, and is given back. */
static void grow(void) {
	release_all(NULL);
	for (int i = 0; i < 256; i++) {
		blocks[i] = malloc(16000);
		for (size_t at = 0; at < 16000; at += 4096)
			((volatile char *)blocks[i])[at] = 1;
	}
	release_all(NULL);
}

static void hash(void) {
	uint64_t sum = result;
	for (int i = 0; i < 20000; i++)
		sum = (sum ^ (uint64_t)i) * UINT64_C(0x100000001b3);
	result = sum;
}

static void look_up(void) {
	uint32_t at = (uint32_t)result % TABLE;
	for (int i = 0; i < 10000; i++)
		at = table[at];
	result = at;
}

static void sort(void) {
	uint32_t numbers[200];
	for (int i = 0; i < 200; i++)
		numbers[i] = next();
	for (int i = 1; i < 200; i++)
		for (int k = i; k > 0 && numbers[k - 1] > numbers[k]; k--) {
			uint32_t other = numbers[k];
			numbers[k] = numbers[k - 1];
			numbers[k - 1] = other;
		}
	result += numbers[0];
}

/* ---- loads ------------------------------------------------------------------------------------------------------- */

struct part {
	void (*piece)(void);
	unsigned percent; /* of the time */
};

static const struct load {
	const char *name, *label;
	struct part parts[PARTS];
} loads[] = {
	{"copy-small", "memory", {{copy_small, 90}, {hash, 10}}},
	{"copy-pages", "memory", {{copy_pages, 100}}},
	{"copy-large", "memory", {{copy_large, 80}, {look_up, 20}}},
	{"fill-and-move", "memory", {{set, 50}, {move, 40}, {replace, 10}}},
	{"scan", "memory", {{scan, 45}, {compare, 45}, {sort, 10}}},
	{"stack", "allocation", {{stack, 90}, {hash, 10}}},
	{"fill-and-drain", "allocation", {{fill_and_drain, 100}}},
	{"replace", "allocation", {{replace, 85}, {sort, 15}}},
	{"queue", "allocation", {{queue, 85}, {copy_pages, 15}}},
	{"elsewhere", "allocation", {{elsewhere, 90}, {hash, 10}}},
	{"grow", "allocation", {{grow, 90}, {hash, 10}}},
	{"hash", "compute", {{hash, 100}}},
	{"look-up", "compute", {{look_up, 90}, {stack, 10}}},
	{"sort", "compute", {{sort, 80}, {copy_small, 20}}},
	{"copy-and-replace", "mixed", {{copy_pages, 45}, {replace, 45}, {hash, 10}}},
	{"thirds", "mixed", {{set, 34}, {queue, 33}, {look_up, 33}}},
};
enum { LOADS = sizeof(loads) / sizeof(loads[0]) };

static uint64_t now_ns(void) {
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* What a part takes too much of one turn it lacks in the next. */
static void by_the_clock(const struct load *load, uint64_t end_ns) {
	int64_t due[PARTS] = {0};
	long pieces[PARTS] = {0};
	while (now_ns() < end_ns)
		for (int i = 0; i < PARTS && load->parts[i].piece; i++) {
			uint64_t start = now_ns();
			due[i] += TURN_NS / 100 * (int64_t)load->parts[i].percent;
			for (; (int64_t)(now_ns() - start) < due[i]; pieces[i]++)
				load->parts[i].piece();
			due[i] -= (int64_t)(now_ns() - start);
		}
	printf("%ld %ld %ld\n", pieces[0], pieces[1], pieces[2]);
}

/* In as many turns as by the clock. */
static void by_pieces(const struct load *load, long ms, char **counts, int count) {
	long turns = ms < 1 ? 1 : (ms * 1000000 + TURN_NS - 1) / TURN_NS;
	for (long turn = 0; turn < turns; turn++)
		for (int i = 0; i < PARTS && i < count && load->parts[i].piece; i++) {
			long pieces = atol(counts[i]), end = pieces * (turn + 1) / turns;
			for (long done = pieces * turn / turns; done < end; done++)
				load->parts[i].piece();
		}
}

int main(int argc, char **argv) {
	uint32_t chance = 1;
	for (uint32_t i = 0; i < CHANCES; i++) {
		chance = chance * 1664525u + 1013904223u; /* Numerical Recipes, 7.1 */
		chances[i] = chance >> 8;
	}
	for (uint32_t i = 0; i < TABLE; i++)
		table[i] = (i * 1021 + 7) % TABLE;
	for (int i = 0; i < LOADS; i++) {
		if (argc < 3)
			printf("%s %s\n", loads[i].name, loads[i].label);
		else if (strcmp(argv[1], loads[i].name) == 0) {
			if (argc > 3)
				by_pieces(&loads[i], atol(argv[2]), argv + 3, argc - 3);
			else
				by_the_clock(&loads[i], (uint64_t)atol(argv[2]) * 1000000);
			return 0;
		}
	}
	return argc < 3 ? 0 : 2;
}
