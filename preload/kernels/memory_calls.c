/* SPDX-License-Identifier: Apache-2.0
 *
 * memcpy and its like of a program, served by the kernels of simd/ as its profile has them by size.
 *
 * A program that overlaps what it copies has always come through, in glibc and on this CPU or another, so that memcpy
 * is served as memmove, but where the areas lie apart and stores past the caches pay. memchr reads no page behind the
 * byte that it finds. What memcmp answers says less, equal or greater, and no distance.
 *
 * Until the kernels are chosen, which our constructor does, and where they are off, calls go to the C library's, and
 * before these are known to preload/early.h.
 */
#include "preload/early.h"
#include "preload/kernels/choice.h"
#include "preload/setting.h"
#include "simd/simd.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <strings.h>
#include <sys/auxv.h>

_Noreturn void __chk_fail(void);
void *__memcpy_chk(void *to, const void *from, size_t length, size_t room);
void *__mempcpy_chk(void *to, const void *from, size_t length, size_t room);
void *__memmove_chk(void *to, const void *from, size_t length, size_t room);
void *__memset_chk(void *to, int byte, size_t length, size_t room);

/* Chosen once, which calls us itself: who does not see `served` does not look at them. */
static struct simd_kernels kernels;
static _Atomic bool served;

/* The next library's; all NULL, or all there. */
static struct {
	__typeof__(memmove) *move;
	__typeof__(memset) *set;
	__typeof__(memcmp) *compare;
	__typeof__(memchr) *find;
} real;

static bool is_served(void) {
	return __builtin_expect(atomic_load_explicit(&served, memory_order_acquire), 1);
}

static void hand_on(void) {
	int error = errno;
	__typeof__(memmove) *move = (__typeof__(memmove) *)dlsym(RTLD_NEXT, "memmove");
	__typeof__(memset) *set = (__typeof__(memset) *)dlsym(RTLD_NEXT, "memset");
	__typeof__(memcmp) *compare = (__typeof__(memcmp) *)dlsym(RTLD_NEXT, "memcmp");
	__typeof__(memchr) *find = (__typeof__(memchr) *)dlsym(RTLD_NEXT, "memchr");
	real.move = move;
	real.set = set;
	real.compare = compare;
	real.find = find;
	errno = error;
}

__attribute__((constructor)) static void start(int count, char **words, char **environment) {
	(void)count;
	(void)words;
	static struct choice choice;
	const char *setting = setting_apply(environment, getauxval(AT_SECURE) != 0);
	if (!setting) {
		hand_on();
		return;
	}
	choice_read(setting, &choice);
	simd_select(simd_features_detect(), &choice.profile, &kernels);
	atomic_store_explicit(&served, true, memory_order_release);
}

/* ---- not served -------------------------------------------------------------------------------------------------- */

static __attribute__((noinline, cold)) void *other_move(void *to, const void *from, size_t length) {
	return real.move ? real.move(to, from, length) : early_move(to, from, length);
}

static __attribute__((noinline, cold)) void *other_set(void *to, int byte, size_t length) {
	return real.set ? real.set(to, byte, length) : early_set(to, byte, length);
}

static __attribute__((noinline, cold)) int other_compare(const void *a, const void *b, size_t length) {
	return real.compare ? real.compare(a, b, length) : early_compare(a, b, length, false);
}

static __attribute__((noinline, cold)) void *other_find(const void *in, int byte, size_t length) {
	return real.find ? real.find(in, byte, length) : early_find(in, byte, length);
}

/* ---- copies ------------------------------------------------------------------------------------------------------ */

static inline void *move(void *to, const void *from, size_t length) {
	if (!is_served())
		return other_move(to, from, length);
	simd_move(&kernels, to, from, length);
	return to;
}

static inline bool lie_apart(const void *to, const void *from, size_t length) {
	uintptr_t past = (uintptr_t)to - (uintptr_t)from;
	return past >= length && -past >= length;
}

static inline void *copy(void *to, const void *from, size_t length) {
	if (!is_served())
		return other_move(to, from, length);
	if (UNLIKELY(length >= kernels.copy_stream_bytes) && lie_apart(to, from, length))
		simd_copy(&kernels, to, from, length);
	else
		simd_move(&kernels, to, from, length);
	return to;
}

static inline void check(size_t length, size_t room) {
	if (UNLIKELY(length > room))
		__chk_fail();
}

EXPORTED void *memcpy(void *restrict to, const void *restrict from, size_t length) {
	return copy(to, from, length);
}

EXPORTED void *__memcpy_chk(void *to, const void *from, size_t length, size_t room) {
	check(length, room);
	return copy(to, from, length);
}

EXPORTED void *mempcpy(void *restrict to, const void *restrict from, size_t length) {
	return (char *)copy(to, from, length) + length;
}

EXPORTED void *__mempcpy_chk(void *to, const void *from, size_t length, size_t room) {
	check(length, room);
	return (char *)copy(to, from, length) + length;
}

EXPORTED void *memmove(void *to, const void *from, size_t length) {
	return move(to, from, length);
}

EXPORTED void *__memmove_chk(void *to, const void *from, size_t length, size_t room) {
	check(length, room);
	return move(to, from, length);
}

/* ---- fills and scans --------------------------------------------------------------------------------------------- */

static inline void *set(void *to, int byte, size_t length) {
	if (!is_served())
		return other_set(to, byte, length);
	if ((unsigned char)byte == 0)
		simd_zero(&kernels, to, length);
	else
		simd_fill(&kernels, to, (unsigned char)byte, length);
	return to;
}

EXPORTED void *memset(void *to, int byte, size_t length) {
	return set(to, byte, length);
}

EXPORTED void *__memset_chk(void *to, int byte, size_t length, size_t room) {
	check(length, room);
	return set(to, byte, length);
}

static inline int compare(const void *a, const void *b, size_t length) {
	return is_served() ? simd_compare(&kernels, a, b, length) : other_compare(a, b, length);
}

EXPORTED int memcmp(const void *a, const void *b, size_t length) {
	return compare(a, b, length);
}

EXPORTED int bcmp(const void *a, const void *b, size_t length) {
	return compare(a, b, length);
}

EXPORTED void *memchr(const void *in, int byte, size_t length) {
	if (!is_served())
		return other_find(in, byte, length);
	size_t at = simd_find_byte_unbounded(&kernels, in, (unsigned char)byte, length);
	return at < length ? (void *)((uintptr_t)in + at) : NULL;
}
