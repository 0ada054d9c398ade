/* SPDX-License-Identifier: Apache-2.0
 *
 * What was measured on a machine, for simd_select: which method each operation takes, by size. A value that is passed
 * around, made by `anechoic tune` (as a C initialiser, or as JSON that a programme reads), never a global.
 *
 * A method is named as its variant is ("avx2", "avx512", "neon") or its extension ("evex", "vbmi"): names outlive the
 * order of a table, and one that this build or this CPU lacks leaves the built-in choice. So a profile that does not
 * fit costs speed, never a fault.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What has one choice: functions that the same loop makes fast. Append only. */
enum simd_operation {
	/* By size, in bytes that are written, or read where nothing is. */
	SIMD_OPERATION_COPY, /* copy and move; up to SIMD_PAGE_BYTES the page's method, whatever the bands say */
	SIMD_OPERATION_FILL,
	SIMD_OPERATION_ZERO,
	SIMD_OPERATION_COMPARE,
	SIMD_OPERATION_FIND_BYTE,
	SIMD_OPERATION_SUM, /* struct simd_sums but popcount; of dot the bytes of one array */
	SIMD_OPERATION_POPCOUNT,
	SIMD_OPERATION_CRC32C,
	SIMD_OPERATION_COPY_PAGE, /* of pages: one size, and so one method */
	SIMD_OPERATION_ZERO_PAGE,
	SIMD_OPERATION_IS_ZERO_PAGE,
	SIMD_OPERATION_PAGE_HASH,
	SIMD_OPERATION_LANES_ADD, /* by the bytes of one array: struct simd_lanes but what follows */
	SIMD_OPERATION_LANES_MUL8,
	SIMD_OPERATION_LANES_MUL16,
	SIMD_OPERATION_LANES_MUL32,
	SIMD_OPERATION_LANES_MUL64,
	SIMD_OPERATION_LANES_SHIFT8, /* by lane and by one number */
	SIMD_OPERATION_LANES_SHIFT16,
	SIMD_OPERATION_LANES_SHIFT32,
	SIMD_OPERATION_LANES_SHIFT64,
	SIMD_OPERATION_LANES_FMA,
	SIMD_OPERATION_COUNT
};

/* false: it is one of pages. */
static inline bool simd_operation_is_sized(enum simd_operation operation) {
	return operation < SIMD_OPERATION_COPY_PAGE || operation > SIMD_OPERATION_PAGE_HASH;
}

#define SIMD_BANDS 8

/* Method i is for sizes below below[i], the last one for all from there on. */
struct simd_choice {
	const char *method[SIMD_BANDS]; /* static text, the profile's owner's; NULL: the built-in choice */
	size_t below[SIMD_BANDS - 1];   /* bytes, ascending; 0: there is no further band */
};

struct simd_profile {
	/* Sizes at which simd_copy and simd_zero change to stores that go past the caches; SIZE_MAX: never, 0: as
	 * built in. */
	size_t copy_stream_bytes; /* from here on copies.copy_stream, but not up to SIMD_PAGE_BYTES */
	size_t zero_stream_bytes; /* from here on fills.zero_stream */
	struct simd_choice choice[SIMD_OPERATION_COUNT];
};

/* What holds where nothing was measured: streams from where no cache of a core holds both buffers any more, and every
 * operation's built-in choice. */
extern const struct simd_profile simd_profile_default;

/* Which CPU it is, as far as its kernels go: of several kinds of core in a machine the one that was asked. */
struct simd_cpu {
	uint32_t vendor; /* x86_64: EBX of CPUID leaf 0, four letters; aarch64: MIDR_EL1.Implementer */
	uint32_t family; /* x86_64: with the extended family; aarch64: 0 */
	uint32_t model;  /* x86_64: with the extended model; aarch64: MIDR_EL1.PartNum */
};

/* Of this core, by the means and under the conditions of simd_features_detect. */
struct simd_cpu simd_cpu_detect(void);
struct simd_cpu simd_cpu_decode_x86_64(uint32_t leaf0_ebx, uint32_t leaf1_eax);
struct simd_cpu simd_cpu_decode_aarch64(uint64_t midr_el1);

/* What was measured on that kind of CPU, or simd_profile_default; and its name: "Zen 5", "default". Static. */
const struct simd_profile *simd_profile_for(struct simd_cpu cpu);
const char *simd_profile_name_for(struct simd_cpu cpu);

/* "copy", "lanes/mul8"; "?" outside of the enumeration. Static text. */
const char *simd_operation_name(enum simd_operation operation);

#ifdef __cplusplus
}
#endif
