/* SPDX-License-Identifier: Apache-2.0
 *
 * A program that is recorded by host-tests/record_tests.py: argv[1] says what it does. Calls on memory go through
 * pointers that the compiler cannot see through, so that they are calls.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void *(*volatile copy)(void *, const void *, size_t) = memcpy;
static void *(*volatile copy_to_end)(void *, const void *, size_t) = mempcpy;
static void *(*volatile move)(void *, const void *, size_t) = memmove;
static void *(*volatile set)(void *, int, size_t) = memset;
static int (*volatile compare)(const void *, const void *, size_t) = memcmp;
static size_t (*volatile length)(const char *) = strlen;
static void *(*volatile allocate)(size_t) = malloc;
static void (*volatile release)(void *) = free;

enum { LARGE_BYTES = 1 << 20, TOUCHED_BYTES = 1 << 18 };

static char from[4096], to[4096], large[LARGE_BYTES];

__attribute__((constructor(101))) static void before_others(void) {
	char *block = calloc(3, 100);
	for (int i = 0; i < 300; i++)
		if (!block || block[i])
			_exit(99);
	block = realloc(block, 4000);
	release(block);
	errno = 0;
}

static void copies(void) {
	for (int i = 0; i < 1000; i++)
		copy(to, from, 100);
	for (int i = 0; i < 10; i++)
		copy(to + 1, from, 2048);
	copy(to + 1, from, 1024);
	for (int i = 0; i < 500; i++)
		set(to, 0, 24);
	strcpy(to, "seventeen letters");
	for (int i = 0; i < 70; i++)
		length(to);
}

static int is_moved(const char *at, size_t length, int first) {
	for (size_t i = 0; i < length; i++)
		if (at[i] != (char)(first + (int)i))
			return 0;
	return at[length] == 'x';
}

/* Sizes about those that no library is asked for, each as often. */
static void few(void) {
	char area[256];
	for (size_t length = 0; length < 40; length++)
		for (size_t offset = 0; offset < 4; offset++) {
			char *at = to + offset;
			for (size_t i = 0; i < sizeof(area); i++)
				area[i] = (char)i;
			int good = set(at, 'x', 64) == at && copy(at, area + 1, length) == at &&
				   is_moved(at, length, 1) && compare(at, area + 1, length) == 0;
			good &= copy_to_end(at, area + 2, length) == at + length && is_moved(at, length, 2);
			good &= length == 0 || (compare(at, area + 1, length) > 0 && compare(area, at, length) < 0);
			at[length + 1] = 'x';
			good &= move(at + 1, at, length) == at + 1 && is_moved(at + 1, length, 2);
			good &= move(at, at + 1, length) == at;
			at[length] = 'x';
			good &= is_moved(at, length, 2) && set(at, 'y', length) == at;
			good &= length == 0 || (at[0] == 'y' && at[length / 2] == 'y' && at[length - 1] == 'y');
			if (!good)
				_exit(95);
		}
}

/* Blocks of 48 bytes, freed last in first out. */
static void stack(void) {
	static void *blocks[1000];
	for (int round = 0; round < 20; round++) {
		for (int i = 0; i < 1000; i++)
			blocks[i] = allocate(48);
		for (int i = 1000; i--;)
			release(blocks[i]);
	}
}

static void queue(void) {
	static void *blocks[1000];
	for (int i = 0; i < 21000; i++) {
		release(blocks[i % 1000]);
		blocks[i % 1000] = allocate(48);
	}
}

static void *release_all(void *blocks) {
	for (int i = 0; i < 1000; i++)
		release(((void **)blocks)[i]);
	return NULL;
}

static pthread_barrier_t together;

static void *nothing(void *argument) {
	copy(to, argument, 1);
	return NULL;
}

/* One after the other: what threads beyond count at once, in the slot that they share, may be too little. */
static void *call_and_wait(void *argument) {
	static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER;
	pthread_mutex_lock(&one);
	nothing(argument);
	pthread_mutex_unlock(&one);
	pthread_barrier_wait(&together);
	return NULL;
}

static void between(void) {
	static void *blocks[1000];
	unsigned next = 1;
	for (int i = 0; i < 21000; i++) {
		next = next * 1664525u + 1013904223u;
		unsigned which = (next >> 16) % 1000;
		release(blocks[which]);
		blocks[which] = allocate(48);
	}
}

static void elsewhere(void) {
	static void *blocks[1000];
	for (int round = 0; round < 20; round++) {
		pthread_t thread;
		for (int i = 0; i < 1000; i++)
			blocks[i] = allocate(48);
		if (pthread_create(&thread, NULL, release_all, blocks) == 0)
			pthread_join(thread, NULL);
	}
}

/* One after the other, 300, and 200 at once: more than have a slot each. */
static void threads(void) {
	static pthread_t all[200];
	for (int i = 0; i < 300; i++)
		if (pthread_create(&all[0], NULL, nothing, from) == 0)
			pthread_join(all[0], NULL);
	pthread_barrier_init(&together, NULL, 200);
	for (int i = 0; i < 200; i++)
		if (pthread_create(&all[i], NULL, call_and_wait, from) != 0)
			_exit(98);
	for (int i = 0; i < 200; i++)
		pthread_join(all[i], NULL);
}

