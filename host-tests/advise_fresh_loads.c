/* SPDX-License-Identifier: Apache-2.0
 *
 * Loads of shapes that advise_loads.c has not, for predictions that were never held against them:
 * `advise_fresh_loads NAME PIECES` does so many pieces of one kind of work, and prints what came of it, which is the
 * same each time. Without a name: the names.
 *
 * Built without builtins, so that calls are calls.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "next_random.h"

enum {
	AREA_BYTES = 4 << 20,
	NAMES = 2048,
	NAME_BYTES = 320,
	TEXT_BYTES = 1 << 18,
	VECTORS = 256,
	NODES = 1000,
	ENTRIES = 40000,
	BATCH = 64,
	BATCHES = 64,
	ROUND = 8,
	RECORDS = 4096,
	REQUEST_BLOCKS = 256,
	CACHED = 1024,
};

static _Alignas(uint64_t) char from[AREA_BYTES], to[AREA_BYTES], text[TEXT_BYTES];
static char names[NAMES][NAME_BYTES];
static _Thread_local uint64_t random_state = 17;
static _Thread_local uint64_t result;

static uint32_t below(uint32_t end) {
	return (uint32_t)((next_random(&random_state) >> 32) * end >> 32);
}

/* Each twice as large is half as frequent: all orders of magnitude have as many bytes. */
static size_t heavy_tail(size_t least, unsigned doublings) {
	size_t size = least;
	while (doublings-- && below(2))
		size *= 2;
	return size + below((uint32_t)size);
}

static void *given(void *block) {
	if (!block)
		exit(3);
	return block;
}

/* ---- pieces: each some tens of microseconds to some milliseconds ------------------------------------------------ */

/* Small strings, as whoever handles paths and names: str* calls, which no kernel is for. */
static void strings(void) {
	char path[2 * NAME_BYTES];
	for (int i = 0; i < 500; i++) {
		const char *name = names[below(NAMES)], *other = names[below(NAMES)];
		strcpy(path, name);
		strcpy(path + strlen(path), "/");
		strcpy(path + strlen(path), other);
		result += strlen(path) + (strcmp(name, other) < 0) + (size_t)(strchr(path, '/') - path);
	}
}

/* Large areas cleared, as whoever begins a picture or a table anew. */
static void clear(void) {
	size_t bytes = (size_t)65536 << below(6);
	memset(to + 64 * (size_t)below((AREA_BYTES - (uint32_t)bytes) / 64 + 1), (int)below(256), bytes);
	result += (unsigned char)to[below(AREA_BYTES)];
}

/* Copies of 16 bytes to 2 MiB, mostly small, of which most bytes are in the few large ones. */
static void copy_tail(void) {
	for (int i = 0; i < 100; i++) {
		size_t bytes = heavy_tail(16, 16);
		memcpy(to + below(AREA_BYTES - (uint32_t)bytes), from + below(AREA_BYTES - (uint32_t)bytes), bytes);
	}
	result += (unsigned char)to[below(AREA_BYTES)];
}

/* Lines of a text: each found, compared with the one before, and copied behind others. */
static void lines(void) {
	const char *line = text, *before = text, *end;
	size_t at = 0;
	while ((end = memchr(line, '\n', (size_t)(text + TEXT_BYTES - line)))) {
		size_t bytes = (size_t)(end + 1 - line);
		result += memcmp(line, before, bytes) < 0;
		memcpy(to + at, line, bytes);
		at = (at + bytes) % 65536;
		before = line;
		line = end + 1;
	}
}

/* Arrays that grow by realloc as values come, each to a length of its own. */
static void vectors(void) {
	static struct { uint32_t *values, count, room, end; } all[VECTORS];
	for (int i = 0; i < 4000; i++) {
		uint32_t which = below(VECTORS);
		if (all[which].count == all[which].end) {
			free(all[which].values);
			memset(&all[which], 0, sizeof(all[which]));
			all[which].end = 8u << below(10);
		}
		for (int k = 0; k < 8; k++) {
			if (all[which].count == all[which].room) {
				all[which].room = all[which].room ? 2 * all[which].room : 4;
				all[which].values =
					given(realloc(all[which].values, all[which].room * sizeof(uint32_t)));
			}
			all[which].values[all[which].count++] = (uint32_t)i;
		}
		result += all[which].values[all[which].count / 2];
	}
}

struct node {
	struct node *left, *right;
	uint32_t key, bytes;
	unsigned char payload[];
};

