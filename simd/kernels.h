/* SPDX-License-Identifier: Apache-2.0
 *
 * The families of kernels by name, for the tables of variants: internal. What each does is said once, in simd.h.
 */
#pragma once

#include "simd/simd.h"

/* All families of one instruction set. */
#define SIMD_FAMILIES(isa)                                 \
	extern const struct simd_copies simd_copies_##isa; \
	extern const struct simd_fills simd_fills_##isa;   \
	extern const struct simd_scans simd_scans_##isa;   \
	extern const struct simd_sums simd_sums_##isa;     \
	extern const struct simd_hashes simd_hashes_##isa; \
	extern const struct simd_lanes simd_lanes_##isa

#define SIMD_TABLES(isa)                                                                                \
	&simd_copies_##isa, &simd_fills_##isa, &simd_scans_##isa, &simd_sums_##isa, &simd_hashes_##isa, \
		&simd_lanes_##isa

SIMD_FAMILIES(scalar);

/* Fused multiply-add in integers: for instruction sets that have none. */
simd_fma_function simd_fma_f32_soft;
simd_fma_function simd_fma_f64_soft;

/* Kernels that go before the variants' where the CPU has what they need, a later one before an earlier; or that a
 * profile puts there. The architecture's. */
struct simd_extension {
	const char *name;   /* of the kernel, and by what */
	const char *method; /* as struct simd_method has it */
	enum simd_width width;
	bool unmeasured;      /* goes before them without a profile too */
	uint64_t needs;       /* SIMD_FEATURE_BITs, all of them */
	uint64_t slower_with; /* on a CPU that has one of these, a profile alone puts it there */
	void (*extend)(struct simd_kernels *kernels);
};

extern const struct simd_extension simd_extensions[];
extern const size_t simd_extension_count;

/* ---- families.c, and above it methods.c, and above that select.c ---- */

bool simd_extension_runs(const struct simd_extension *extension, simd_features features);
bool simd_extension_unmeasured(const struct simd_extension *extension, simd_features features); /* and it runs */

/* The variant's functions of that family, and no others. */
void simd_take_family(struct simd_kernels *kernels, enum simd_family family, const struct simd_variant *variant);

/* The choice that needs no measurement, but for the extensions. */
void simd_select_variants(simd_features features, struct simd_kernels *kernels);
void simd_extend(simd_features features, struct simd_kernels *kernels);

/* by_size and the pointers of copies to lanes, after a profile; without one by_size repeats those pointers. */
void simd_apply_profile(simd_features features, const struct simd_profile *profile, struct simd_kernels *kernels);

/* ---- profiles.c of each architecture, for cpu.c ---- */

/* Kinds of CPU that were measured; the last has no profile. */
struct simd_cpu_profile {
	const char *name;
	uint32_t vendor, family, first_model, last_model; /* as in struct simd_cpu */
	const struct simd_profile *profile;
};
extern const struct simd_cpu_profile simd_cpu_profiles[];
