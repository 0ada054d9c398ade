/* SPDX-License-Identifier: Apache-2.0 */
#include "preload/early.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>

bool early_look_up(void (*look_up)(void)) {
	static _Atomic int state; /* 0: not yet, 1: now, 2: done */
	int found = 0;
	if (!atomic_compare_exchange_strong(&state, &found, 1))
		return found == 2;
	int error = errno;
	look_up();
	errno = error;
	atomic_store(&state, 2);
	return true;
}

void *early_move(void *to, const void *from, size_t length) {
	unsigned char *into = to;
	const unsigned char *out_of = from;
	if (into <= out_of)
		for (size_t i = 0; i < length; i++)
			into[i] = out_of[i];
	else
		while (length--)
			into[length] = out_of[length];
	return to;
}

void *early_set(void *to, int byte, size_t length) {
	for (size_t i = 0; i < length; i++)
		((unsigned char *)to)[i] = (unsigned char)byte;
	return to;
}

int early_compare(const void *a, const void *b, size_t length, bool ends) {
	const unsigned char *left = a, *right = b;
	for (size_t i = 0; i < length; i++)
		if (left[i] != right[i] || (ends && !left[i]))
			return left[i] - right[i];
	return 0;
}

void *early_find(const void *in, int byte, size_t length) {
	const unsigned char *bytes = in;
	for (size_t i = 0; i < length; i++)
		if (bytes[i] == (unsigned char)byte)
			return (void *)(uintptr_t)(bytes + i);
	return NULL;
}

/* ---- blocks ------------------------------------------------------------------------------------------------------ */

_Alignas(EARLY_ALIGNMENT) unsigned char early_arena[EARLY_BYTES];
static _Atomic size_t used;

/* Each with its size before it. */
void *early_allocate(size_t size) {
	size_t whole = EARLY_ALIGNMENT + (size + EARLY_ALIGNMENT - 1) / EARLY_ALIGNMENT * EARLY_ALIGNMENT;
	size_t at = size > EARLY_BYTES ? EARLY_BYTES : atomic_fetch_add(&used, whole);
	if (at >= EARLY_BYTES || whole > EARLY_BYTES - at) {
		errno = ENOMEM;
		return NULL;
	}
	*(size_t *)(void *)(early_arena + at) = size;
	return early_arena + at + EARLY_ALIGNMENT;
}

size_t early_size(const void *block) {
	return *(const size_t *)(const void *)((const unsigned char *)block - EARLY_ALIGNMENT);
}