static void insert(struct node **at, uint32_t key) {
	while (*at)
		at = key < (*at)->key ? &(*at)->left : &(*at)->right;
	uint32_t bytes = 8 + below(200);
	*at = given(malloc(sizeof(struct node) + bytes));
	**at = (struct node){.key = key, .bytes = bytes};
	(*at)->payload[bytes - 1] = (unsigned char)key;
}

static uint64_t walk(const struct node *node) {
	return node ? walk(node->left) * 3 + node->payload[node->bytes - 1] + walk(node->right) : 0;
}

static void release(struct node *node) {
	if (node) {
		release(node->left);
		release(node->right);
		free(node);
	}
}

/* A tree of nodes of mixed sizes: built, walked, and freed from its leaves on. */
static void tree(void) {
	struct node *root = NULL;
	for (int i = 0; i < NODES; i++)
		insert(&root, below(UINT32_MAX));
	result += walk(root);
	release(root);
}

struct entry {
	uint64_t key, value;
};

static struct entry *slot_of(struct entry *entries, uint64_t size, uint64_t key) {
	uint64_t at = key * UINT64_C(0x9e3779b97f4a7c15) & (size - 1);
	while (entries[at].key && entries[at].key != key)
		at = (at + 1) & (size - 1);
	return entries + at;
}

/* A table of hashes that is made twice as large, in new zeros, whenever it is half full. */
static void table(void) {
	uint64_t size = 64, used = 0;
	struct entry *entries = given(calloc(size, sizeof(*entries)));
	for (uint64_t i = 0; i < ENTRIES; i++) {
		if (2 * used >= size) {
			struct entry *larger = given(calloc(2 * size, sizeof(*larger)));
			for (uint64_t k = 0; k < size; k++)
				if (entries[k].key)
					*slot_of(larger, 2 * size, entries[k].key) = entries[k];
			free(entries);
			entries = larger;
			size *= 2;
		}
		uint64_t key = 1 + below(2 * ENTRIES);
		struct entry *slot = slot_of(entries, size, key);
		used += !slot->key;
		slot->key = key;
		result += slot->value++;
	}
	free(entries);
}

struct message {
	uint32_t bytes;
	unsigned char content[];
};

static struct {
	struct message *ring[2][BATCH];
	sem_t empty, full;
} queue;

static void *produce(void *unused) {
	for (int batch = 0; batch < BATCHES; batch++) {
		sem_wait(&queue.empty);
		for (int i = 0; i < BATCH; i++) {
			uint32_t bytes = (uint32_t)heavy_tail(16, 7);
			struct message *message = given(malloc(sizeof(*message) + bytes));
			message->bytes = bytes;
			memcpy(message->content, from + below(8192), bytes);
			queue.ring[batch % 2][i] = message;
		}
		sem_post(&queue.full);
	}
	return unused;
}

/* Messages of mixed sizes that one thread makes, and another one reads and frees. */
static void messages(void) {
	pthread_t producer;
	sem_init(&queue.empty, 0, 2);
	sem_init(&queue.full, 0, 0);
	if (pthread_create(&producer, NULL, produce, NULL) != 0)
		exit(3);
	for (int batch = 0; batch < BATCHES; batch++) {
		sem_wait(&queue.full);
		for (int i = 0; i < BATCH; i++) {
			struct message *message = queue.ring[batch % 2][i];
			for (uint32_t at = 0; at < message->bytes; at += 16)
				result += message->content[at];
			free(message);
		}
		sem_post(&queue.empty);
	}
	pthread_join(producer, NULL);
}

static void *repeat(void *piece) {
	for (int i = 0; i < ROUND; i++)
		((void (*const *)(void))piece)[0]();
	return (void *)(uintptr_t)result;
}

/* Four threads at the same time, each with work of its own. */
static void crowd(void) {
	static void (*const mixtures[])(void) = {strings, copy_tail, vectors, tree};
	enum { THREADS = sizeof(mixtures) / sizeof(mixtures[0]) };
	pthread_t threads[THREADS];
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, repeat, (void *)&mixtures[i]) != 0)
			exit(3);
	for (int i = 0; i < THREADS; i++) {
		void *theirs;
		pthread_join(threads[i], &theirs);
		result += (uintptr_t)theirs;
	}
}

/* Two large buffers a piece, filled, copied and freed, of sizes in any order: after the first ones the C library keeps
 * such blocks in its heap. */
