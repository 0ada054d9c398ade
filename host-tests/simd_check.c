/* SPDX-License-Identifier: Apache-2.0 */
#include "host-tests/simd_check.h"

#include "simd/kernels.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { AREA = 20480, LENGTH_MOST = 4200, FAR = 16384, GUARD = 4096, CANARY = 0xa5, COUNT_MOST = 1030 };

struct area {
	uint8_t *bytes; /* AREA of them, an unmapped page before and behind */
};

static struct area areas[5];
static char wrong[256];
static uint64_t seed = 88172645463325252u;

static const char *fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
static const char *fail(const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(wrong, sizeof(wrong), format, arguments);
	va_end(arguments);
	return wrong;
}

#define MUST(check)                       \
	do {                              \
		const char *seen = check; \
		if (seen != NULL)         \
			return seen;      \
	} while (0)

static uint64_t random_next(void) {
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed * UINT64_C(0x9e3779b97f4a7c15) >> 11;
}

static void fill_random(void *memory, size_t bytes) {
	size_t at = 0;
	for (; bytes - at >= sizeof(uint32_t); at += sizeof(uint32_t)) {
		uint32_t word = (uint32_t)random_next();
		memcpy((uint8_t *)memory + at, &word, sizeof(word));
	}
	for (; at < bytes; at++)
		((uint8_t *)memory)[at] = (uint8_t)random_next();
}

