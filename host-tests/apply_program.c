/* SPDX-License-Identifier: Apache-2.0
 *
 * A program that host-tests/apply_tests.py puts libraries of `anechoic apply` into: argv[1] says what it does. Calls go
 * through pointers that the compiler cannot see through, so that they are calls; what is right is told by plain loops.
 */
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

void *__memcpy_chk(void *to, const void *from, size_t length, size_t room);

static void *(*volatile copy)(void *, const void *, size_t) = memcpy;
static void *(*volatile copy_to_end)(void *, const void *, size_t) = mempcpy;
static void *(*volatile move)(void *, const void *, size_t) = memmove;
static void *(*volatile set)(void *, int, size_t) = memset;
static int (*volatile compare)(const void *, const void *, size_t) = memcmp;
static int (*volatile differ)(const void *, const void *, size_t) = bcmp;
static void *(*volatile find)(const void *, int, size_t) = memchr;
static void *(*volatile copy_checked)(void *, const void *, size_t, size_t) = __memcpy_chk;

enum { PAGE = 65536, AREA = 4 * PAGE, SLACK = 96 }; /* a page of any system */

static unsigned char wanted[2 * AREA];

static void fail(const char *what, size_t length, size_t to, size_t from) {
	printf("%s of %zu bytes, from %zu to %zu\n", what, length, from, to);
	exit(1);
}

/* Between two pages that must not be touched. */
static unsigned char *guarded(void) {
	unsigned char *all = mmap(NULL, AREA + 2 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (all == MAP_FAILED || mprotect(all + PAGE, AREA, PROT_READ | PROT_WRITE) != 0)
		exit(2);
	return all + PAGE;
}

static void count_up(unsigned char *area) {
	for (size_t i = 0; i < AREA; i++)
		wanted[i] = area[i] = (unsigned char)(i * 7 + i / 251);
}

static void check(const unsigned char *area, const char *what, size_t length, size_t to, size_t from) {
	for (size_t i = 0; i < AREA; i++)
		if (area[i] != wanted[i])
			fail(what, length, to, from);
}

static void check_move(unsigned char *area, void *(*how)(void *, const void *, size_t), const char *what, size_t length,
		       size_t to, size_t from) {
	static unsigned char kept[AREA];
	count_up(area);
	for (size_t i = 0; i < length; i++)
		kept[i] = wanted[from + i];
	for (size_t i = 0; i < length; i++)
		wanted[to + i] = kept[i];
	unsigned char *end = how(area + to, area + from, length);
	if (end != area + to + (how == copy_to_end ? length : 0))
		fail(what, length, to, from);
	check(area, what, length, to, from);
}

static void check_scans(unsigned char *area, size_t length, size_t at) {
	count_up(area);
	set(area + at, 9, length);
	set(area + AREA / 2 + at, 9, length);
	for (size_t i = 0; i < length; i++)
		wanted[at + i] = wanted[AREA / 2 + at + i] = 9;
	check(area, "memset", length, at, 0);
	unsigned char *a = area + at, *b = area + AREA / 2 + at;
	if (compare(a, b, length) != 0 || differ(a, b, length) != 0 || find(a, 77, length) != NULL)
		fail("a scan", length, at, 0);
	for (size_t i = 0; i < length; i = i * 2 + 1) {
		a[i] = 77;
		if (compare(a, b, length) <= 0 || compare(b, a, length) >= 0 || differ(a, b, length) == 0 ||
		    find(a, 77, length) != a + i || find(a, 0x100 + 77, SIZE_MAX) != a + i)
			fail("a scan", length, at, i);
		a[i] = 9;
	}
	set(a, 0, length);
	for (size_t i = 0; i < length; i++)
		wanted[at + i] = 0;
	check(area, "memset to 0", length, at, 0);
}

/* Every call, at both ends of memory behind which there is none. */
static int memory(void) {
	static const size_t lengths[] = {0,   1,    2,    3,    7,    8,    15,   16,    17,    31,
					 33,  63,   64,   65,   127,  128,  129,  255,   300,   511,
					 700, 1024, 1500, 4095, 4096, 4097, 9000, 33000, 65536, 100000};
	unsigned char *area = guarded();
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		size_t length = lengths[i];
		for (size_t shift = 0; shift < SLACK; shift = shift * 3 + 1) {
			size_t end = AREA - length - shift;
			check_move(area, copy, "memcpy", length, shift, end);
			check_move(area, copy_to_end, "mempcpy", length, end, shift);
			check_move(area, move, "memmove", length, shift, 0);
			check_move(area, move, "memmove", length, 0, shift);
			check_move(area, copy, "memcpy of what overlaps", length, shift, 0);
			check_move(area, copy, "memcpy of what overlaps", length, AREA - length, end);
			if (length <= AREA / 2 - shift)
				check_scans(area, length, AREA / 2 - length - shift);
		}
	}
	unsigned char *last = area + AREA - 1;
	*last = 200;
	if (find(area + AREA - 40, 200, SIZE_MAX / 2) != last)
		fail("memchr beyond the end", 0, 0, 0);
	puts("good");
	return 0;
}