static void frames(void) {
	size_t bytes = 150000 + below(1350000);
	char *frame = given(malloc(bytes)), *copy = given(malloc(bytes));
	memset(frame, (int)below(256), bytes);
	memcpy(copy, frame, bytes);
	result += (unsigned char)copy[below((uint32_t)bytes)];
	free(frame);
	free(copy);
}

/* One large buffer a piece, each larger than all before, so that the C library maps it by itself each time. */
static void rising(void) {
	static size_t bytes = 1 << 20;
	char *buffer = given(malloc(bytes));
	for (size_t at = 0; at < bytes; at += 512)
		buffer[at] = (char)(at / 512);
	result += (unsigned char)buffer[512 * (size_t)below((uint32_t)bytes / 512)];
	free(buffer);
	bytes += 128 << 10;
}

/* Blocks that are read and written as a whole between calls: each says which one is next. */
static void records(void) {
	static struct { uint32_t *words, count; } live[RECORDS];
	static uint32_t which;
	for (int i = 0; i < 500; i++) {
		uint32_t sum = which + 1;
		for (uint32_t k = 0; k < live[which].count; k++)
			sum = sum * 31 + live[which].words[k];
		free(live[which].words);
		live[which].count = 16 + below(112);
		live[which].words = given(malloc(live[which].count * sizeof(uint32_t)));
		for (uint32_t k = 0; k < live[which].count; k++)
			live[which].words[k] = sum + k;
		result += sum;
		which = sum % RECORDS;
	}
}

/* As a server answers: blocks of mixed sizes, some freed soon, some grown, the most at the request's end, and some that
 * stay until their place is needed. */
static void requests(void) {
	static void *cached[CACHED];
	void *blocks[REQUEST_BLOCKS];
	uint32_t count = 32 + below(REQUEST_BLOCKS - 32);
	for (uint32_t i = 0; i < count; i++) {
		size_t bytes = heavy_tail(12, 9);
		blocks[i] = given(malloc(bytes));
		memset(blocks[i], (int)i, bytes < 64 ? bytes : 64);
		uint32_t fate = below(64);
		if (fate < 16) {
			free(blocks[i]);
			blocks[i] = NULL;
		} else if (fate < 24) {
			blocks[i] = given(realloc(blocks[i], 2 * bytes));
		} else if (fate < 26) {
			uint32_t place = below(CACHED);
			free(cached[place]);
			cached[place] = blocks[i];
			blocks[i] = NULL;
		}
	}
	for (uint32_t i = 0; i < count; i++) {
		result += blocks[i] ? *(unsigned char *)blocks[i] : 1;
		free(blocks[i]);
	}
}

/* ---- loads ------------------------------------------------------------------------------------------------------- */

static const struct load {
	const char *name;
	void (*piece)(void);
} loads[] = {
	{"strings", strings}, {"clear", clear},     {"copy-tail", copy_tail}, {"lines", lines}, {"vectors", vectors},
	{"tree", tree},       {"table", table},     {"messages", messages},   {"crowd", crowd}, {"frames", frames},
	{"rising", rising},   {"records", records}, {"requests", requests},
};
enum { LOADS = sizeof(loads) / sizeof(loads[0]) };

/* What work is done on: numbers, names of 3 to 18 bytes, one of 16 up to 300, and lines of 10 to 160. */
static void make_inputs(void) {
	for (size_t at = 0; at < AREA_BYTES; at += sizeof(uint64_t))
		*(uint64_t *)(from + at) = next_random(&random_state);
	for (int i = 0; i < NAMES; i++)
		memset(names[i], 'a' + (int)below(26), 3 + (below(16) ? below(16) : below(298)));
	for (size_t at = 0; at < TEXT_BYTES; at++)
		text[at] = (char)('a' + below(26));
	for (size_t at = 0; at < TEXT_BYTES; at += 10 + (below(4) ? below(60) : below(150)))
		text[at] = '\n';
}

int main(int argc, char **argv) {
	make_inputs();
	for (int i = 0; i < LOADS; i++) {
		if (argc < 3)
			puts(loads[i].name);
		else if (strcmp(argv[1], loads[i].name) == 0) {
			for (long piece = 0; piece < atol(argv[2]); piece++)
				loads[i].piece();
			printf("%llu\n", (unsigned long long)result);
			return 0;
		}
	}
	return argc < 3 ? 0 : 2;
}