static void map_areas(void) {
	if (areas[0].bytes != NULL)
		return;
	for (size_t i = 0; i < sizeof(areas) / sizeof(areas[0]); i++) {
		uint8_t *whole = mmap(NULL, AREA + 2 * GUARD, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (whole == MAP_FAILED || mprotect(whole + GUARD, AREA, PROT_READ | PROT_WRITE) != 0)
			abort();
		areas[i].bytes = whole + GUARD;
		fill_random(areas[i].bytes, AREA);
	}
}

/* What simd_select is made to do without, so that each of several extensions to one kernel has its turn. */
static const struct {
	const char *name;
	uint64_t features;
} selections[] = {
	{"selected", 0},
	{"selected, no GFNI, VBMI or VPOPCNTDQ", SIMD_FEATURE_BIT(SIMD_X86_GFNI) |
							 SIMD_FEATURE_BIT(SIMD_X86_AVX512_VBMI) |
							 SIMD_FEATURE_BIT(SIMD_X86_AVX512_VPOPCNTDQ)},
	{"selected, no VPCLMULQDQ", SIMD_FEATURE_BIT(SIMD_X86_VPCLMULQDQ)},
	{"selected, no PCLMULQDQ, BMI2, AVX512VL",
	 SIMD_FEATURE_BIT(SIMD_X86_PCLMULQDQ) | SIMD_FEATURE_BIT(SIMD_X86_BMI2) | SIMD_FEATURE_BIT(SIMD_X86_AVX512VL)},
	{"selected, no AVX2 or SVE", SIMD_FEATURE_BIT(SIMD_X86_AVX2) | SIMD_FEATURE_BIT(SIMD_ARM_SVE)},
};
enum { SELECTIONS = sizeof(selections) / sizeof(selections[0]) };

/* What the selection takes with a profile alone, beside the rest of it; false: there is no such extension. */
static bool next_measured(size_t *at, simd_features features, struct simd_kernels *kernels, const char **name) {
	const size_t first = simd_variant_count + SELECTIONS;
	for (; *at < first + simd_extension_count; ++*at) {
		const struct simd_extension *extension = &simd_extensions[*at - first];
		if (simd_extension_unmeasured(extension, features) || !simd_extension_runs(extension, features))
			continue;
		simd_select(features, NULL, kernels);
		extension->extend(kernels);
		*name = extension->name;
		++*at;
		return true;
	}
	return false;
}

bool simd_check_next_set(size_t *at, struct simd_kernels *kernels, const char **name) {
	simd_features features = simd_features_detect();
	map_areas();
	while (*at < simd_variant_count && !simd_variant_runs(&simd_variants[*at], features))
		++*at;
	/* What takes nothing away is the first selection again. */
	while (*at > simd_variant_count && *at < simd_variant_count + SELECTIONS &&
	       (features.present & selections[*at - simd_variant_count].features) == 0)
		++*at;
	if (*at >= simd_variant_count + SELECTIONS)
		return next_measured(at, features, kernels, name);
	if (*at >= simd_variant_count) {
		features.present &= ~selections[*at - simd_variant_count].features;
		simd_select(features, NULL, kernels);
		*name = selections[*at - simd_variant_count].name;
	} else {
		simd_use(&simd_variants[*at], NULL, kernels);
		*name = simd_variants[*at].name;
	}
	++*at;
	return true;
}

/* All of the short ones, then every 37th. */
static size_t next_length(size_t length) {
	return length < 600 ? length + 1 : length + 37;
}

/* What is to stand in an area that kernels write to, all of it: canaries but for what one of them was to write, which
 * is put back behind it. Canaries anew all over would take longer than all kernels do, under an emulator above all. */
static uint8_t due[AREA];

static void put_canaries(uint8_t *area, size_t at, size_t bytes) {
	memset(due + at, CANARY, bytes);
	memset(area + at, CANARY, bytes);
}

/* ---- copies ------------------------------------------------------------------------------------------------------ */

/* Looks at all of the destination's memory, which holds canaries before and after it, and of the source's bytes. */
static const char *copy_once(simd_copy_function *copy, const char *name, size_t to, size_t from, size_t bytes) {
	uint8_t *source = areas[0].bytes + from, *destination = areas[1].bytes;
	memcpy(due + to, source, bytes);
	copy(destination + to, source, bytes);
	if (memcmp(destination, due, AREA) != 0)
		return fail("%s: %zu bytes from offset %zu to offset %zu", name, bytes, from, to);
	if (memcmp(source, due + to, bytes) != 0)
		return fail("%s: %zu bytes: the source changed", name, bytes);
	put_canaries(destination, to, bytes);
	return NULL;
}

static const char *copy_everywhere(simd_copy_function *copy, const char *name) {
	put_canaries(areas[1].bytes, 0, AREA);
	for (size_t bytes = 0; bytes <= LENGTH_MOST; bytes = next_length(bytes)) {
		MUST(copy_once(copy, name, 0, AREA - bytes, bytes));
		MUST(copy_once(copy, name, AREA - bytes, 0, bytes));
		/* 64 x 64 alignments, sampled; every other time alike modulo 4 KiB but for less than a page. */
		size_t to = random_next() % 64, from = random_next() % 64;
		MUST(copy_once(copy, name, 4096 + to, 4096 + from, bytes));
		MUST(copy_once(copy, name, AREA - 64 - bytes + to, 64 + from, bytes));
	}
	for (size_t pair = 0; pair < 64 * 64; pair++)
		MUST(copy_once(copy, name, pair / 64, pair % 64,
			       1 + random_next() % (pair % 8 == 0 ? LENGTH_MOST : 700)));
	/* So long that they go upwards although the destination lies somewhat past the source modulo 4 KiB. */
	for (size_t to = 0; to < 2048; to += 1 + random_next() % 128) {
		size_t bytes = FAR - 64 + random_next() % 2048;
		MUST(copy_once(copy, name, to, 0, bytes));
		MUST(copy_once(copy, name, AREA - bytes, AREA - bytes - to % 128, bytes));
	}
	copy(NULL, NULL, 0);
	return NULL;
}

static const char *check_copies(const struct simd_kernels *kernels) {
	MUST(copy_everywhere(kernels->copies.copy, "copy"));
	MUST(copy_everywhere(kernels->copies.copy_prefetch, "copy_prefetch"));
	MUST(copy_everywhere(kernels->copies.copy_stream, "copy_stream"));
	kernels->copies.copy_page(areas[2].bytes + AREA - 4096, areas[0].bytes);
	if (memcmp(areas[2].bytes + AREA - 4096, areas[0].bytes, 4096) != 0)
		return fail("copy_page");
	return NULL;
}

/* Within an area that is as due before and after it. */
static const char *move_once(simd_copy_function *move, size_t to, size_t from, size_t bytes) {
	uint8_t *area = areas[2].bytes;
	memmove(due + to, due + from, bytes);
	move(area + to, area + from, bytes);
	if (memcmp(area, due, AREA) != 0)
		return fail("move: %zu bytes from offset %zu to offset %zu", bytes, from, to);
	return NULL;
}

static const char *check_moves(const struct simd_kernels *kernels) {
	simd_copy_function *move = kernels->copies.move;
	MUST(copy_everywhere(move, "move"));
	memcpy(due, areas[2].bytes, AREA);
	for (size_t bytes = 0; bytes <= LENGTH_MOST; bytes = next_length(bytes)) {
		size_t shift = random_next() % (bytes + 70), at = random_next() % 64;
		MUST(move_once(move, at + shift, at, bytes));
		MUST(move_once(move, at, at + shift, bytes));
		MUST(move_once(move, at + shift % 70, at, bytes));
		MUST(move_once(move, at, at + shift % 70, bytes));
		MUST(move_once(move, at, at, bytes));
		MUST(move_once(move, AREA - bytes, AREA - bytes - shift % 130, bytes));
		MUST(move_once(move, 0, shift % 130, bytes));
	}
	for (size_t shift = 0; shift < 2048; shift += 1 + random_next() % 128) {
		MUST(move_once(move, shift, 0, FAR + 1));
		MUST(move_once(move, 0, shift, FAR + 1));
	}
	move(NULL, NULL, 0);
	return NULL;
}

/* ---- fills ------------------------------------------------------------------------------------------------------- */

/* The area holds canaries after it. */
static const char *fill_seen(const char *name, size_t to, uint8_t value, size_t bytes) {
	uint8_t *area = areas[1].bytes;
	memset(due + to, value, bytes);
	if (memcmp(area, due, AREA) == 0) {
		put_canaries(area, to, bytes);
		return NULL;
	}
	size_t at = 0;
	while (area[at] == due[at])
		at++;
	return fail("%s: %zu bytes at offset %zu: byte %zu", name, bytes, to, at);
}

static const char *fills_once(const struct simd_fills *fills, size_t to, size_t bytes) {
	uint8_t *area = areas[1].bytes, value = (uint8_t)random_next();
	fills->fill(area + to, value, bytes);
	MUST(fill_seen("fill", to, value, bytes));
	fills->zero(area + to, bytes);
	MUST(fill_seen("zero", to, 0, bytes));
	fills->zero_stream(area + to, bytes);
	return fill_seen("zero_stream", to, 0, bytes);
}

static const char *check_fills(const struct simd_kernels *kernels) {
	const struct simd_fills *fills = &kernels->fills;
	put_canaries(areas[1].bytes, 0, AREA);
	for (size_t bytes = 0; bytes <= LENGTH_MOST; bytes = next_length(bytes)) {
		MUST(fills_once(fills, 0, bytes));
		MUST(fills_once(fills, AREA - bytes, bytes));
		MUST(fills_once(fills, 100 + random_next() % 64, bytes));
	}
	for (size_t i = 0; i < 64 * 8; i++)
		MUST(fills_once(fills, i % 64, random_next() % (i < 64 * 4 ? 600 : LENGTH_MOST)));
	fills->zero_page(areas[1].bytes + 4096);
	MUST(fill_seen("zero_page", 4096, 0, 4096));
	fills->fill(NULL, 1, 0);
	fills->zero(NULL, 0);
	fills->zero_stream(NULL, 0);
	return NULL;
}

/* ---- scans ------------------------------------------------------------------------------------------------------- */

static int sign(int x) {
	return (x > 0) - (x < 0);
}

static const char *compare_once(simd_compare_function *compare, size_t at_a, size_t at_b, size_t bytes, size_t differ) {
	uint8_t *a = areas[1].bytes + at_a, *b = areas[2].bytes + at_b;
	memcpy(a, areas[0].bytes, bytes);
	memcpy(b, a, bytes);
	if (differ < bytes) {
		b[differ] = (uint8_t)(b[differ] + 1 + random_next() % 255);
		if (differ + 1 < bytes)
			b[differ + 1 + random_next() % (bytes - differ - 1)] ^= 0x80;
	}
	if (sign(compare(a, b, bytes)) != sign(memcmp(a, b, bytes)))
		return fail("compare: %zu bytes at %zu and %zu, different from %zu on", bytes, at_a, at_b, differ);
	return NULL;
}

static const char *find_once(simd_find_byte_function *find, size_t at, size_t bytes, size_t place) {
	uint8_t *area = areas[1].bytes + at, value = (uint8_t)random_next();
	for (size_t i = 0; i < bytes; i++)
		area[i] = (uint8_t)(value + 1 + (areas[0].bytes[i] & 0x7f));
	/* Neighbours that only a borrow tells from the value. */
	if (place < bytes)
		area[place] = value;
	for (size_t i = place + 1; i < bytes && i < place + 3; i++)
		area[i] = (uint8_t)(value ^ 1);
	size_t found = find(area, value, bytes), expected = place < bytes ? place : bytes;
	return found == expected ? NULL
				 : fail("find_byte: in %zu bytes at %zu: %zu, not %zu", bytes, at, found, expected);
}

/* The byte is the last that is there, the guard page behind it; `bytes` is what a plain memchr may be told. */
static const char *check_unbounded(const struct simd_kernels *kernels) {
	static const size_t more[] = {0, 1, 15, 64, 255, GUARD, AREA, SIZE_MAX / 2};
	uint8_t *end = areas[1].bytes + AREA;
	for (size_t length = 1; length <= 2 * LENGTH_MOST; length = next_length(length)) {
		uint8_t *begin = end - length, value = (uint8_t)random_next();
		memset(begin, value ^ 1, length - 1);
		end[-1] = value;
		for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
			size_t found = simd_find_byte_unbounded(kernels, begin, value, length + more[i]);
			if (found != length - 1)
				return fail("find_byte_unbounded: %zu bytes, and %zu more, are not there: %zu", length,
					    more[i], found);
		}
		if (simd_find_byte_unbounded(kernels, begin, value, SIZE_MAX) != length - 1)
			return fail("find_byte_unbounded: the last of %zu, no end", length);
		if (simd_find_byte_unbounded(kernels, begin, value, length - 1) != length - 1)
			return fail("find_byte_unbounded: not in %zu", length - 1);
		size_t place = random_next() % length;
		begin[place] = value;
		if (simd_find_byte_unbounded(kernels, begin, value, SIZE_MAX) != place)
			return fail("find_byte_unbounded: byte %zu of %zu", place, length);
	}
	return simd_find_byte_unbounded(kernels, NULL, 0, 0) == 0 ? NULL : fail("find_byte_unbounded: of nothing");
}

