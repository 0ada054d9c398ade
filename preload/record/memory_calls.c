/* SPDX-License-Identifier: Apache-2.0
 *
 * mem* and str* of a program, counted by size and alignment and handed on, but for copies, fills and comparisons of a
 * few bytes, which are answered here (preload/record/few.h). A string's length is taken from the result of the call
 * (strcpy is handed on as stpcpy, strchr as strchrnul); where no result tells it, the call is `unsized`.
 */
#include "preload/record/few.h"
#include "preload/record/inside.h"

#include <strings.h>

static inline unsigned alignment_of(const void *first, const void *second) {
	return (((uintptr_t)first & 15) != 0) | (unsigned)(((uintptr_t)second & 15) != 0) << 1;
}

static inline void count_small(struct counts_slot *slot, enum counts_call call, size_t bytes, unsigned alignment) {
	slot->small.calls[call][bytes][alignment]++;
}

static inline void count_in_place(struct counts_slot *slot, enum counts_call call, size_t bytes, const void *first,
				  const void *second) {
	struct call_before *before = &thread_here.before[call];
	if (before->first == first && before->second == second)
		slot->sums.in_place[call][before->bytes == bytes ? COUNTS_SAME : COUNTS_RESIZED]++;
	*before = (struct call_before){first, second, bytes};
}

/* Of any size, by a thread that may have no slot yet: what few calls are, so that as little as can be is left of the
 * others. */
static __attribute__((noinline)) struct counts_slot *count_rest(enum counts_call call, size_t bytes, const void *first,
								const void *second) {
	struct counts_slot *slot = slot_here(&thread_here);
	if (bytes < COUNTS_SMALL_CALL) {
		count_small(slot, call, bytes, alignment_of(first, second));
	} else {
		slot->sums.calls[call][counts_class(bytes)][alignment_of(first, second)]++;
		slot->sums.bytes[call] += bytes;
		count_in_place(slot, call, bytes, first, second);
	}
	return slot;
}

/* Counts what most calls are, of few bytes. false: it is none of these, or there is no slot yet. */
static inline bool is_counted(enum counts_call call, size_t bytes, const void *first, const void *second) {
	struct counts_slot *slot = slot_of_small(bytes);
	if (!slot)
		return false;
	count_small(slot, call, bytes, alignment_of(first, second));
	return true;
}

/* Of calls whose result told the size. */
static inline void count(enum counts_call call, size_t bytes, const void *first, const void *second) {
	if (!is_counted(call, bytes, first, second))
		count_rest(call, bytes, first, second);
}

static inline void count_unsized(enum counts_call call) {
	slot_here(&thread_here)->sums.unsized[call]++;
}

static inline size_t distance(const void *from, const void *to) {
	return (size_t)((uintptr_t)to - (uintptr_t)from);
}

/* ---- before the C library's are known ---------------------------------------------------------------------------- */

static size_t early_length(const char *string, size_t most) {
	size_t length = 0;
	while (length < most && string[length])
		length++;
	return length;
}

/* ---- mem* -------------------------------------------------------------------------------------------------------- */

/* Most calls are of few bytes, and are answered or leave for the C library's at once: nothing has to be kept meanwhile,
 * and nothing is asked but whether they are. All else, what comes before the C library's are known as well, is the
 * _rest of each. */

static void *copy_rest(enum counts_call call, void *(*how)(void *, const void *, size_t), void *to, const void *from,
		       size_t length) {
	struct counts_slot *slot = count_rest(call, length, to, from);
	call_begins(slot, 1 + (uint32_t)call);
	void *result = how(to, from, length);
	call_ends(slot);
	return result;
}

static __attribute__((noinline)) void *memcpy_rest(void *to, const void *from, size_t length) {
	return real.memcpy ? copy_rest(COUNTS_memcpy, real.memcpy, to, from, length) : early_move(to, from, length);
}

