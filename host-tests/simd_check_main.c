/* SPDX-License-Identifier: Apache-2.0
 *
 * The checks of simd_check.c as a programme of its own: `make simd-check` runs it on this CPU or under qemu. Says which
 * sets it ran; exit status 1 where one is wrong or only the scalar one ran.
 *
 * With the argument "gates" it tells instead, a line each, what every family of every variant and every
 * extension asks of a CPU, and
 * where its functions lie:    gate NAME, FAMILY: FEATURE,FEATURE ADDRESS ADDRESS
 * Addresses are distances from simd_variants, hexadecimal. No kernel is called.
 */
#include "host-tests/simd_check.h"
#include "simd/kernels.h"

#include <stdio.h>
#include <string.h>

/* Where a family's functions lie in struct simd_kernels: pointers, nothing else. */
static const struct family {
	const char *name;
	size_t offset, bytes;
} families[SIMD_FAMILY_COUNT] = {
#define ALL(kind)         offsetof(struct simd_kernels, kind), sizeof(struct simd_##kind)
#define SOME(kind, first) offsetof(struct simd_kernels, kind) + offsetof(struct simd_##kind, first)
	[SIMD_FAMILY_COPIES] = {"copies", ALL(copies)},
	[SIMD_FAMILY_FILLS] = {"fills", ALL(fills)},
	[SIMD_FAMILY_SCANS] = {"scans", ALL(scans)},
	[SIMD_FAMILY_SUMS] = {"sums", offsetof(struct simd_kernels, sums), offsetof(struct simd_sums, popcount)},
	[SIMD_FAMILY_POPCOUNT] = {"popcount", SOME(sums, popcount), sizeof(simd_popcount_function *)},
	[SIMD_FAMILY_CRC32C] = {"crc32c", SOME(hashes, crc32c), sizeof(simd_crc32c_function *)},
	[SIMD_FAMILY_PAGE_HASH] = {"page_hash", SOME(hashes, page_hash), sizeof(simd_page_hash_function *)},
	[SIMD_FAMILY_LANES] = {"lanes", offsetof(struct simd_kernels, lanes), offsetof(struct simd_lanes, fma_f32)},
	[SIMD_FAMILY_FMA] = {"fma", SOME(lanes, fma_f32), 2 * sizeof(simd_fma_function *)},
#undef ALL
#undef SOME
};

static void print_functions(const struct simd_kernels *kernels, const struct family *family) {
	for (size_t at = family->offset; at < family->offset + family->bytes; at += sizeof(uintptr_t)) {
		uintptr_t function;
		memcpy(&function, (const char *)kernels + at, sizeof function);
		if (function != 0)
			printf(" %llx", (unsigned long long)(function - (uintptr_t)simd_variants));
	}
}

static void print_gate(const char *name, const char *family, uint64_t needs) {
	const char *before = "";
	printf("gate %s, %s: ", name, family);
	for (unsigned feature = 0; feature < SIMD_FEATURE_COUNT; feature++)
		if ((needs & SIMD_FEATURE_BIT(feature)) != 0) {
			printf("%s%s", before, simd_feature_name((enum simd_feature)feature));
			before = ",";
		}
	printf("%s", needs == 0 ? "-" : "");
}

static int print_gates(void) {
	struct simd_kernels kernels;
	for (size_t i = 0; i < simd_variant_count; i++) {
		simd_use(&simd_variants[i], NULL, &kernels);
		for (size_t family = 0; family < SIMD_FAMILY_COUNT; family++) {
			print_gate(simd_variants[i].name, families[family].name, simd_variants[i].needs[family]);
			print_functions(&kernels, &families[family]);
			puts("");
		}
	}
	for (size_t i = 0; i < simd_extension_count; i++) {
		kernels = (struct simd_kernels){0};
		simd_extensions[i].extend(&kernels);
		print_gate("extension", simd_extensions[i].name, simd_extensions[i].needs);
		for (size_t family = 0; family < SIMD_FAMILY_COUNT; family++)
			print_functions(&kernels, &families[family]);
		puts("");
	}
	return 0;
}

int main(int argc, char **argv) {
	struct simd_kernels kernels;
	const char *name;
	unsigned sets = 0, failed = 0;
	if (argc == 2 && strcmp(argv[1], "gates") == 0)
		return print_gates();
	for (size_t at = 0; simd_check_next_set(&at, &kernels, &name); sets++)
		for (const struct simd_check *check = simd_checks; check->name != NULL; check++) {
			const char *wrong = check->run(&kernels);
			if (wrong == NULL)
				continue;
			printf("FAIL %s/%s: %s\n", name, check->name, wrong);
			failed++;
		}
	simd_features features = simd_features_detect();
	simd_select(features, NULL, &kernels);
	printf("simd-check: %u sets of kernels, copies selected from \"%s\" (SVE: %u bits), %u checks failed\n", sets,
	       kernels.from[SIMD_FAMILY_COPIES]->name, (unsigned)features.sve_bits, failed);
	return failed != 0 || sets < 3;
}
