/* SPDX-License-Identifier: Apache-2.0
 *
 * SIMD kernels: memory (copy, fill, scan, sum, hash) and lane arithmetic in scalar, 128, 256 and 512 bit variants,
 * chosen at run time from features that the caller passes. Freestanding C11, no globals but constant tables, no
 * dependency: copy the folder into your tree, leave out the other architectures' directories, and compile each file
 * with the flags that its last name part asks for (fill_avx2.c: -mavx2; a file compiled without them refuses, with an
 * #error; isa_flags.mk has them all).
 *
 *     struct simd_kernels kernels;
 *     simd_select(simd_features_detect(), NULL, &kernels);
 *     simd_copy(&kernels, destination, source, bytes);          by size: the profile's methods
 *     kernels.copies.copy(destination, source, bytes);          one method
 *     simd_binary(&kernels, SIMD_ADD, SIMD_U32, sum, a, b, count);
 *
 * Every variant of a kernel has the same signature and gives the same bytes; the scalar one, which works lane by lane,
 * is the oracle for the others. Kernels keep no state, call nothing outside of this folder, and leave the vector state
 * so that SSE code after them runs at full speed. They touch exactly the bytes that they are told to: none behind the
 * end, not even to read.
 *
 * Lengths are bytes where the name says bytes, lanes where it says count. 0 is allowed everywhere, and then every
 * pointer may be NULL. Pointers need the alignment of their lanes (bytes: none), pages that of SIMD_PAGE_BYTES.
 *
 * Concurrency: everything here is pure but for the memory that the caller hands in; what a streaming kernel stored is
 * ordered before it returns (SFENCE). Errors: none; a kernel that is called on a CPU that cannot run it is an illegal
 * instruction, which simd_select and simd_variant_runs exist to prevent.
 */
#pragma once

#include "simd/features.h"
#include "simd/profile.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#define SIMD_CAST(type, value) reinterpret_cast<type>(value)
#define SIMD_ENUM(type, value) static_cast<type>(value)
#else
#define SIMD_CAST(type, value) ((type)(value))
#define SIMD_ENUM(type, value) ((enum type)(value))
#endif

#define SIMD_PAGE_BYTES 4096u

/* ---- memory ------------------------------------------------------------------------------------------------------ */

/* Copies `bytes` from source to destination. The two must not overlap, but for move, where they may in any way. */
typedef void simd_copy_function(void *destination, const void *source, size_t bytes);
typedef void simd_page_copy_function(void *destination, const void *source);

struct simd_copies {
	simd_copy_function *copy;          /* through the caches */
	simd_copy_function *copy_prefetch; /* as copy, with prefetch instructions ahead of the loads */
	simd_copy_function *copy_stream;   /* stores that go past the caches, where the CPU has such */
	simd_copy_function *move;
	simd_page_copy_function *copy_page; /* SIMD_PAGE_BYTES, both aligned to it */
};

typedef void simd_fill_function(void *memory, uint8_t value, size_t bytes);
typedef void simd_zero_function(void *memory, size_t bytes);
typedef void simd_page_zero_function(void *page);

struct simd_fills {
	simd_fill_function *fill;
	simd_zero_function *zero;
	simd_zero_function *zero_stream; /* past the caches: CLZERO, non-temporal stores, DC ZVA */
	simd_page_zero_function *zero_page;
};

/* Below 0, 0, above 0 as the first byte that differs is less in a, there is none, is greater in a; bytes
 * are unsigned. */
typedef int simd_compare_function(const void *a, const void *b, size_t bytes);
/* Index of the first byte of that value; `bytes` where there is none. All of the bytes must be there, those behind the
 * first of that value too: they may be read. Where they need not be, as behind C's memchr (C11 7.24.5.1),
 * simd_find_byte_unbounded. */
typedef size_t simd_find_byte_function(const void *memory, uint8_t value, size_t bytes);
typedef bool simd_is_zero_page_function(const void *page);

struct simd_scans {
	simd_compare_function *compare;
	simd_find_byte_function *find_byte;
	simd_is_zero_page_function *is_zero_page;
};

/* Floating point: a sum is made in SIMD_SUM_BYTES of partial sums, lane i of the array into partial sum i modulo their
 * number, which are then added pairwise, the upper half to the lower, until one is left: the same bits in every
 * variant. No fused operations. */
