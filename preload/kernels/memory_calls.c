/* SPDX-License-Identifier: Apache-2.0
 *
 * memcpy and its like of a program, served by the kernels of simd/ as its profile has them by size.
 *
 * A program that overlaps what it copies has always come through, in glibc and on this CPU or another, so that memcpy
 * is served as memmove, but where the areas lie apart and stores past the caches pay. memchr reads no page behind the
 * byte that it finds. What memcmp answers says less, equal or greater, and no distance.
 *
 * Sizes at which the C library's are the quicker ones, as most short ones, go on to these by a jump. So does
 * everything until the kernels are chosen, which our constructor does, and where they are off; and before the C
 * library's are known, to preload/early.h.
 */
#include "preload/early.h"
#include "preload/kernels/choice.h"
#include "preload/setting.h"
#include "simd/simd.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <string.h>
#include <strings.h>
#include <sys/auxv.h>

void *__memcpy_chk(void *to, const void *from, size_t length, size_t room);
void *__mempcpy_chk(void *to, const void *from, size_t length, size_t room);
void *__memmove_chk(void *to, const void *from, size_t length, size_t room);
void *__memset_chk(void *to, int byte, size_t length, size_t room);

/* Chosen once. That calls us itself, which nothing is served before. */
static struct simd_kernels kernels;

/* The sizes that are served. */
static struct choice_sizes copies, fills, zeros, compares, finds;

static bool is_served(struct choice_sizes sizes, size_t length) {
	return UNLIKELY(length - sizes.from < sizes.span);
}

/* The next library's. */
static struct {
	__typeof__(memmove) *move;
	__typeof__(memset) *set;
	__typeof__(memcmp) *compare;
	__typeof__(memchr) *find;
} real;

static void look_up(void) {
	real.move = (__typeof__(memmove) *)dlsym(RTLD_NEXT, "memmove");
	real.set = (__typeof__(memset) *)dlsym(RTLD_NEXT, "memset");
	real.compare = (__typeof__(memcmp) *)dlsym(RTLD_NEXT, "memcmp");
	real.find = (__typeof__(memchr) *)dlsym(RTLD_NEXT, "memchr");
}

__attribute__((constructor)) static void start(int count, char **words, char **environment) {
	(void)count;
	(void)words;
	static struct choice choice;
	const char *setting = setting_apply(environment, getauxval(AT_SECURE) != 0);
	(void)early_look_up(look_up);
	if (!setting)
		return;
	choice_read(setting, &choice);
	simd_select(simd_features_detect(), &choice.profile, &kernels);
	atomic_thread_fence(memory_order_release);
	copies = choice.sizes[SIMD_OPERATION_COPY];
	fills = choice.sizes[SIMD_OPERATION_FILL];
	zeros = choice.sizes[SIMD_OPERATION_ZERO];
	compares = choice.sizes[SIMD_OPERATION_COMPARE];
	finds = choice.sizes[SIMD_OPERATION_FIND_BYTE];
}

/* ---- copies ------------------------------------------------------------------------------------------------------ */

static __attribute__((noinline)) void *move_served(void *to, const void *from, size_t length) {
	simd_move(&kernels, to, from, length);
	return to;
}

static inline bool lie_apart(const void *to, const void *from, size_t length) {
	uintptr_t past = (uintptr_t)to - (uintptr_t)from;
	return past >= length && -past >= length;
}

static __attribute__((noinline)) void *copy_served(void *to, const void *from, size_t length) {
	if (length < kernels.copy_stream_bytes || !lie_apart(to, from, length))
		return move_served(to, from, length);
	simd_copy(&kernels, to, from, length);
	return to;
}

static inline void *other_move(void *to, const void *from, size_t length) {
	return LIKELY(real.move) ? real.move(to, from, length) : early_move(to, from, length);
}

static inline void *move(void *to, const void *from, size_t length) {
	return is_served(copies, length) ? move_served(to, from, length) : other_move(to, from, length);
}

static inline void *copy(void *to, const void *from, size_t length) {
	return is_served(copies, length) ? copy_served(to, from, length) : other_move(to, from, length);
}

EXPORTED void *memcpy(void *restrict to, const void *restrict from, size_t length) {
	return copy(to, from, length);
}

EXPORTED void *__memcpy_chk(void *to, const void *from, size_t length, size_t room) {
	early_check(length, room);
	return copy(to, from, length);
}

EXPORTED void *mempcpy(void *restrict to, const void *restrict from, size_t length) {
	return (char *)copy(to, from, length) + length;
}

EXPORTED void *__mempcpy_chk(void *to, const void *from, size_t length, size_t room) {
	early_check(length, room);
	return (char *)copy(to, from, length) + length;
}

EXPORTED void *memmove(void *to, const void *from, size_t length) {
	return move(to, from, length);
}

EXPORTED void *__memmove_chk(void *to, const void *from, size_t length, size_t room) {
	early_check(length, room);
	return move(to, from, length);
}

/* ---- fills and scans --------------------------------------------------------------------------------------------- */

static __attribute__((noinline)) void *zero_served(void *to, size_t length) {
	simd_zero(&kernels, to, length);
	return to;
}

static __attribute__((noinline)) void *fill_served(void *to, int byte, size_t length) {
	simd_fill(&kernels, to, (unsigned char)byte, length);
	return to;
}

static inline void *set(void *to, int byte, size_t length) {
	if (is_served(zeros, length) && (unsigned char)byte == 0)
		return zero_served(to, length);
	if (is_served(fills, length) && (unsigned char)byte != 0)
		return fill_served(to, byte, length);
	return LIKELY(real.set) ? real.set(to, byte, length) : early_set(to, byte, length);
}

EXPORTED void *memset(void *to, int byte, size_t length) {
	return set(to, byte, length);
}

EXPORTED void *__memset_chk(void *to, int byte, size_t length, size_t room) {
	early_check(length, room);
	return set(to, byte, length);
}

static inline int compare(const void *a, const void *b, size_t length) {
	if (is_served(compares, length))
		return simd_compare(&kernels, a, b, length);
	return LIKELY(real.compare) ? real.compare(a, b, length) : early_compare(a, b, length, false);
}

EXPORTED int memcmp(const void *a, const void *b, size_t length) {
	return compare(a, b, length);
}

EXPORTED int bcmp(const void *a, const void *b, size_t length) {
	return compare(a, b, length);
}

static __attribute__((noinline)) void *find_served(const void *in, int byte, size_t length) {
	size_t at = simd_find_byte_unbounded(&kernels, in, (unsigned char)byte, length);
	return at < length ? (void *)((uintptr_t)in + at) : NULL;
}

EXPORTED void *memchr(const void *in, int byte, size_t length) {
	if (is_served(finds, length))
		return find_served(in, byte, length);
	return LIKELY(real.find) ? real.find(in, byte, length) : early_find(in, byte, length);
}