static const char *check_scans(const struct simd_kernels *kernels) {
	const struct simd_scans *scans = &kernels->scans;
	MUST(check_unbounded(kernels));
	for (size_t bytes = 0; bytes <= LENGTH_MOST; bytes = next_length(bytes)) {
		size_t place = bytes != 0 ? random_next() % bytes : 0;
		MUST(compare_once(scans->compare, 0, AREA - bytes, bytes, bytes));
		MUST(compare_once(scans->compare, AREA - bytes, 0, bytes, place));
		MUST(compare_once(scans->compare, random_next() % 64, random_next() % 64, bytes, place));
		MUST(compare_once(scans->compare, random_next() % 64, random_next() % 64, bytes, bytes - 1));
		MUST(find_once(scans->find_byte, 0, bytes, bytes));
		MUST(find_once(scans->find_byte, AREA - bytes, bytes, place));
		MUST(find_once(scans->find_byte, AREA - bytes, bytes, bytes));
		MUST(find_once(scans->find_byte, random_next() % 64, bytes, bytes - 1));
	}
	for (size_t pair = 0; pair < 64 * 64; pair++) {
		size_t bytes = 1 + random_next() % (pair % 8 == 0 ? LENGTH_MOST : 700), place = random_next() % bytes;
		MUST(compare_once(scans->compare, pair / 64, pair % 64, bytes, pair % 3 == 0 ? bytes : place));
		MUST(find_once(scans->find_byte, pair % 64, bytes, pair % 3 == 0 ? bytes : place));
	}
	uint8_t *page = areas[1].bytes + AREA - 4096;
	memset(page, 0, 4096);
	if (!scans->is_zero_page(page))
		return fail("is_zero_page: of a zero page");
	for (size_t i = 0; i < 4096; i++) {
		page[i] = (uint8_t)(1u << i % 8);
		if (scans->is_zero_page(page))
			return fail("is_zero_page: with byte %zu set", i);
		page[i] = 0;
	}
	if (scans->compare(NULL, NULL, 0) != 0 || scans->find_byte(NULL, 0, 0) != 0)
		return fail("compare or find_byte: of nothing");
	return NULL;
}

