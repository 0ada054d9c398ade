/* SPDX-License-Identifier: Apache-2.0
 *
 * CRC-32C by SSE4.2's instruction, joined by PCLMULQDQ; assumes both, and no vectors wider than 128 bits.
 * Strategy: simd/vector_crc32c.h.
 */
#include "simd/x86_64/isa.h"

#include "simd/x86_64/crc32c_sse4_2.h"

uint32_t simd_crc32c_pclmul(uint32_t crc, const void *memory, size_t bytes) {
	return crc32c_by_words(crc, memory, bytes);
}
