/* SPDX-License-Identifier: Apache-2.0
 *
 * A program that host-tests/apply_tests.py puts libraries of `anechoic apply` into: argv[1] says what it does. Calls go
 * through pointers that the compiler cannot see through, so that they are calls; what is right is told by plain loops.
 */
#include <dlfcn.h>
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

/* Whose memcpy and malloc it has. */
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
	if (strcmp(what, "close") == 0)
		return close_all();
	if (strcmp(what, "signal") == 0 && argc > 2)
		return crash(atoi(argv[2]));
	if (strcmp(what, "overflow") == 0)
		copy_checked(wanted, wanted + 1, 20, 19);
	return argc > 2 ? atoi(argv[2]) : 0;
}