/* ---- sums and hashes --------------------------------------------------------------------------------------------- */

static void fill_floats(void *memory, size_t bytes) {
	for (size_t i = 0; i < bytes / 4; i++)
		((float *)memory)[i] = (float)((double)(int64_t)random_next() * 0x1p-45 - 128);
}

static void fill_doubles(void *memory, size_t bytes) {
	for (size_t i = 0; i < bytes / 8; i++)
		((double *)memory)[i] = (double)(int64_t)random_next() * 0x1p-45 - 128;
}

static const char *sums_once(const struct simd_sums *sums, size_t at_a, size_t at_b, size_t count) {
	const struct simd_sums *oracle = simd_variants[0].sums;
	uint8_t *a = areas[1].bytes + at_a, *b = areas[2].bytes + at_b;
	float *fa = (float *)(void *)a, *fb = (float *)(void *)b;
	double *da = (double *)(void *)a, *db = (double *)(void *)b;
	if (sums->sum_u64((uint64_t *)(void *)areas[0].bytes, count) !=
	    oracle->sum_u64((uint64_t *)(void *)areas[0].bytes, count))
		return fail("sum_u64: %zu lanes", count);
	fill_floats(a, count * 4);
	fill_floats(b, count * 4);
	float f = sums->sum_f32(fa, count), fo = oracle->sum_f32(fa, count);
	float fd = sums->dot_f32(fa, fb, count), fdo = oracle->dot_f32(fa, fb, count);
	if (memcmp(&f, &fo, 4) != 0 || memcmp(&fd, &fdo, 4) != 0)
		return fail("sum_f32 or dot_f32: %zu lanes: %a %a, not %a %a", count, (double)f, (double)fd, (double)fo,
			    (double)fdo);
	fill_doubles(a, count * 8);
	fill_doubles(b, count * 8);
	double d = sums->sum_f64(da, count), d_o = oracle->sum_f64(da, count);
	double dd = sums->dot_f64(da, db, count), ddo = oracle->dot_f64(da, db, count);
	if (memcmp(&d, &d_o, 8) != 0 || memcmp(&dd, &ddo, 8) != 0)
		return fail("sum_f64 or dot_f64: %zu lanes", count);
	return NULL;
}