/* Nothing is said of areas that lie apart: programs whose own do not have always come through. */
EXPORTED void *memcpy(void *to, const void *from, size_t length) {
	if (!is_counted(COUNTS_memcpy, length, to, from))
		return memcpy_rest(to, from, length);
	if (length > FEW_BYTES)
		return real.memcpy(to, from, length);
	few_move(to, from, length);
	return to;
}

EXPORTED void *__memcpy_chk(void *to, const void *from, size_t length, size_t room) {
	early_check(length, room);
	return memcpy(to, from, length);
}

static __attribute__((noinline)) void *mempcpy_rest(void *to, const void *from, size_t length) {
	return real.memcpy ? copy_rest(COUNTS_memcpy, real.mempcpy, to, from, length)
			   : (char *)early_move(to, from, length) + length;
}

EXPORTED void *mempcpy(void *to, const void *from, size_t length) {
	if (!is_counted(COUNTS_memcpy, length, to, from))
		return mempcpy_rest(to, from, length);
	if (length > FEW_BYTES)
		return real.mempcpy(to, from, length);
	few_move(to, from, length);
	return (char *)to + length;
}

EXPORTED void *__mempcpy_chk(void *to, const void *from, size_t length, size_t room) {
	early_check(length, room);
	return mempcpy(to, from, length);
}

static __attribute__((noinline)) void *memmove_rest(void *to, const void *from, size_t length) {
	return real.memcpy ? copy_rest(COUNTS_memmove, real.memmove, to, from, length) : early_move(to, from, length);
}

EXPORTED void *memmove(void *to, const void *from, size_t length) {
	if (!is_counted(COUNTS_memmove, length, to, from))
		return memmove_rest(to, from, length);
	if (length > FEW_BYTES)
		return real.memmove(to, from, length);
	few_move(to, from, length);
	return to;
}

EXPORTED void *__memmove_chk(void *to, const void *from, size_t length, size_t room) {
	early_check(length, room);
	return memmove(to, from, length);
}

static __attribute__((noinline)) void *memset_rest(void *to, int byte, size_t length) {
	if (!real.memcpy)
		return early_set(to, byte, length);
	struct counts_slot *slot = count_rest(COUNTS_memset, length, to, NULL);
	call_begins(slot, 1 + COUNTS_memset);
	void *result = real.memset(to, byte, length);
	call_ends(slot);
	return result;
}

EXPORTED void *memset(void *to, int byte, size_t length) {
	if (!is_counted(COUNTS_memset, length, to, NULL))
		return memset_rest(to, byte, length);
	if (length > FEW_BYTES)
		return real.memset(to, byte, length);
	few_set(to, byte, length);
	return to;
}

EXPORTED void *__memset_chk(void *to, int byte, size_t length, size_t room) {
	early_check(length, room);
	return memset(to, byte, length);
}

static __attribute__((noinline)) int memcmp_rest(const void *a, const void *b, size_t length) {
	if (!real.memcpy)
		return early_compare(a, b, length, false);
	struct counts_slot *slot = count_rest(COUNTS_memcmp, length, a, b);
	call_begins(slot, 1 + COUNTS_memcmp);
	int result = real.memcmp(a, b, length);
	call_ends(slot);
	return result;
}

EXPORTED int memcmp(const void *a, const void *b, size_t length) {
	if (!is_counted(COUNTS_memcmp, length, a, b))
		return memcmp_rest(a, b, length);
	return length > FEW_BYTES ? real.memcmp(a, b, length) : few_compare(a, b, length);
}

EXPORTED int bcmp(const void *a, const void *b, size_t length) {
	return memcmp(a, b, length);
}

static __attribute__((noinline)) void *find_seen(const void *in, int byte, size_t length) {
	struct counts_slot *slot = slot_here(&thread_here);
	call_begins(slot, 1 + COUNTS_memchr);
	void *found = real.memchr(in, byte, length);
	call_ends(slot);
	return found;
}

