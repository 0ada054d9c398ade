/* SPDX-License-Identifier: Apache-2.0
 *
 * mem* and str* of a program, counted by size and alignment and handed on. A string's length is taken from the result
 * of the call (strcpy is handed on as stpcpy, strchr as strchrnul); where no result tells it, the call is `unsized`.
 */
#include "preload/record/inside.h"

#include <strings.h>

static inline struct counts_slot *begin(enum counts_call call) {
	struct counts_slot *slot = slot_here(&thread_here);
	call_begins(slot, 1 + (uint32_t)call);
	return slot;
}

static inline void add(struct counts_slot *slot, enum counts_call call, size_t bytes, const void *first,
		       const void *second) {
	unsigned alignment = (((uintptr_t)first & 15) != 0) | (unsigned)(((uintptr_t)second & 15) != 0) << 1;
	slot->sums.calls[call][counts_class(bytes)][alignment]++;
	slot->sums.bytes[call] += bytes;
}

/* A call whose size is known beforehand, and that begins now. */
static inline struct counts_slot *count(enum counts_call call, size_t bytes, const void *first, const void *second) {
	struct counts_slot *slot = slot_here(&thread_here);
	add(slot, call, bytes, first, second);
	call_begins(slot, 1 + (uint32_t)call);
	return slot;
}

static inline void *ends(struct counts_slot *slot, void *result) {
	call_ends(slot);
	return result;
}

static inline int ends_with(struct counts_slot *slot, int result) {
	call_ends(slot);
	return result;
}

/* A call whose size its result tells. */
static inline void ends_of_size(struct counts_slot *slot, enum counts_call call, size_t bytes, const void *first,
				const void *second) {
	call_ends(slot);
	add(slot, call, bytes, first, second);
}