/* Nothing but copies of all of it, for a tenth of a second of CPU time. */
static void copy_long(void) {
	while (clock() < CLOCKS_PER_SEC / 10)
		for (int i = 0; i < 10; i++)
			copy(large, large + LARGE_BYTES / 2, LARGE_BYTES / 2);
}

/* First touches of pages and nothing else, for as long. */
static void touch_long(void) {
	while (clock() < CLOCKS_PER_SEC / 10) {
		char *pages = mmap(NULL, TOUCHED_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (pages == MAP_FAILED)
			return;
		for (size_t at = 0; at < TOUCHED_BYTES; at += 4096)
			*(volatile char *)(pages + at) = 1;
		munmap(pages, TOUCHED_BYTES);
	}
}

static void *touched(void *block, size_t bytes) {
	for (size_t at = 0; block && at < bytes; at += 4096)
		((volatile char *)block)[at] = 1;
	return block;
}

static void *volatile kept[2];

/* Blocks of their own mappings: two of four huge pages, of one a quarter touched and freed, of the other all, which is
 * there at the end; half a huge page, freed before the heap grows; and most of one, behind that. */
static void mapped(void) {
	enum { HUGE = 2 << 20 };
	void *quarter = touched(malloc(4 * HUGE), HUGE), *half = malloc(HUGE / 2);
	kept[0] = touched(calloc(4, HUGE), 4 * HUGE);
	free(half);
	for (int i = 0; i < 100; i++)
		kept[1] = malloc(16384);
	kept[1] = malloc(HUGE - 100000);
	free(quarter);
}

/* The same of a process that mincore would be the end of. */
static void filtered(void) {
	struct sock_filter words[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mincore, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog filter = {sizeof(words) / sizeof(words[0]), words};
	if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0)
		mapped();
}

/* Blocks that no memory is large enough for, one asked of each function. */
static void too_large(void) {
	volatile size_t bytes = SIZE_MAX / 4;
	void *block = NULL;
	kept[0] = malloc(1);
	if (malloc(bytes) || calloc(1, bytes) || realloc(kept[0], bytes) || memalign(64, bytes) ||
	    aligned_alloc(64, bytes) || posix_memalign(&block, 64, bytes) == 0 || valloc(bytes) || pvalloc(bytes))
		_exit(94);
}

/* Longer than the recorder leaves files of processes that are gone lying. */
static void copy_later(void) {
	const struct timespec pause = {0, 600000000};
	copies();
	nanosleep(&pause, NULL);
	copies();
}

static void forks(void) {
	for (int i = 0; i < 100; i++) {
		pid_t child = fork();
		if (child == 0) {
			copy(to, from, 64);
			_exit(0);
		}
		waitpid(child, NULL, 0);
	}
}

static volatile sig_atomic_t has_forked;
static pid_t forked;

static void fork_now(int number) {
	(void)number;
	forked = fork();
	has_forked = 1;
}

/* Where the signal comes in: in a copy, which the child finishes, too. */
static void fork_inside(void) {
	const struct itimerval soon = {.it_value = {.tv_usec = 2000}};
	int status = 0;
	signal(SIGALRM, fork_now);
	setitimer(ITIMER_REAL, &soon, NULL);
	while (!has_forked)
		copy(large, large + LARGE_BYTES / 2, LARGE_BYTES / 2);
	if (forked == 0) {
		copy(to, from, 64);
		_exit(0);
	}
	if (waitpid(forked, &status, 0) != forked || status != 0)
		_exit(96);
}

static void after(const char *how) {
	if (strcmp(how, "kill") == 0)
		raise(SIGKILL);
	else if (strcmp(how, "segv") == 0)
		raise(SIGSEGV);
	else if (strcmp(how, "double") == 0) {
		void *block = allocate(5000);
		release(block);
		release(block);
	} else if (strcmp(how, "close") == 0) {
		for (int i = 0; i < 100; i++)
			close(i);
		copies();
		_exit(open("/dev/null", O_RDONLY));
	}
}

int main(int argc, char **argv) {
	const char *how = argc > 1 ? argv[1] : "";
	if (errno != 0)
		return 97;
	if (strcmp(how, "stack") == 0)
		stack();
	else if (strcmp(how, "queue") == 0)
		queue();
	else if (strcmp(how, "between") == 0)
		between();
	else if (strcmp(how, "elsewhere") == 0)
		elsewhere();
	else if (strcmp(how, "threads") == 0)
		threads();
	else if (strcmp(how, "forks") == 0)
		forks();
	else if (strcmp(how, "inside") == 0)
		fork_inside();
	else if (strcmp(how, "long") == 0)
		copy_long();
	else if (strcmp(how, "few") == 0)
		few();
	else if (strcmp(how, "later") == 0)
		copy_later();
	else if (strcmp(how, "touches") == 0)
		touch_long();
	else if (strcmp(how, "mapped") == 0)
		mapped();
	else if (strcmp(how, "too-large") == 0)
		too_large();
	else if (strcmp(how, "filtered") == 0)
		filtered();
	else
		copies();
	after(how);
	return argc > 2 ? atoi(argv[2]) : 0;
}
