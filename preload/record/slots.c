/* SPDX-License-Identifier: Apache-2.0
 *
 * The file that a process counts in, the threads' slots in it, and the blocks that are followed.
 *
 * Invariants: `counts` is a whole mapping or NULL; a slot with a thread's number is written by that thread alone, but
 * for the last one. A process and its child never write one file: after fork the child makes a file of its own before
 * it returns to the program. (A child of a bare clone() without CLONE_VM goes on in its parent's: counts may get lost.)
 */
#include "preload/record/inside.h"
#include "preload/setting.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/statfs.h>
#include <time.h>
#include <unistd.h>

enum { FOLDER_BYTES = 3072, NAMES_MOST = 1000, KEYS_WITHOUT_HEAP = 32 };

struct counts_file *counts;
__thread struct thread thread_here;
struct samples samples;

static struct counts_slot nobody; /* where counts go that are not kept */
static char folder[FOLDER_BYTES]; /* "": nothing is to be recorded */
static pthread_key_t at_thread_exit;
static bool has_key;
static bool has_begun; /* that there is no file is final, but for a child */

/* ---- the file ---------------------------------------------------------------------------------------------------- */

static char *add_text(char *at, const char *end, const char *text) {
	while (*text && at < end)
		*at++ = *text++;
	*at = '\0';
	return at;
}

