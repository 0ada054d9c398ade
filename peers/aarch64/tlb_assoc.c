/* SPDX-License-Identifier: Apache-2.0
 *
 * The set-associative design: a set's four tags are two registers of Advanced SIMD, which is always there.
 */
#include "peers/tlb_arena.h"

LOOPS(, assoc, assoc)

const char *assoc_absent(simd_features features) {
	(void)features;
	return NULL;
}