static const char *popcount_once(const struct simd_sums *sums, const uint8_t *at, size_t bytes) {
	uint64_t expected = 0;
	for (size_t i = 0; i < bytes; i++)
		expected += (uint64_t)__builtin_popcount(at[i]);
	return sums->popcount(at, bytes) == expected ? NULL : fail("popcount: %zu bytes", bytes);
}

static const char *check_sums(const struct simd_kernels *kernels) {
	const struct simd_sums *sums = &kernels->sums;
	for (size_t count = 0; count <= COUNT_MOST; count = count < 200 ? count + 1 : count + 19) {
		MUST(sums_once(sums, 0, AREA - count * 8, count));
		MUST(sums_once(sums, AREA - count * 8, 0, count));
		MUST(sums_once(sums, random_next() % 8 * 8, random_next() % 8 * 8, count));
	}
	for (size_t pair = 0; pair < 16 * 16; pair++)
		MUST(sums_once(sums, pair / 16 * 8, pair % 16 * 8, random_next() % (LENGTH_MOST / 8)));
	float exact[100];
	for (size_t i = 0; i < 100; i++)
		exact[i] = (float)i;
	if (sums->sum_f32(exact, 100) != 4950 || sums->dot_f32(exact, exact, 100) != 328350)
		return fail("sum_f32 or dot_f32: of small whole numbers");
	for (size_t bytes = 0; bytes <= LENGTH_MOST; bytes = next_length(bytes)) {
		const uint8_t *at = areas[0].bytes + (bytes % 2 == 0 ? AREA - bytes : random_next() % 64);
		MUST(popcount_once(sums, at, bytes));
	}
	memset(areas[2].bytes, 0xff, AREA);
	for (size_t i = 0; i < 64; i++)
		MUST(popcount_once(sums, areas[2].bytes + i, AREA - 129 * i));
	for (size_t i = 0; i < 64 * 16; i++)
		MUST(popcount_once(sums, areas[0].bytes + i % 64, random_next() % LENGTH_MOST));
	if (sums->sum_u64(NULL, 0) != 0 || sums->sum_f32(NULL, 0) != 0 || sums->dot_f64(NULL, NULL, 0) != 0 ||
	    sums->popcount(NULL, 0) != 0)
		return fail("a sum of nothing");
	return NULL;
}