/* Whose memcpy and malloc it has; pools answer for a block of theirs with all that it has room for. */
static int whose(void) {
	Dl_info info;
	void *of[] = {dlsym(RTLD_DEFAULT, "memcpy"), dlsym(RTLD_DEFAULT, "malloc")};
	for (size_t i = 0; i < 2; i++)
		puts(dladdr(of[i], &info) && info.dli_fname ? strrchr(info.dli_fname, '/') + 1 : "?");
	return 0;
}

static int forks(void) {
	int sum = 0;
	for (int i = 0; i < 100; i++) {
		pid_t child = fork();
		if (child == 0) {
			char *block = strdup("of a child");
			_exit(find(block, 'f', 10) == block + 1 ? i : 255);
		}
		int status;
		if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
			return 1;
		sum += WEXITSTATUS(status);
	}
	printf("%d\n", sum);
	return sum != 4950;
}

static int close_all(void) {
	for (int i = 3; i < 1024; i++)
		close(i);
	return memory();
}

/* ---- blocks ------------------------------------------------------------------------------------------------------ */

static void *(*volatile allocate)(size_t) = malloc;
static void *(*volatile allocate_zeroed)(size_t, size_t) = calloc;
static void *(*volatile change)(void *, size_t) = realloc;
static void (*volatile release)(void *) = free;
static volatile size_t too_many = SIZE_MAX / 2;

enum { THREADS = 8, BLOCKS = 512, ROUNDS = 40, FORKS_EVERY = 10 };

/* Bytes that only this block of this size has, and that nobody else may have written to since. */
static void write_own(unsigned char *block, size_t size) {
	for (size_t i = 0; i < size; i++)
		block[i] = (unsigned char)((uintptr_t)block / 16 + size + i);
}

static void check_own(const unsigned char *block, size_t size, const char *what) {
	if ((uintptr_t)block % 16 != 0)
		fail(what, size, (uintptr_t)block, 0);
	for (size_t i = 0; i < size; i++)
		if (block[i] != (unsigned char)((uintptr_t)block / 16 + size + i))
			fail(what, size, (uintptr_t)block, i);
}

static void *new_block(size_t size) {
	void *block = allocate(size);
	if (!block || (uintptr_t)block % 16 != 0 || malloc_usable_size(block) < size)
		fail("malloc", size, (uintptr_t)block, 0);
	write_own(block, size);
	return block;
}

static void check_zeroed(size_t size) {
	unsigned char *block = new_block(size);
	release(block);
	block = allocate_zeroed(1, size);
	for (size_t i = 0; i < size; i++)
		if (block[i] != 0)
			fail("calloc", size, (uintptr_t)block, i);
	release(block);
	errno = 0;
	if (allocate_zeroed(too_many, 3) || errno != ENOMEM || reallocarray(NULL, too_many, 3) || errno != ENOMEM)
		fail("calloc of too much", size, 0, 0);
}