/* What is looked for may be found at once, whatever the length: the call is seen all the same. */
EXPORTED void *memchr(const void *in, int byte, size_t length) {
	if (UNLIKELY(!real.memcpy))
		return early_find(in, byte, length);
	void *found = length < COUNTS_SEEN_BYTES ? real.memchr(in, byte, length) : find_seen(in, byte, length);
	count(COUNTS_memchr, found ? distance(in, found) + 1 : length, in, NULL);
	return found;
}

EXPORTED void *memrchr(const void *in, int byte, size_t length) {
	const unsigned char *bytes = in;
	if (UNLIKELY(!real.memcpy)) {
		while (length--)
			if (bytes[length] == (unsigned char)byte)
				return (void *)(uintptr_t)(bytes + length);
		return NULL;
	}
	void *found = real.memrchr(in, byte, length);
	count(COUNTS_memrchr, found ? length - distance(in, found) : length, in, NULL);
	return found;
}

/* ---- str* -------------------------------------------------------------------------------------------------------- */

EXPORTED size_t strlen(const char *string) {
	if (UNLIKELY(!real.memcpy))
		return early_length(string, SIZE_MAX);
	size_t length = real.strlen(string);
	count(COUNTS_strlen, length, string, NULL);
	return length;
}

EXPORTED size_t strnlen(const char *string, size_t most) {
	if (UNLIKELY(!real.memcpy))
		return early_length(string, most);
	size_t length = real.strnlen(string, most);
	count(COUNTS_strnlen, length, string, NULL);
	return length;
}

EXPORTED char *stpcpy(char *restrict to, const char *restrict from) {
	if (UNLIKELY(!real.memcpy)) {
		size_t length = early_length(from, SIZE_MAX);
		early_move(to, from, length + 1);
		return to + length;
	}
	char *end = real.stpcpy(to, from);
	count(COUNTS_strcpy, distance(to, end), to, from);
	return end;
}

EXPORTED char *strcpy(char *restrict to, const char *restrict from) {
	stpcpy(to, from);
	return to;
}

EXPORTED char *__stpcpy_chk(char *to, const char *from, size_t room) {
	if (UNLIKELY(!real.memcpy))
		return stpcpy(to, from);
	char *end = real.__stpcpy_chk(to, from, room);
	count(COUNTS_strcpy, distance(to, end), to, from);
	return end;
}

EXPORTED char *__strcpy_chk(char *to, const char *from, size_t room) {
	__stpcpy_chk(to, from, room);
	return to;
}

EXPORTED int strcmp(const char *a, const char *b) {
	if (UNLIKELY(!real.memcpy))
		return early_compare(a, b, SIZE_MAX, true);
	count_unsized(COUNTS_strcmp);
	return real.strcmp(a, b);
}

EXPORTED int strncmp(const char *a, const char *b, size_t most) {
	if (UNLIKELY(!real.memcpy))
		return early_compare(a, b, most, true);
	count_unsized(COUNTS_strncmp);
	return real.strncmp(a, b, most);
}

EXPORTED char *strchrnul(const char *string, int byte) {
	if (UNLIKELY(!real.memcpy)) {
		while (*string && *string != (char)byte)
			string++;
		return (char *)(uintptr_t)string;
	}
	char *found = real.strchrnul(string, byte);
	count(COUNTS_strchr, distance(string, found), string, NULL);
	return found;
}

EXPORTED char *strchr(const char *string, int byte) {
	char *found = strchrnul(string, byte);
	return *found == (char)byte ? found : NULL;
}

EXPORTED char *strrchr(const char *string, int byte) {
	if (UNLIKELY(!real.memcpy)) {
		const char *last = NULL;
		do
			if (*string == (char)byte)
				last = string;
		while (*string++);
		return (char *)(uintptr_t)last;
	}
	count_unsized(COUNTS_strrchr);
	return real.strrchr(string, byte);
}