/* As RFC 3720 defines it: a table of bytes, each taken in bit by bit. */
static uint32_t crc32c_bits(uint32_t crc, const uint8_t *bytes, size_t count) {
	static uint32_t of_byte[256];
	for (uint32_t byte = 0; of_byte[255] == 0 && byte < 256; byte++) {
		of_byte[byte] = byte;
		for (unsigned bit = 0; bit < 8; bit++)
			of_byte[byte] = of_byte[byte] >> 1 ^ (of_byte[byte] & 1 ? UINT32_C(0x82f63b78) : 0);
	}
	crc = ~crc;
	for (size_t i = 0; i < count; i++)
		crc = crc >> 8 ^ of_byte[(crc ^ bytes[i]) & 0xff];
	return ~crc;
}

/* Every length to past the smallest block's and about the largest, some beyond, against the bytes
 * taken in one by one. */
static const char *crc32c_lengths(simd_crc32c_function *crc32c) {
	static uint8_t bytes[3 * AREA + 64];
	fill_random(bytes, sizeof(bytes));
	uint32_t seed_crc = (uint32_t)random_next(), expected = seed_crc;
	size_t at = random_next() % 64;
	for (size_t count = 0; count <= sizeof(bytes) - 64; count++) {
		bool wanted = count < 2 * LENGTH_MOST || count % 61 == 0 || (count > AREA - 64 && count < AREA + 192);
		if (wanted && crc32c(seed_crc, bytes + at, count) != expected)
			return fail("crc32c: %zu bytes at %zu", count, at);
		expected = crc32c_bits(expected, bytes + at + count, 1);
	}
	return NULL;
}

static const char *check_hashes(const struct simd_kernels *kernels) {
	const struct simd_hashes *hashes = &kernels->hashes;
	if (hashes->crc32c(0, "123456789", 9) != UINT32_C(0xe3069283))
		return fail("crc32c: of the check string");
	for (size_t bytes = 0; bytes <= 2 * LENGTH_MOST; bytes = next_length(bytes)) {
		const uint8_t *at = areas[0].bytes + (bytes % 2 == 0 ? AREA - bytes : random_next() % 64);
		uint32_t crc = (uint32_t)random_next();
		if (hashes->crc32c(crc, at, bytes) != crc32c_bits(crc, at, bytes))
			return fail("crc32c: %zu bytes", bytes);
		size_t part = bytes != 0 ? random_next() % bytes : 0;
		if (hashes->crc32c(hashes->crc32c(crc, at, part), at + part, bytes - part) !=
		    hashes->crc32c(crc, at, bytes))
			return fail("crc32c: %zu bytes in two parts", bytes);
	}
	for (size_t i = 0; i < 64 * 16; i++) {
		size_t bytes = random_next() % LENGTH_MOST;
		if (hashes->crc32c(0, areas[0].bytes + i % 64, bytes) != crc32c_bits(0, areas[0].bytes + i % 64, bytes))
			return fail("crc32c: %zu bytes at %zu", bytes, i % 64);
	}
	if (hashes->crc32c(5, NULL, 0) != 5)
		return fail("crc32c: of nothing");
	MUST(crc32c_lengths(hashes->crc32c));
	uint8_t *page = areas[1].bytes + AREA - 4096;
	memcpy(page, areas[0].bytes, 4096);
	uint64_t first = hashes->page_hash(page);
	for (size_t i = 0; i < 4096; i++) {
		if (hashes->page_hash(page) != simd_variants[0].hashes->page_hash(page))
			return fail("page_hash");
		page[i] ^= (uint8_t)(1u << i % 8);
		if (hashes->page_hash(page) == first)
			return fail("page_hash: does not see byte %zu", i);
		if (i % 2 == 0)
			page[i] ^= (uint8_t)(1u << i % 8);
		else
			first = hashes->page_hash(page);
	}
	return NULL;
}

/* ---- lanes ------------------------------------------------------------------------------------------------------- */

static size_t lane_bytes(size_t lane) {
	static const size_t bytes[SIMD_LANE_COUNT] = {1, 2, 4, 8, 4, 8};
	return bytes[lane];
}

/* Floating point of all kinds: small whole numbers, tiny, huge, zeroes, infinities; no NaN, whose bits
 * are nobody's promise. */