#define SIMD_SUM_BYTES 128u
typedef uint64_t simd_sum_u64_function(const uint64_t *a, size_t count); /* modulo 2^64 */
typedef float simd_sum_f32_function(const float *a, size_t count);
typedef double simd_sum_f64_function(const double *a, size_t count);
typedef float simd_dot_f32_function(const float *a, const float *b, size_t count);
typedef double simd_dot_f64_function(const double *a, const double *b, size_t count);
typedef uint64_t simd_popcount_function(const void *memory, size_t bytes); /* bits that are set */

struct simd_sums {
	simd_sum_u64_function *sum_u64;
	simd_sum_f32_function *sum_f32;
	simd_sum_f64_function *sum_f64;
	simd_dot_f32_function *dot_f32;
	simd_dot_f64_function *dot_f64;
	simd_popcount_function *popcount;
};

/* CRC-32C (Castagnoli, reflected 0x82f63b78), as iSCSI has it (RFC 3720, appendix B.4): crc is 0 for the first bytes,
 * the result of those before for more. */
typedef uint32_t simd_crc32c_function(uint32_t crc, const void *memory, size_t bytes);
/* 64 bits that tell pages of guest memory apart; the same on every machine of either architecture. Not
 * against an adversary. */
typedef uint64_t simd_page_hash_function(const void *page);

struct simd_hashes {
	simd_crc32c_function *crc32c;
	simd_page_hash_function *page_hash;
};

/* ---- lanes ------------------------------------------------------------------------------------------------------- */

enum simd_lane { SIMD_U8, SIMD_U16, SIMD_U32, SIMD_U64, SIMD_F32, SIMD_F64, SIMD_LANE_COUNT };
enum { SIMD_INTEGER_LANES = SIMD_U64 + 1 };

/* Integers wrap around. shl, srl, sra shift each lane of a by its lane of b, modulo the lane's bits; sra
 * takes lanes as signed. */
enum simd_binary {
	SIMD_ADD,
	SIMD_SUB,
	SIMD_MUL,
	SIMD_AND,
	SIMD_OR,
	SIMD_XOR,
	SIMD_SHL,
	SIMD_SRL,
	SIMD_SRA,
	SIMD_BINARY_COUNT
};
enum simd_shift { SIMD_SHIFT_SHL, SIMD_SHIFT_SRL, SIMD_SHIFT_SRA, SIMD_SHIFT_COUNT };

/* result[i] = a[i] op b[i]. result may be a or b itself, but must not overlap them otherwise; so below. */
typedef void simd_binary_function(void *result, const void *a, const void *b, size_t count);
typedef void simd_unary_function(void *result, const void *a, size_t count);
/* All lanes by one number of bits, modulo the lane's bits. */
typedef void simd_shift_function(void *result, const void *a, unsigned bits, size_t count);
/* result[i] = a[i] * b[i] + c[i], rounded once. In the variants "scalar" and "sse2" in integers, which is slow. */
typedef void simd_fma_function(void *result, const void *a, const void *b, const void *c, size_t count);

struct simd_lanes {
	/* Floating point has SIMD_ADD, SIMD_SUB and SIMD_MUL; the rest is NULL there. */
	simd_binary_function *binary[SIMD_BINARY_COUNT][SIMD_LANE_COUNT];
	simd_unary_function *bitwise_not[SIMD_INTEGER_LANES];
	simd_shift_function *shift[SIMD_SHIFT_COUNT][SIMD_INTEGER_LANES];
	simd_fma_function *fma_f32;
	simd_fma_function *fma_f64;
};

/* ---- choice ------------------------------------------------------------------------------------------------------ */

enum simd_width {
	SIMD_WIDTH_SCALAR, /* one lane a step; copy: one byte a step */
	SIMD_WIDTH_128,
	SIMD_WIDTH_256,
	SIMD_WIDTH_512,
	SIMD_WIDTH_COUNT
};

/* Kernels that need the same of a CPU, and come from a variant together. */
enum simd_family {
	SIMD_FAMILY_COPIES,
	SIMD_FAMILY_FILLS,
	SIMD_FAMILY_SCANS,
	SIMD_FAMILY_SUMS, /* struct simd_sums but popcount */
	SIMD_FAMILY_POPCOUNT,
	SIMD_FAMILY_CRC32C,
	SIMD_FAMILY_PAGE_HASH,
	SIMD_FAMILY_LANES, /* struct simd_lanes but the fused multiply-add */
	SIMD_FAMILY_FMA,
	SIMD_FAMILY_COUNT
};

