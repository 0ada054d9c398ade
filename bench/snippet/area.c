/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/snippet/machine.h"
#include "bench/snippet/places.h"
#include "bench/snippet/snippet.h"
#include "lib/units.h"

#include <string.h>

enum { LOOP_ALIGNMENT = 64, INSTRUCTIONS_WANTED = 128 };

static uint32_t unroll_of(const struct snippet *snippet) {
	return snippet->unroll != 0 ? snippet->unroll : INSTRUCTIONS_WANTED / snippet->instructions + 1;
}

/* Bytes that a loop of that many times takes at the most, with what stands before it and behind. */
static size_t loop_bytes(size_t init_bytes, size_t bytes, uint32_t unroll) {
	return init_bytes + LOOP_ALIGNMENT + bytes * unroll + SNIPPET_END_BYTES_MOST + LOOP_ALIGNMENT;
}

static uint8_t *align(uint8_t *at) {
	return at + (-(uintptr_t)at & (LOOP_ALIGNMENT - 1));
}

/* Where the next one may begin. */
static uint8_t *write_loop(uint8_t *at, const struct snippet *snippet, enum snippet_loop loop, uint32_t unroll,
			   struct snippet_area *area) {
	bool adds = loop >= SNIPPET_ADDS;
	const uint8_t *code = adds ? snippet_add : snippet->code;
	size_t bytes = adds ? snippet_add_bytes : snippet->code_bytes, init_bytes = adds ? 0 : snippet->init_bytes;
	uint8_t *begin = align(at + init_bytes);
	area->loops[loop].init = at;
	area->loops[loop].begin = begin;
	area->loops[loop].unroll = unroll;
	memcpy(at, snippet->init, init_bytes);
	snippet_write_nothing(at + init_bytes, begin);
	uint8_t *next = begin;
	for (uint32_t i = 0; i < unroll; i++, next += bytes)
		memcpy(next, code, bytes);
	area->loops[loop].end = next;
	return align(next + snippet_write_end(next, begin));
}

static int make_code(const struct snippet *snippet, uint32_t unroll, struct snippet_area *area) {
	void *code;
	area->code_bytes = loop_bytes(snippet->init_bytes, snippet->code_bytes, unroll) +
			   loop_bytes(snippet->init_bytes, snippet->code_bytes, 2 * unroll) +
			   loop_bytes(0, snippet_add_bytes, INSTRUCTIONS_WANTED) +
			   loop_bytes(0, snippet_add_bytes, 2 * INSTRUCTIONS_WANTED);
	int error =
		platform_memory_map(area->code_bytes, PAGE_BYTES, PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE, &code);
	if (error != 0)
		return error;
	uint8_t *next = area->code = code;
	next = write_loop(next, snippet, SNIPPET_SHORT, unroll, area);
	next = write_loop(next, snippet, SNIPPET_LONG, 2 * unroll, area);
	next = write_loop(next, snippet, SNIPPET_ADDS, INSTRUCTIONS_WANTED, area);
	(void)write_loop(next, snippet, SNIPPET_ADDS_LONG, 2 * INSTRUCTIONS_WANTED, area);
	error = platform_memory_protect(code, area->code_bytes, PLATFORM_MEMORY_READ | PLATFORM_MEMORY_EXECUTE);
	if (error == 0)
		snippet_publish_code(code, area->code_bytes);
	return error;
}

int snippet_area_make(const struct snippet *snippet, simd_features features, struct snippet_area *area) {
	void *memory;
	*area = (struct snippet_area){
		.clear = (simd_has(features, SIMD_X86_AVX) ? SNIPPET_CLEAR_AVX : 0) |
			 (simd_has(features, SIMD_X86_AVX512F) ? SNIPPET_CLEAR_AVX512 : 0),
	};
	if (snippet->code_bytes == 0 || snippet->code_bytes > SNIPPET_BYTES_MOST ||
	    snippet->init_bytes > SNIPPET_BYTES_MOST || snippet->instructions == 0 || snippet->copies == 0 ||
	    snippet->unroll > SNIPPET_UNROLL_MOST ||
	    (size_t)2 * unroll_of(snippet) * snippet->code_bytes > SNIPPET_LOOP_BYTES_MOST)
		return PLATFORM_EINVAL;
	int error = make_code(snippet, unroll_of(snippet), area);
	if (error == 0)
		error = platform_memory_map((size_t)SNIPPET_AREAS * SNIPPET_AREA_BYTES, PAGE_BYTES,
					    PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE, &memory);
	if (error == 0)
		area->memory = memory;
	else
		snippet_area_free(area);
	return error;
}

void snippet_area_free(struct snippet_area *area) {
	if (area->code != NULL)
		(void)platform_memory_unmap(area->code, area->code_bytes);
	if (area->memory != NULL)
		(void)platform_memory_unmap(area->memory, (size_t)SNIPPET_AREAS * SNIPPET_AREA_BYTES);
	*area = (struct snippet_area){.code = NULL};
}

enum snippet_part snippet_area_find(const struct snippet_area *area, const struct snippet *snippet,
				    uint64_t instruction, size_t *offset) {
	for (int loop = SNIPPET_SHORT; loop <= SNIPPET_LONG; loop++) {
		uintptr_t init = (uintptr_t)area->loops[loop].init, begin = (uintptr_t)area->loops[loop].begin;
		if (instruction >= begin && instruction < (uintptr_t)area->loops[loop].end) {
			*offset = (size_t)(instruction - begin) % snippet->code_bytes;
			return SNIPPET_IN_CODE;
		}
		if (instruction >= init && instruction < init + snippet->init_bytes) {
			*offset = (size_t)(instruction - init);
			return SNIPPET_IN_INIT;
		}
	}
	return SNIPPET_ELSEWHERE;
}
