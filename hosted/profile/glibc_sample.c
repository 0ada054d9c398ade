/* SPDX-License-Identifier: Apache-2.0
 *
 * One process, one sample: glibc reads its tunables before main. Re-executes this programme.
 */
#include "hosted/profile/glibc_tunables.h"
#include "hosted/profile/own_sample.h"
#include "hosted/results/clock.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum {
	SAMPLE_SECONDS_MOST = 10,
	SLICES = 3,
	SLICE_NS = 250000,
	BYTES_MOST = GLIBC_MEMORY_BYTES / 2,
	READ_BACK_BYTES = 32 << 10,
	LINE_BYTES = 64,
};

static uint64_t now_ns(void) {
	return clock_ns(CLOCK_MONOTONIC);
}

/* ---- the child --------------------------------------------------------------------------------------------------- */

/* Through these, or the compiler would put code of its own in their place. */
static void *(*volatile const copy)(void *, const void *, size_t) = memcpy;
static void *(*volatile const fill)(void *, int, size_t) = memset;

struct buffers {
	unsigned char *to, *from;
};

/* Somebody reads what was written: stores that go past the caches look better where nobody does. */
static void read_back(const unsigned char *from, size_t bytes) {
	for (size_t at = 0; at < bytes; at += LINE_BYTES)
		(void)*(const volatile unsigned char *)(from + at);
}

static void call(const struct buffers *buffers, int function, size_t bytes) {
	if (function == GLIBC_MEMCPY)
		copy(buffers->to, buffers->from, bytes);
	else
		fill(buffers->to, 0x5a, bytes);
	if (bytes >= READ_BACK_BYTES)
		read_back(buffers->to, bytes);
}

static double slice_ns(const struct buffers *buffers, int function, size_t bytes) {
	uint64_t start = now_ns(), end, calls = 0;
	do {
		for (size_t done = 0; done < 65536; done += bytes, calls++)
			call(buffers, function, bytes);
	} while ((end = now_ns()) - start < SLICE_NS);
	return (double)(end - start) / (double)calls;
}

/* Of the fastest slice: what else runs only ever slows down. A slice of several times its length tells by itself. */
static double measure(const struct buffers *buffers, int function, size_t bytes) {
	double least = slice_ns(buffers, function, bytes);
	for (int slice = 1; slice < SLICES && least < 4 * SLICE_NS; slice++) {
		double ns = slice_ns(buffers, function, bytes);
		least = ns < least ? ns : least;
	}
	return least;
}

int glibc_sample_print(void) {
	alarm(SAMPLE_SECONDS_MOST);
	unsigned char *memory =
		mmap(NULL, 2 * BYTES_MOST, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, STDIN_FILENO, 0);
	if (memory == MAP_FAILED)
		return 2;
	const struct buffers buffers = {memory, memory + BYTES_MOST};
	for (int function = 0; function < GLIBC_FUNCTIONS; function++)
		for (int size = 0; size < GLIBC_SIZES; size++)
			printf("%.3f\n", measure(&buffers, function, (size_t)glibc_size(size)));
	munmap(memory, 2 * BYTES_MOST);
	return 0;
}

/* ---- the parent -------------------------------------------------------------------------------------------------- */

static bool sample_in_child(void *self, const struct glibc_thresholds *thresholds, struct glibc_sample *sample) {
	static const char *const words[] = {"tune", "sample-glibc", NULL};
	char line[GLIBC_LINE_BYTES];
	const int *memory = self;
	glibc_tunables_line(thresholds, line);
	const struct own_sample process = {words, line, *memory};
	return own_sample_read(&process, &sample->ns[0][0], GLIBC_FUNCTIONS * (size_t)GLIBC_SIZES);
}

static uint64_t now(void *self) {
	(void)self;
	return now_ns();
}

/* What children copy in: made once, as clearing it would take a process longer than measuring. -1:
 * there is none. */
static int open_memory(void) {
	int memory = memfd_create("anechoic", MFD_CLOEXEC);
	if (memory < 0)
		return -1;
	if (posix_fallocate(memory, 0, 2 * BYTES_MOST) == 0)
		return memory;
	close(memory);
	return -1;
}

int glibc_tunables_measure(uint64_t budget_ns, uint64_t seed, void (*progress)(const char *phase, double share),
			   struct profile_tunables *found) {
	int memory;
	const struct glibc_subject subject = {
		.self = &memory, .sample = sample_in_child, .now_ns = now, .progress = progress};
	char library[sizeof(found->library)] = "";
	confstr(_CS_GNU_LIBC_VERSION, library, sizeof(library));
	if (strncmp(library, "glibc", 5) != 0)
		return PLATFORM_EUNSUPPORTED;
	memory = open_memory();
	if (memory < 0)
		return -1;
	int error = glibc_tunables_find(&subject, budget_ns, seed, found);
	close(memory);
	memcpy(found->library, library, sizeof(library));
	return error;
}