/* All kernels in one instruction set. */
struct simd_variant {
	const char *name; /* "avx2"; the last part of its files' names */
	enum simd_width width;
	bool unmeasured;   /* simd_select may choose it on no other ground than that it runs */
	uint32_t sve_bits; /* the SVE vector length that makes it this width; 0: does not depend on it */
	uint64_t needs[SIMD_FAMILY_COUNT]; /* SIMD_FEATURE_BITs, all of them: what the family's kernels execute */
	const struct simd_copies *copies;
	const struct simd_fills *fills;
	const struct simd_scans *scans;
	const struct simd_sums *sums;
	const struct simd_hashes *hashes;
	const struct simd_lanes *lanes;
};

/* Every variant of this architecture, ascending in width, the preferred one of a width first. The scalar one is the
 * first, and runs everywhere. */
extern const struct simd_variant simd_variants[];
extern const size_t simd_variant_count;

bool simd_family_runs(const struct simd_variant *variant, enum simd_family family, simd_features features);

/* Every family does. */
bool simd_variant_runs(const struct simd_variant *variant, simd_features features);

/* Of an operation, the functions for each band of a profile's sizes. */
struct simd_bands {
	size_t below[SIMD_BANDS - 1]; /* bytes, ascending; SIZE_MAX: no further band */
};

struct simd_by_size {
	struct simd_bands bands[SIMD_OPERATION_COUNT]; /* of pages: unused */
	simd_copy_function *copy[SIMD_BANDS], *move[SIMD_BANDS];
	simd_fill_function *fill[SIMD_BANDS];
	simd_zero_function *zero[SIMD_BANDS];
	simd_compare_function *compare[SIMD_BANDS];
	simd_find_byte_function *find_byte[SIMD_BANDS];
	struct simd_sums sums[SIMD_BANDS]; /* popcount: the next */
	simd_popcount_function *popcount[SIMD_BANDS];
	simd_crc32c_function *crc32c[SIMD_BANDS];
	struct simd_lanes lanes[SIMD_BANDS]; /* each function by its own operation's bands */
};

/* What to call on one machine. Owned by the caller; plain pointers, to be copied as one likes. None is NULL but where
 * struct simd_lanes says so. Chosen without a measurement, for code that has none: each family from the widest variant
 * that has it running, but not from 512-bit AVX-512, which lowers the clock of some CPUs and is split in two by others,
 * and is left to a caller who has measured; single kernels from an extension that a variant does not ask for (AVX-512
 * on 256 bits, CRC32 beside PCLMULQDQ, VPCLMULQDQ, GFNI, CLZERO) where there is that, but for REP MOVSB ("erms"), which
 * is the quickest copy of some CPUs and the slowest of others. */
struct simd_kernels {
	/* With a profile: its method for a page. */
	struct simd_copies copies;
	struct simd_fills fills;
	struct simd_scans scans;
	struct simd_sums sums;
	struct simd_hashes hashes;
	struct simd_lanes lanes;
	struct simd_by_size by_size;
	size_t copy_stream_bytes, zero_stream_bytes;        /* from here on simd_copy and simd_zero stream */
	const struct simd_variant *from[SIMD_FAMILY_COUNT]; /* where they come from, but for what extensions replaced */
	/* The preferred variant of each width that has the family running; NULL where none has.
	 * [][SIMD_WIDTH_SCALAR] is never NULL. */
	const struct simd_variant *width[SIMD_FAMILY_COUNT][SIMD_WIDTH_COUNT];
};

/* profile: NULL is simd_profile_default. It need not outlive the call. */
void simd_select(simd_features features, const struct simd_profile *profile, struct simd_kernels *kernels);

/* As simd_select, from one variant alone; the caller knows that it runs. */
void simd_use(const struct simd_variant *variant, const struct simd_profile *profile, struct simd_kernels *kernels);

/* Whether kernels->width[family][width] is NULL with these features. If so, what is missing, for people, goes to
 * `text`, cut off and terminated at `bytes` (at least 1): "no PCLMULQDQ". */
bool simd_width_missing(simd_features features, enum simd_family family, enum simd_width width, char *text,
			size_t bytes);

/* A way to do an operation. */
struct simd_method {
	const char *name; /* static text */
	enum simd_width width;
};

enum { SIMD_METHODS_MAX = 12 };

/* Every method that differs from the others and that runs with these features, ascending in width, extensions last;
 * returns how many, at most SIMD_METHODS_MAX. */
