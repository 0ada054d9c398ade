/* SPDX-License-Identifier: Apache-2.0
 *
 * What a snippet's loop is made of on an architecture; bench/<arch>/snippet.c and snippet_enter.S.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { SNIPPET_END_BYTES_MOST = 32, SNIPPET_ADD_BYTES_MOST = 4 };

/* An addition of two registers that waits for the one before. Of registers: some cores do one of a constant while they
 * rename. */
extern const uint8_t snippet_add[SNIPPET_ADD_BYTES_MOST];
extern const size_t snippet_add_bytes;

/* Fills what nobody reaches but by passing through it. */
void snippet_write_nothing(uint8_t *at, const uint8_t *end);

/* The end of a loop: counts, goes back to `begin`, and, after the last turn, leaves for snippet_leave. The bytes that
 * were written, SNIPPET_END_BYTES_MOST at the most. `at` is where it will run. */
size_t snippet_write_end(uint8_t *at, const uint8_t *begin);

/* Bytes that were written at this address can be executed from now on. */
void snippet_publish_code(void *code, size_t bytes);

/* Runs a loop `turns` times, at least once, with registers as snippet.h says, and gives the caller its own back.
 * `memory` are the areas of places.h. Not re-entrant: the caller's stack is kept in one place. */
void snippet_enter(const void *code, void *memory, uint64_t turns, uint32_t clear);
void snippet_leave(void); /* the end of a loop goes there; not to be called */