static inline struct counts_slot *count_unsized(enum counts_call call) {
	struct counts_slot *slot = begin(call);
	slot->sums.unsized[call]++;
	return slot;
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

EXPORTED void *memcpy(void *restrict to, const void *restrict from, size_t length) {
	if (UNLIKELY(!real.memcpy))
		return early_move(to, from, length);
	struct counts_slot *slot = count(COUNTS_memcpy, length, to, from);
	return ends(slot, real.memcpy(to, from, length));
}

EXPORTED void *__memcpy_chk(void *to, const void *from, size_t length, size_t room) {
	if (UNLIKELY(!real.memcpy))
		return length > room ? abort(), to : early_move(to, from, length);
	struct counts_slot *slot = count(COUNTS_memcpy, length, to, from);
	return ends(slot, real.__memcpy_chk(to, from, length, room));
}

EXPORTED void *mempcpy(void *restrict to, const void *restrict from, size_t length) {
	if (UNLIKELY(!real.memcpy))
		return (char *)early_move(to, from, length) + length;
	struct counts_slot *slot = count(COUNTS_memcpy, length, to, from);
	return ends(slot, real.mempcpy(to, from, length));
}

EXPORTED void *__mempcpy_chk(void *to, const void *from, size_t length, size_t room) {
	if (UNLIKELY(!real.memcpy))
		return length > room ? abort(), to : (char *)early_move(to, from, length) + length;
	struct counts_slot *slot = count(COUNTS_memcpy, length, to, from);
	return ends(slot, real.__mempcpy_chk(to, from, length, room));
}

EXPORTED void *memmove(void *to, const void *from, size_t length) {
	if (UNLIKELY(!real.memcpy))
		return early_move(to, from, length);
	struct counts_slot *slot = count(COUNTS_memmove, length, to, from);
	return ends(slot, real.memmove(to, from, length));
}

EXPORTED void *__memmove_chk(void *to, const void *from, size_t length, size_t room) {
	if (UNLIKELY(!real.memcpy))
		return length > room ? abort(), to : early_move(to, from, length);
	struct counts_slot *slot = count(COUNTS_memmove, length, to, from);
	return ends(slot, real.__memmove_chk(to, from, length, room));
}

EXPORTED void *memset(void *to, int byte, size_t length) {
	if (UNLIKELY(!real.memcpy))
		return early_set(to, byte, length);
	struct counts_slot *slot = count(COUNTS_memset, length, to, NULL);
	return ends(slot, real.memset(to, byte, length));
}

EXPORTED void *__memset_chk(void *to, int byte, size_t length, size_t room) {
	if (UNLIKELY(!real.memcpy))
		return length > room ? abort(), to : early_set(to, byte, length);
	struct counts_slot *slot = count(COUNTS_memset, length, to, NULL);
	return ends(slot, real.__memset_chk(to, byte, length, room));
}

EXPORTED int memcmp(const void *a, const void *b, size_t length) {
	if (UNLIKELY(!real.memcpy))
		return early_compare(a, b, length, false);
	struct counts_slot *slot = count(COUNTS_memcmp, length, a, b);
	return ends_with(slot, real.memcmp(a, b, length));
}

EXPORTED int bcmp(const void *a, const void *b, size_t length) {
	if (UNLIKELY(!real.memcpy))
		return early_compare(a, b, length, false);
	struct counts_slot *slot = count(COUNTS_memcmp, length, a, b);
	return ends_with(slot, real.memcmp(a, b, length));
}

EXPORTED void *memchr(const void *in, int byte, size_t length) {
	if (UNLIKELY(!real.memcpy))
		return early_find(in, byte, length);
	struct counts_slot *slot = begin(COUNTS_memchr);
	void *found = real.memchr(in, byte, length);
	ends_of_size(slot, COUNTS_memchr, found ? distance(in, found) + 1 : length, in, NULL);
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
	struct counts_slot *slot = begin(COUNTS_memrchr);
	void *found = real.memrchr(in, byte, length);
	ends_of_size(slot, COUNTS_memrchr, found ? length - distance(in, found) : length, in, NULL);
	return found;
}

/* ---- str* -------------------------------------------------------------------------------------------------------- */

EXPORTED size_t strlen(const char *string) {
	if (UNLIKELY(!real.memcpy))
		return early_length(string, SIZE_MAX);
	struct counts_slot *slot = begin(COUNTS_strlen);
	size_t length = real.strlen(string);
	ends_of_size(slot, COUNTS_strlen, length, string, NULL);
	return length;
}

EXPORTED size_t strnlen(const char *string, size_t most) {
	if (UNLIKELY(!real.memcpy))
		return early_length(string, most);
	struct counts_slot *slot = begin(COUNTS_strnlen);
	size_t length = real.strnlen(string, most);
	ends_of_size(slot, COUNTS_strnlen, length, string, NULL);
	return length;
}

EXPORTED char *stpcpy(char *restrict to, const char *restrict from) {
	if (UNLIKELY(!real.memcpy)) {
		size_t length = early_length(from, SIZE_MAX);
		early_move(to, from, length + 1);
		return to + length;
	}
	struct counts_slot *slot = begin(COUNTS_strcpy);
	char *end = real.stpcpy(to, from);
	ends_of_size(slot, COUNTS_strcpy, distance(to, end), to, from);
	return end;
}

EXPORTED char *strcpy(char *restrict to, const char *restrict from) {
	stpcpy(to, from);
	return to;
}

EXPORTED char *__stpcpy_chk(char *to, const char *from, size_t room) {
	if (UNLIKELY(!real.memcpy))
		return stpcpy(to, from);
	struct counts_slot *slot = begin(COUNTS_strcpy);
	char *end = real.__stpcpy_chk(to, from, room);
	ends_of_size(slot, COUNTS_strcpy, distance(to, end), to, from);
	return end;
}

EXPORTED char *__strcpy_chk(char *to, const char *from, size_t room) {
	__stpcpy_chk(to, from, room);
	return to;
}

EXPORTED int strcmp(const char *a, const char *b) {
	if (UNLIKELY(!real.memcpy))
		return early_compare(a, b, SIZE_MAX, true);
	struct counts_slot *slot = count_unsized(COUNTS_strcmp);
	return ends_with(slot, real.strcmp(a, b));
}

EXPORTED int strncmp(const char *a, const char *b, size_t most) {
	if (UNLIKELY(!real.memcpy))
		return early_compare(a, b, most, true);
	struct counts_slot *slot = count_unsized(COUNTS_strncmp);
	return ends_with(slot, real.strncmp(a, b, most));
}

EXPORTED char *strchrnul(const char *string, int byte) {
	if (UNLIKELY(!real.memcpy)) {
		while (*string && *string != (char)byte)
			string++;
		return (char *)(uintptr_t)string;
	}
	struct counts_slot *slot = begin(COUNTS_strchr);
	char *found = real.strchrnul(string, byte);
	ends_of_size(slot, COUNTS_strchr, distance(string, found), string, NULL);
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
	struct counts_slot *slot = count_unsized(COUNTS_strrchr);
	return ends(slot, real.strrchr(string, byte));
}