size_t simd_methods(simd_features features, enum simd_operation operation, struct simd_method *methods);

/* The name of the one that simd_select takes without a profile. */
const char *simd_method_built_in(simd_features features, enum simd_operation operation);

/* Puts the method's functions in the place of the operation's in copies to lanes, where it runs, and leaves by_size
 * alone. false: there is none of that name for it here, and nothing was changed. */
bool simd_method_use(simd_features features, enum simd_operation operation, const char *name,
		     struct simd_kernels *kernels);

/* ---- by size ----------------------------------------------------------------------------------------------------- */

#if SIMD_BANDS != 8
#error "simd_band counts seven edges"
#endif

/* No branch: sizes that vary cost no misprediction here, and the call's target is what is predicted. Written out,
 * because compilers keep so short a loop, which takes longer than a short copy. */
static inline unsigned simd_band(const struct simd_kernels *kernels, enum simd_operation operation, size_t bytes) {
	const size_t *below = kernels->by_size.bands[operation].below;
	return 0u + (bytes >= below[0]) + (bytes >= below[1]) + (bytes >= below[2]) + (bytes >= below[3]) +
	       (bytes >= below[4]) + (bytes >= below[5]) + (bytes >= below[6]);
}

/* One method for all sizes up to a page, and no look at the bands before it: a short copy takes about as long. The
 * pointer is in a register before the call, which through memory takes longer behind a row of stores. */
static inline void simd_copy(const struct simd_kernels *kernels, void *destination, const void *source, size_t bytes) {
	simd_copy_function *copy = kernels->copies.copy;
	if (__builtin_expect(bytes > SIMD_PAGE_BYTES, 0))
		copy = bytes >= kernels->copy_stream_bytes
			       ? kernels->copies.copy_stream
			       : kernels->by_size.copy[simd_band(kernels, SIMD_OPERATION_COPY, bytes)];
	copy(destination, source, bytes);
}

static inline void simd_move(const struct simd_kernels *kernels, void *destination, const void *source, size_t bytes) {
	simd_copy_function *move = kernels->copies.move;
	if (__builtin_expect(bytes > SIMD_PAGE_BYTES, 0))
		move = kernels->by_size.move[simd_band(kernels, SIMD_OPERATION_COPY, bytes)];
	move(destination, source, bytes);
}

static inline void simd_fill(const struct simd_kernels *kernels, void *memory, uint8_t value, size_t bytes) {
	kernels->by_size.fill[simd_band(kernels, SIMD_OPERATION_FILL, bytes)](memory, value, bytes);
}

static inline void simd_zero(const struct simd_kernels *kernels, void *memory, size_t bytes) {
	if (bytes >= kernels->zero_stream_bytes)
		kernels->fills.zero_stream(memory, bytes);
	else
		kernels->by_size.zero[simd_band(kernels, SIMD_OPERATION_ZERO, bytes)](memory, bytes);
}

static inline int simd_compare(const struct simd_kernels *kernels, const void *a, const void *b, size_t bytes) {
	return kernels->by_size.compare[simd_band(kernels, SIMD_OPERATION_COMPARE, bytes)](a, b, bytes);
}

static inline size_t simd_find_byte(const struct simd_kernels *kernels, const void *memory, uint8_t value,
				    size_t bytes) {
	return kernels->by_size.find_byte[simd_band(kernels, SIMD_OPERATION_FIND_BYTE, bytes)](memory, value, bytes);
}

static inline const struct simd_sums *simd_sums_of(const struct simd_kernels *kernels, size_t bytes) {
	return &kernels->by_size.sums[simd_band(kernels, SIMD_OPERATION_SUM, bytes)];
}

static inline uint64_t simd_sum_u64(const struct simd_kernels *kernels, const uint64_t *a, size_t count) {
	return simd_sums_of(kernels, count * sizeof *a)->sum_u64(a, count);
}

static inline float simd_sum_f32(const struct simd_kernels *kernels, const float *a, size_t count) {
	return simd_sums_of(kernels, count * sizeof *a)->sum_f32(a, count);
}

static inline double simd_sum_f64(const struct simd_kernels *kernels, const double *a, size_t count) {
	return simd_sums_of(kernels, count * sizeof *a)->sum_f64(a, count);
}

static inline float simd_dot_f32(const struct simd_kernels *kernels, const float *a, const float *b, size_t count) {
	return simd_sums_of(kernels, count * sizeof *a)->dot_f32(a, b, count);
}

