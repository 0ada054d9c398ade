/* SPDX-License-Identifier: Apache-2.0
 *
 * The set-associative design: a set's four tags are one register of AVX2.
 */
#include "peers/tlb_arena.h"

LOOPS(, assoc, assoc)

const char *assoc_absent(simd_features features) {
	return simd_has(features, SIMD_X86_AVX2) ? NULL : "this CPU has no AVX2";
}