static void fill_lanes(size_t lane, uint8_t *memory, size_t bytes) {
	fill_random(memory, bytes);
	for (size_t i = 0; lane == SIMD_F32 && i < bytes / 4; i++) {
		uint32_t *word = (uint32_t *)(void *)(memory + 4 * i), kind = (uint32_t)random_next() % 8;
		if (kind < 4 || (*word >> 23 & 255) == 255)
			*word = (*word & 0x80ffffffu) | (kind + 124) << 23;
		else if (kind == 4)
			*word &= 0x80000fffu;
	}
	for (size_t i = 0; lane == SIMD_F64 && i < bytes / 8; i++) {
		uint64_t *word = (uint64_t *)(void *)(memory + 8 * i), kind = random_next() % 8;
		if (kind < 4 || (*word >> 52 & 2047) == 2047)
			*word = (*word & UINT64_C(0x801fffffffffffff)) | (kind + 1020) << 52;
		else if (kind == 4)
			*word &= UINT64_C(0x80000000000fffff);
	}
}

struct lanes_case {
	const char *what;
	size_t op, lane, count;
	unsigned bits; /* of an immediate shift */
	uint8_t *result, *a, *b, *c;
};

/* The set's kernel, then the oracle's on the same operands, in another place. `alias`: the result is a (1) or b (2).
 * Else in an area that holds canaries before and after it. */
static const char *lanes_judge(const struct lanes_case *test,
			       void (*call)(const struct simd_lanes *, const struct lanes_case *),
			       const struct simd_lanes *lanes, unsigned alias) {
	size_t bytes = test->count * lane_bytes(test->lane);
	struct lanes_case oracle = *test, mine = *test;
	oracle.result = areas[4].bytes;
	memset(oracle.result, CANARY, bytes);
	call(simd_variants[0].lanes, &oracle);
	mine.result = alias == 1 ? test->a : alias == 2 ? test->b : test->result;
	size_t at = (size_t)(test->result - areas[3].bytes);
	if (alias == 0)
		memcpy(due + at, oracle.result, bytes);
	call(lanes, &mine);
	if (memcmp(mine.result, oracle.result, bytes) != 0 || (alias == 0 && memcmp(areas[3].bytes, due, AREA) != 0))
		return fail("%s %zu, lane %zu: %zu lanes, alias %u", test->what, test->op, test->lane, test->count,
			    alias);
	put_canaries(areas[3].bytes, at, bytes);
	return NULL;
}

static void call_binary(const struct simd_lanes *lanes, const struct lanes_case *t) {
	lanes->binary[t->op][t->lane](t->result, t->a, t->b, t->count);
}

static void call_not(const struct simd_lanes *lanes, const struct lanes_case *t) {
	lanes->bitwise_not[t->lane](t->result, t->a, t->count);
}

static void call_shift(const struct simd_lanes *lanes, const struct lanes_case *t) {
	lanes->shift[t->op][t->lane](t->result, t->a, t->bits, t->count);
}

static void call_fma(const struct simd_lanes *lanes, const struct lanes_case *t) {
	(t->lane == SIMD_F32 ? lanes->fma_f32 : lanes->fma_f64)(t->result, t->a, t->b, t->c, t->count);
}

static void place_lanes(struct lanes_case *test, bool at_end) {
	size_t bytes = test->count * lane_bytes(test->lane);
	test->bits = (unsigned)random_next() & 255;
	uint8_t **places[] = {&test->a, &test->b, &test->c, &test->result};
	for (size_t i = 0; i < 4; i++)
		*places[i] = areas[i].bytes + (at_end ? AREA - bytes : random_next() % 64 * lane_bytes(test->lane));
	fill_lanes(test->lane, test->a, bytes);
	fill_lanes(test->lane, test->b, bytes);
	fill_lanes(test->lane, test->c, bytes);
}

static const char *lanes_everywhere(struct lanes_case *test,
				    void (*call)(const struct simd_lanes *, const struct lanes_case *),
				    const struct simd_lanes *lanes) {
	for (size_t count = 0; count <= COUNT_MOST; count = count < 140 ? count + 1 : count + 89) {
		test->count = count;
		for (unsigned alias = 0; alias < (call == call_binary ? 3 : 2); alias++) {
			place_lanes(test, alias == 0 && count % 2 == 0);
			MUST(lanes_judge(test, call, lanes, alias));
		}
	}
	return NULL;
}

