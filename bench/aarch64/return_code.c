/* SPDX-License-Identifier: Apache-2.0
 *
 * MOVZ W0, #imm16; RET. Source: Arm ARM (DDI 0487), C6.2 (MOVZ, RET).
 */
#include "bench/return_code.h"

static const uint64_t MOVZ_W0 = 0x52800000, RET = 0xd65f03c0;
enum { IMMEDIATE_AT = 5, SECOND_AT = 32 };

uint64_t return_code_of(uint32_t value) {
	return RET << SECOND_AT | MOVZ_W0 | (uint64_t)value << IMMEDIATE_AT;
}