static inline double simd_dot_f64(const struct simd_kernels *kernels, const double *a, const double *b, size_t count) {
	return simd_sums_of(kernels, count * sizeof *a)->dot_f64(a, b, count);
}

static inline uint64_t simd_popcount(const struct simd_kernels *kernels, const void *memory, size_t bytes) {
	return kernels->by_size.popcount[simd_band(kernels, SIMD_OPERATION_POPCOUNT, bytes)](memory, bytes);
}

static inline uint32_t simd_crc32c(const struct simd_kernels *kernels, uint32_t crc, const void *memory, size_t bytes) {
	return kernels->by_size.crc32c[simd_band(kernels, SIMD_OPERATION_CRC32C, bytes)](crc, memory, bytes);
}

/* Which of a profile's operations it is. Of constants, the compiler's work. */
static inline enum simd_operation simd_binary_operation(enum simd_binary op, enum simd_lane lane) {
	if (op >= SIMD_SHL)
		return SIMD_ENUM(simd_operation, SIMD_OPERATION_LANES_SHIFT8 + (lane + 0));
	return op == SIMD_MUL && lane <= SIMD_U64 ? SIMD_ENUM(simd_operation, SIMD_OPERATION_LANES_MUL8 + (lane + 0))
						  : SIMD_OPERATION_LANES_ADD;
}

static inline const struct simd_lanes *simd_lanes_of(const struct simd_kernels *kernels, enum simd_operation operation,
						     enum simd_lane lane, size_t count) {
	size_t bytes = count << (lane <= SIMD_U64 ? lane - SIMD_U8 : lane - SIMD_F32 + 2);
	return &kernels->by_size.lanes[simd_band(kernels, operation, bytes)];
}

/* As the functions of struct simd_lanes, by the bytes of one array. */
static inline void simd_binary(const struct simd_kernels *kernels, enum simd_binary op, enum simd_lane lane,
			       void *result, const void *a, const void *b, size_t count) {
	simd_lanes_of(kernels, simd_binary_operation(op, lane), lane, count)->binary[op][lane](result, a, b, count);
}

static inline void simd_not(const struct simd_kernels *kernels, enum simd_lane lane, void *result, const void *a,
			    size_t count) {
	simd_lanes_of(kernels, SIMD_OPERATION_LANES_ADD, lane, count)->bitwise_not[lane](result, a, count);
}

static inline void simd_shift(const struct simd_kernels *kernels, enum simd_shift op, enum simd_lane lane, void *result,
			      const void *a, unsigned bits, size_t count) {
	simd_lanes_of(kernels, simd_binary_operation(SIMD_SHL, lane), lane, count)
		->shift[op][lane](result, a, bits, count);
}

static inline void simd_fma_f32(const struct simd_kernels *kernels, void *result, const void *a, const void *b,
				const void *c, size_t count) {
	simd_lanes_of(kernels, SIMD_OPERATION_LANES_FMA, SIMD_F32, count)->fma_f32(result, a, b, c, count);
}

static inline void simd_fma_f64(const struct simd_kernels *kernels, void *result, const void *a, const void *b,
				const void *c, size_t count) {
	simd_lanes_of(kernels, SIMD_OPERATION_LANES_FMA, SIMD_F64, count)->fma_f64(result, a, b, c, count);
}

/* As scans.find_byte, where there need be no memory behind the first byte of that value, or none behind its end:
 * `bytes` may be as large as SIZE_MAX then. Reads no byte of a page of SIMD_PAGE_BYTES, aligned to it, that the first
 * such byte or the last of `bytes` lies before; of its own page it may read bytes behind it, which a sanitizer, not the
 * machine, would object to. */
static inline size_t simd_find_byte_unbounded(const struct simd_kernels *kernels, const void *memory, uint8_t value,
					      size_t bytes) {
	const uint8_t *at = SIMD_CAST(const uint8_t *, memory);
	for (size_t done = 0; done < bytes;) {
		size_t page = SIMD_PAGE_BYTES - (SIMD_CAST(uintptr_t, at + done) & (SIMD_PAGE_BYTES - 1));
		size_t piece = page < bytes - done ? page : bytes - done;
		size_t found = kernels->scans.find_byte(at + done, value, piece);
		if (found != piece)
			return done + found;
		done += piece;
	}
	return bytes;
}

#ifdef __cplusplus
}
#endif
