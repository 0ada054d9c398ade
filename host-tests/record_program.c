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
#include <stdarg.h>
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

/* Else the C library maps none of a size any more that was freed. */
static void map_all_large(void) {
	mallopt(M_MMAP_THRESHOLD, 1 << 20);
}

/* Blocks in the middle of what is mapped for them, as they have to be aligned: one of them behind the other. */
static void aligned(void) {
	enum { HUGE = 2 << 20 };
	map_all_large();
	void *all = touched(aligned_alloc(HUGE, 2 * HUGE), 2 * HUGE), *none = NULL;
	if (posix_memalign(&none, 2 * HUGE, 4 * HUGE) == 0)
		free(none);
	kept[0] = valloc(2 * HUGE);
	free(all);
}

static void many(void) {
	for (int i = 0; i < 300; i++)
		kept[0] = malloc(2 << 20);
}

static void *map_often(void *unused) {
	(void)unused;
	for (int i = 0; i < 20; i++)
		free(touched(malloc(2 << 20), 4096));
	return NULL;
}

static void map_in_threads(void) {
	pthread_t others[8];
	map_all_large();
	for (int i = 0; i < 8; i++)
		if (pthread_create(&others[i], NULL, map_often, NULL) != 0)
			_exit(93);
	for (int i = 0; i < 8; i++)
		pthread_join(others[i], NULL);
}

/* A block that child and parent free, of which both have all pages. */
static void map_and_fork(void) {
	void *block = touched(malloc(8 << 20), 8 << 20);
	pid_t child = fork();
	if (child > 0)
		waitpid(child, NULL, 0);
	free(block);
	if (child == 0)
		exit(0);
}

static void sparse_often(int times) {
	for (int i = 0; i < times; i++)
		free(touched(malloc(64 << 20), 1));
}

static void sparse(void) {
	sparse_often(100);
}

/* And faults that allow looks again. */
static void sparse_and_dense(void) {
	map_all_large();
	sparse();
	for (int i = 0; i < 8; i++)
		free(touched(malloc(4 << 20), 4 << 20));
	sparse_often(8);
}

/* One that is touched when it is larger. */
static void moved(void) {
	void *block = touched(malloc(8 << 20), 1);
	free(touched(realloc(block, 24 << 20), 24 << 20));
}

/* A block of which a part is the system's again when it is freed; and errno as it was. */
static void holes(void) {
	char *block = malloc(8 << 20);
	char *page = (char *)(((uintptr_t)block + (4 << 20)) & ~(uintptr_t)65535);
	munmap(page, 1 << 20);
	errno = 77;
	free(block);
	if (errno != 77)
		_exit(92);
}

/* Makes `call` the end of the process. */
static void filter(uint32_t call, int (*set)(int option, ...)) {
	struct sock_filter words[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = {sizeof(words) / sizeof(words[0]), words};
	set(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0L, 0L);
}

/* Of which nobody hears. */
static int set_quietly(int option, ...) {
	va_list list;
	va_start(list, option);
	unsigned long first = va_arg(list, unsigned long), second = va_arg(list, unsigned long);
	va_end(list);
	return (int)syscall(SYS_prctl, option, first, second, 0L, 0L);
}

static void filtered(void) {
	if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) == 0)
		filter(SYS_prctl, set_quietly);
	mapped();
}

/* As only who is root can. */
static void filtered_alone(void) {
	filter(SYS_mincore, prctl);
	mapped();
}

static void filtered_by_call(void) {
	if (set_quietly(PR_SET_NO_NEW_PRIVS, 1L, 0L) == 0)
		filter(SYS_mincore, set_quietly);
	mapped();
}

static void filtered_before(void) {
	if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) == 0)
		filter(SYS_mincore, prctl);
	execl("/proc/self/exe", "program", "mapped", NULL);
	_exit(90);
}

/* System calls that the program answers itself may be on again at any time. */
static void dispatched(void) {
	char name[16] = "";
	errno = 0;
	if (prctl(-1, 0L, 0L, 0L, 0L) != -1 || errno != EINVAL || prctl(PR_SET_NAME, "odd") != 0 ||
	    prctl(PR_GET_NAME, name) != 0 || strcmp(name, "odd") != 0)
		_exit(89);
	prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_OFF, 0L, 0L, 0L);
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

static const struct {
	const char *how;
	void (*run)(void);
} runs[] = {
	{"stack", stack},
	{"queue", queue},
	{"between", between},
	{"elsewhere", elsewhere},
	{"threads", threads},
	{"forks", forks},
	{"inside", fork_inside},
	{"long", copy_long},
	{"few", few},
	{"later", copy_later},
	{"touches", touch_long},
	{"mapped", mapped},
	{"aligned", aligned},
	{"many", many},
	{"map in threads", map_in_threads},
	{"map and fork", map_and_fork},
	{"sparse", sparse},
	{"sparse and dense", sparse_and_dense},
	{"moved", moved},
	{"holes", holes},
	{"too-large", too_large},
	{"filtered", filtered},
	{"filtered alone", filtered_alone},
	{"filtered by call", filtered_by_call},
	{"filtered before", filtered_before},
	{"dispatched", dispatched},
};

int main(int argc, char **argv) {
	const char *how = argc > 1 ? argv[1] : "";
	void (*run)(void) = copies;
	if (errno != 0)
		return 97;
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++)
		if (strcmp(how, runs[i].how) == 0)
			run = runs[i].run;
	run();
	after(how);
	return argc > 2 ? atoi(argv[2]) : 0;
}