/* From each size to each other, the bytes that both have come along. */
static void check_changed(size_t size) {
	static const size_t sizes[] = {1, 15, 16, 17, 40, 100, 500, 1024, 1025, 3000, 4096, 5000, 100000};
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		unsigned char *block = new_block(size);
		unsigned char first = block[0], *changed = change(block, sizes[i]);
		size_t kept = size < sizes[i] ? size : sizes[i];
		for (size_t k = 0; k < kept; k++)
			if (changed[k] != (unsigned char)(first + k))
				fail("realloc", size, sizes[i], k);
		write_own(changed, sizes[i]);
		check_own(changed, sizes[i], "realloc");
		release(reallocarray(changed, 3, size));
	}
	void *block = new_block(size);
	if (change(block, 0) != NULL)
		fail("realloc to nothing", size, 0, 0);
	release(change(NULL, size));
}

static void check_aligned(size_t size) {
	for (size_t alignment = 8; alignment <= 65536; alignment *= 2) {
		void *of[] = {NULL, memalign(alignment, size), aligned_alloc(alignment, size), valloc(size),
			      pvalloc(size)};
		if (posix_memalign(&of[0], alignment, size) != 0)
			fail("posix_memalign", size, alignment, 0);
		for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
			size_t wanted_alignment = i < 3 ? alignment : 4096;
			if (!of[i] || (uintptr_t)of[i] % wanted_alignment != 0 || malloc_usable_size(of[i]) < size)
				fail("an aligned block", size, alignment, i);
			memset(of[i], 1, size);
			release(of[i]);
		}
	}
	void *none = &none;
	if (posix_memalign(&none, 3, size) != EINVAL || posix_memalign(&none, 4, size) != EINVAL || none != &none)
		fail("posix_memalign's alignment", size, 0, 0);
}

static int heap(void) {
	for (size_t size = 1; size < 6000; size += size < 300 ? 1 : 211) {
		check_zeroed(size);
		check_changed(size);
		check_aligned(size);
	}
	void *nothing = allocate(0), *more = allocate(0);
	if (!nothing || !more || nothing == more)
		fail("malloc of nothing", 0, 0, 0);
	release(nothing);
	release(more);
	errno = 77;
	release(new_block(40));
	release(NULL);
	if (errno != 77 || malloc_usable_size(NULL) != 0)
		fail("errno", 0, 0, 0);
	puts("good");
	return 0;
}

/* Blocks wander from thread to thread through `shared`, a place each. */
static void *_Atomic shared[BLOCKS];
static size_t _Atomic shared_sizes[BLOCKS];
static pthread_mutex_t places[BLOCKS];

static void use_places(uint32_t *random, int count) {
	for (int i = 0; i < count; i++) {
		*random = *random * 1664525u + 1013904223u; /* Numerical Recipes, 7.1 */
		size_t at = *random >> 16 & (BLOCKS - 1), size = 1 + (*random >> 8) % (*random % 8 ? 200 : 5000);
		if (pthread_mutex_trylock(&places[at]) != 0)
			continue;
		if (shared[at]) {
			check_own(shared[at], shared_sizes[at], "a block of another thread");
			release(shared[at]);
		}
		shared[at] = new_block(size);
		shared_sizes[at] = size;
		pthread_mutex_unlock(&places[at]);
	}
}

/* What a child has of its parent's, and its own; it has no other thread. */
static int work_in_child(uint32_t random) {
	void *own[BLOCKS];
	for (size_t i = 0; i < BLOCKS; i++)
		own[i] = new_block(1 + (random + i * 7) % 700);
	for (size_t i = 0; i < BLOCKS; i++)
		check_own(own[i], 1 + (random + i * 7) % 700, "a child's block");
	for (size_t i = 0; i < BLOCKS; i++)
		release(own[i]);
	for (size_t at = 0; at < BLOCKS; at++)
		if (pthread_mutex_trylock(&places[at]) == 0 && shared[at]) {
			check_own(shared[at], shared_sizes[at], "a block of the parent's");
			release(shared[at]);
		}
	return 0;
}

