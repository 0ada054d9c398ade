/* SPDX-License-Identifier: Apache-2.0
 *
 * MOV EAX, imm32; RET. Source: Intel SDM volume 2, MOV (B8+ rd id) and RET (C3).
 */
#include "bench/return_code.h"

enum { MOV_EAX_IMM32 = 0xb8, RET = 0xc3, IMMEDIATE_AT = 8, RET_AT = 40 };

uint64_t return_code_of(uint32_t value) {
	return (uint64_t)RET << RET_AT | (uint64_t)value << IMMEDIATE_AT | MOV_EAX_IMM32;
}