static const char *check_lanes(const struct simd_kernels *kernels) {
	const struct simd_lanes *lanes = &kernels->lanes;
	struct lanes_case test = {.what = "binary"};
	put_canaries(areas[3].bytes, 0, AREA);
	for (test.op = 0; test.op < SIMD_BINARY_COUNT; test.op++)
		for (test.lane = 0; test.lane < SIMD_LANE_COUNT; test.lane++) {
			if ((lanes->binary[test.op][test.lane] == NULL) != (test.lane > SIMD_U64 && test.op > SIMD_MUL))
				return fail("binary %zu, lane %zu: is or is not there", test.op, test.lane);
			if (lanes->binary[test.op][test.lane] != NULL)
				MUST(lanes_everywhere(&test, call_binary, lanes));
		}
	test.what = "shift";
	for (test.op = 0; test.op < SIMD_SHIFT_COUNT; test.op++)
		for (test.lane = 0; test.lane < SIMD_INTEGER_LANES; test.lane++)
			MUST(lanes_everywhere(&test, call_shift, lanes));
	test.op = 0;
	test.what = "not";
	for (test.lane = 0; test.lane < SIMD_INTEGER_LANES; test.lane++)
		MUST(lanes_everywhere(&test, call_not, lanes));
	test.what = "fma";
	for (test.lane = SIMD_F32; test.lane < SIMD_LANE_COUNT; test.lane++)
		MUST(lanes_everywhere(&test, call_fma, lanes));
	lanes->binary[SIMD_ADD][SIMD_U8](NULL, NULL, NULL, 0);
	lanes->bitwise_not[SIMD_U64](NULL, NULL, 0);
	lanes->shift[SIMD_SHIFT_SHL][SIMD_U16](NULL, NULL, 3, 0);
	lanes->fma_f32(NULL, NULL, NULL, NULL, 0);
	return NULL;
}

/* The oracle itself: what C says of single lanes, and the C library of fma. */
static const char *check_oracle(const struct simd_kernels *kernels) {
	const struct simd_lanes *lanes = &kernels->lanes;
	uint8_t a8 = 0xf0, b8 = 0x1b, r8;
	lanes->binary[SIMD_SRA][SIMD_U8](&r8, &a8, &b8, 1);
	if (r8 != 0xfe)
		return fail("sra of 8 bits: %#x", r8);
	uint16_t a16 = 0xffff, r16;
	lanes->binary[SIMD_MUL][SIMD_U16](&r16, &a16, &a16, 1);
	if (r16 != 1)
		return fail("mul of 16 bits: %#x", r16);
	uint64_t a64 = UINT64_C(1) << 63, r64;
	lanes->shift[SIMD_SHIFT_SRA][SIMD_U64](&r64, &a64, 64 + 63, 1);
	if (r64 != UINT64_MAX)
		return fail("sra of 64 bits, by an immediate");
	for (unsigned i = 0; i < 200000; i++) {
		double x[3], r;
		float y[3], s;
		fill_lanes(SIMD_F64, (uint8_t *)x, sizeof(x));
		fill_lanes(SIMD_F32, (uint8_t *)y, sizeof(y));
		lanes->fma_f64(&r, &x[0], &x[1], &x[2], 1);
		lanes->fma_f32(&s, &y[0], &y[1], &y[2], 1);
		double expected = __builtin_fma(x[0], x[1], x[2]);
		float expected_s = __builtin_fmaf(y[0], y[1], y[2]);
		if (memcmp(&r, &expected, 8) != 0)
			return fail("fma_f64(%a, %a, %a) is %a, not %a", x[0], x[1], x[2], r, expected);
		if (memcmp(&s, &expected_s, 4) != 0)
			return fail("fma_f32(%a, %a, %a) is %a", (double)y[0], (double)y[1], (double)y[2], (double)s);
	}
	return NULL;
}

const struct simd_check simd_checks[] = {
	{"copies", check_copies}, {"moves", check_moves},   {"fills", check_fills},
	{"scans", check_scans},   {"sums", check_sums},     {"hashes", check_hashes},
	{"lanes", check_lanes},   {"oracle", check_oracle}, {NULL, NULL},
};