static void *stress_one(void *number) {
	uint32_t random = (uint32_t)(uintptr_t)number;
	for (int round = 0; round < ROUNDS; round++) {
		use_places(&random, 2000);
		if (round % FORKS_EVERY != 0)
			continue;
		pid_t child = fork();
		if (child == 0)
			_exit(work_in_child(random));
		int status = 1;
		if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
			return number;
	}
	return NULL;
}

/* Threads come and go while others go on. */
static int stress(void) {
	for (size_t i = 0; i < BLOCKS; i++)
		pthread_mutex_init(&places[i], NULL);
	for (int generation = 0; generation < 3; generation++) {
		pthread_t threads[THREADS];
		for (size_t i = 0; i < THREADS; i++)
			if (pthread_create(&threads[i], NULL, stress_one, (void *)(i + 1)) != 0)
				return 1;
		void *failed = NULL, *one;
		for (size_t i = 0; i < THREADS; i++) {
			pthread_join(threads[i], &one);
			failed = one ? one : failed;
		}
		if (failed)
			return 1;
	}
	puts("good");
	return 0;
}

static void *release_it(void *block) {
	release(block);
	return NULL;
}

/* Frees again what is free: by itself, among others, by another thread; or what was never a block. */
static int mistake(const char *what) {
	char *block = new_block(40), *other = new_block(40);
	pthread_t thread;
	if (strcmp(what, "inside") == 0)
		release(block + 16);
	if (strcmp(what, "elsewhere") == 0 && pthread_create(&thread, NULL, release_it, block) == 0)
		pthread_join(thread, NULL);
	else
		release(block);
	if (strcmp(what, "between") == 0)
		release(other);
	release(block);
	puts("not noticed");
	return 0;
}

/* Of this program alone: what wait tells is that of whoever started it, where that had more. */
static int print_most_resident(void) {
	char line[256];
	FILE *status = fopen("/proc/self/status", "r");
	while (status && fgets(line, sizeof(line), status))
		if (strncmp(line, "VmHWM:", 6) == 0)
			return fputs(line + 6, stdout) < 0;
	return 1;
}

/* As much as blocks of a size take, all freed in the end. */
static int fill(size_t size) {
	enum { COUNT = 200000 };
	static void *blocks[COUNT];
	for (size_t i = 0; i < COUNT; i++)
		blocks[i] = new_block(size);
	for (size_t i = 0; i < COUNT; i++) {
		check_own(blocks[i], size, "one of many");
		release(blocks[i]);
	}
	return print_most_resident();
}

/* What is there already and what comes is all in memory at once. */
static int lock(void) {
	release(new_block(40));
	if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0)
		return puts("no lock") < 0;
	release(new_block(40));
	return print_most_resident();
}

static int crash(int number) {
	static char text[] = "dies";
	copy(text, "died", 4);
	raise(number);
	return 1;
}

int main(int argc, char **argv) {
	const char *what = argc > 1 ? argv[1] : "";
	if (strcmp(what, "memory") == 0)
		return memory();
	if (strcmp(what, "whose") == 0)
		return whose();
	if (strcmp(what, "forks") == 0)
		return forks();
	if (strcmp(what, "lock") == 0)
		return lock();
	if (strcmp(what, "close") == 0)
		return close_all();
	if (strcmp(what, "heap") == 0)
		return heap();
	if (strcmp(what, "stress") == 0)
		return stress();
	if (strcmp(what, "mistake") == 0 && argc > 2)
		return mistake(argv[2]);
	if (strcmp(what, "fill") == 0 && argc > 2)
		return fill((size_t)atoi(argv[2]));
	if (strcmp(what, "signal") == 0 && argc > 2)
		return crash(atoi(argv[2]));
	if (strcmp(what, "overflow") == 0)
		copy_checked(wanted, wanted + 1, 20, 19);
	return argc > 2 ? atoi(argv[2]) : 0;
}