static char *add_number(char *at, const char *end, uint64_t number) {
	char digits[24];
	size_t i = sizeof(digits) - 1;
	digits[i] = '\0';
	do {
		digits[--i] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	return add_text(at, end, digits + i);
}

static int create(void) {
	char path[FOLDER_BYTES + 64];
	const char *end = path + sizeof(path) - 1;
	int file = -1;
	for (unsigned i = 0; file < 0 && i < NAMES_MOST; i++) {
		char *at = add_text(path, end, folder);
		at = add_number(add_text(at, end, "/"), end, (uint64_t)getpid());
		add_number(add_text(at, end, "-"), end, i);
		file = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (file < 0 && errno != EEXIST)
			break;
	}
	return file;
}

/* ftruncate beyond the limit would be the end of the program by SIGXFSZ. */
static bool has_room(int file) {
	struct rlimit limit;
	struct statfs system;
	return getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur >= sizeof(struct counts_file) &&
	       fstatfs(file, &system) == 0 &&
	       (uint64_t)system.f_bavail * (uint64_t)system.f_bsize >= COUNTS_FREE_BYTES_LEAST;
}

/* What is left where it cannot be, an empty file, says so to the reader. */
static int make_whole(int file) {
	if (file < 0 || (has_room(file) && ftruncate(file, sizeof(struct counts_file)) == 0))
		return file;
	close(file);
	return -1;
}

/* Touches all of them: where the file system has no room for one any more, who touched it first would be ended by
 * SIGBUS. Linux before 5.14 does not tell, and is taken to have them (madvise(2), MADV_POPULATE_WRITE). */
static bool has_pages(void *at, size_t bytes) {
	return madvise(at, bytes, MADV_POPULATE_WRITE) == 0 || errno != EFAULT;
}

/* `at`: what it takes the place of, or NULL. */
static struct counts_file *map(int file, struct counts_file *at) {
	void *mapped = mmap(at, sizeof(struct counts_file), PROT_READ | PROT_WRITE, MAP_SHARED | (at ? MAP_FIXED : 0),
			    file, 0);
	close(file);
	if (mapped == MAP_FAILED || !has_pages(mapped, sizeof(struct counts_header)))
		return NULL;
	struct counts_file *made = mapped;
	made->header.version = COUNTS_VERSION;
	made->header.bytes = sizeof(struct counts_file);
	made->header.process = (uint32_t)getpid();
	struct rusage usage;
	made->header.start_faults = getrusage(RUSAGE_SELF, &usage) == 0 ? (uint32_t)usage.ru_minflt : 0;
	add_text(made->header.name, made->header.name + COUNTS_NAME_BYTES - 1, program_invocation_short_name);
	made->header.magic = COUNTS_MAGIC;
	return made;
}

/* ---- slots ------------------------------------------------------------------------------------------------------- */

static struct counts_slot *shared_slot(void) {
	struct counts_slot *slot = &counts->slots[COUNTS_SLOTS - 1];
	if (!atomic_load_explicit(&counts->header.shared, memory_order_relaxed) && !has_pages(slot, sizeof(*slot)))
		return &nobody;
	atomic_store_explicit(&counts->header.shared, 1, memory_order_relaxed);
	return slot;
}

static void set_slot(struct thread *here, struct counts_slot *slot) {
	here->slot = here->calls = slot;
	atomic_signal_fence(memory_order_seq_cst);
	here->small = COUNTS_SMALL_CALL;
}

/* Whatever the thread still calls is counted with those that have none. */
static void leave(void *slot) {
	struct counts_slot *left = slot;
	set_slot(&thread_here, counts ? shared_slot() : &nobody);
	atomic_store_explicit(&left->thread, 0, memory_order_release);
}

static struct counts_slot *find_free(uint32_t thread) {
	for (uint32_t i = 0; i < COUNTS_SLOTS - 1; i++) {
		uint32_t none = 0, slots = atomic_load(&counts->header.slots);
		struct counts_slot *slot = &counts->slots[i];
		if (i >= slots && !has_pages(slot, sizeof(*slot)))
			break;
		if (!atomic_compare_exchange_strong(&slot->thread, &none, thread))
			continue;
		while (slots <= i && !atomic_compare_exchange_weak(&counts->header.slots, &slots, i + 1))
			;
		return slot;
	}
	atomic_fetch_add(&counts->header.overflown, 1);
	return shared_slot();
}

static uint32_t next_countdown(struct thread *here) {
	here->random = here->random * 1664525u + 1013904223u; /* Numerical Recipes, 7.1 */
	return 1 + (here->random >> 16) % (2 * COUNTS_SAMPLE_EVERY - 1);
}

struct counts_slot *slot_take(struct thread *here) {
	if (!counts) {
		if (has_begun)
			set_slot(here, &nobody);
		return &nobody;
	}
	int error = errno;
	uint32_t thread = (uint32_t)gettid();
	struct counts_slot *slot = find_free(thread);
	set_slot(here, slot);
	here->random = thread;
	here->countdown = next_countdown(here);
	__atomic_fetch_add(&slot->threads, 1, __ATOMIC_RELAXED); /* of the last slot there are several at once */
	if (has_key && slot != &counts->slots[COUNTS_SLOTS - 1])
		pthread_setspecific(at_thread_exit, slot);
	errno = error;
	return slot;
}

/* ---- samples ----------------------------------------------------------------------------------------------------- */

static uint64_t now_ns(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

void sample_begin(struct thread *here, const void *block) {
	struct counts_slot *slot = here->slot;
	if (!slot)
		return;
	here->countdown = next_countdown(here);
	uint32_t number = sample_number(block);
	uint64_t none = 0;
	if (!atomic_compare_exchange_strong(&samples.addresses[number], &none, 1)) {
		slot->sums.samples_lost++;
		return;
	}
	slot->sums.samples++;
	samples.start_ns[number] = now_ns();
	uint64_t thread = atomic_load_explicit(&slot->thread, memory_order_relaxed);
	atomic_store_explicit(&samples.born[number], thread << 32 | ++here->followed, memory_order_relaxed);
	atomic_store_explicit(&samples.is_there[number], 1, memory_order_relaxed);
	atomic_store_explicit(&samples.addresses[number], (uintptr_t)block, memory_order_release);
}

static enum counts_order order_of(uint64_t born, const struct counts_slot *slot) {
	uint32_t thread = (uint32_t)(born >> 32);
	if (thread != atomic_load_explicit(&slot->thread, memory_order_relaxed))
		return COUNTS_ELSEWHERE;
	uint64_t younger = 0, older = 0;
	for (size_t together = 0; together < SAMPLES / SAMPLES_TOGETHER; together++) {
		if (!atomic_load_explicit(&samples.are_there[together], memory_order_relaxed))
			continue;
		for (size_t i = 0; i < SAMPLES_TOGETHER; i++) {
			uint64_t other = atomic_load_explicit(&samples.born[together * SAMPLES_TOGETHER + i],
							      memory_order_relaxed);
			bool is_threads = other >> 32 == thread;
			younger |= is_threads & (other > born);
			older |= is_threads & (other < born);
		}
	}
	return younger && older ? COUNTS_BETWEEN : younger ? COUNTS_QUEUE : older ? COUNTS_STACK : COUNTS_ALONE;
}

/* Its place is the next one's. */
static void give_back(uint32_t number) {
	atomic_store_explicit(&samples.is_there[number], 0, memory_order_relaxed);
	atomic_store_explicit(&samples.born[number], 0, memory_order_relaxed);
	atomic_store_explicit(&samples.addresses[number], 0, memory_order_release);
}

void sample_end(struct thread *here, const void *block, uint32_t number) {
	uint64_t expected = (uintptr_t)block;
	if (atomic_load_explicit(&samples.addresses[number], memory_order_acquire) != expected ||
	    !atomic_compare_exchange_strong(&samples.addresses[number], &expected, 1))
		return;
	struct counts_slot *slot = slot_here(here);
	uint64_t lived = now_ns() - samples.start_ns[number];
	uint32_t class = lived ? 64 - (uint32_t)__builtin_clzll(lived) : 0;
	slot->sums.lifetimes[class < COUNTS_LIFETIMES ? class : COUNTS_LIFETIMES - 1]++;
	slot->sums.orders[order_of(atomic_load_explicit(&samples.born[number], memory_order_relaxed), slot)]++;
	give_back(number);
}

/* Those of a process before its fork. */
static void samples_forget(void) {
	for (uint32_t i = 0; i < SAMPLES; i++)
		if (atomic_load_explicit(&samples.addresses[i], memory_order_relaxed))
			give_back(i);
}

/* ---- begin and fork ---------------------------------------------------------------------------------------------- */

static void begin_child(void) {
	if (!*folder)
		return;
	int error = errno;
	int created = create(), file = make_whole(created);
	struct counts_file *parents = counts;
	counts = file < 0 ? NULL : map(file, parents);
	if (created < 0 && parents)
		atomic_fetch_add(&parents->header.lost, 1);
	if (!counts && parents)
		mmap(parents, sizeof(*parents), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	thread_here.slot = NULL;
	thread_here.small = 0;
	samples_forget();
	mapped_forget();
	errno = error;
}

void slots_start(char *const *environment) {
	int error = errno;
	const char *told = getauxval(AT_SECURE) ? NULL : setting_variable(environment, COUNTS_FOLDER_VARIABLE);
	const char *found = told ? told : "";
	size_t length = 0;
	while (found[length])
		length++;
	if (*found == '/' && length < FOLDER_BYTES)
		add_text(folder, folder + FOLDER_BYTES - 1, found);
	int file = *folder ? make_whole(create()) : -1;
	if (file >= 0 && (counts = map(file, NULL)) != NULL) {
		/* A key beyond would allocate in each thread that sets it. */
		has_key = pthread_key_create(&at_thread_exit, leave) == 0 && at_thread_exit < KEYS_WITHOUT_HEAP;
		pthread_atfork(NULL, NULL, begin_child);
	}
	has_begun = true;
	errno = error;
}
