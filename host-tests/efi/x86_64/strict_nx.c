/* SPDX-License-Identifier: Apache-2.0
 *
 * host-tests/efi/strict_nx.h on x86_64. Source: Intel SDM volume 3A, 4.6 (access rights), 6.15 (#PF); Platform
 * Initialization 1.7, volume 2, 12.3 and UEFI 2.10, 18.2 (EFI_SYSTEM_CONTEXT_X64).
 */
#include "host-tests/efi/strict_nx.h"
#include "kernel/x86_64/registers.h"

static const int fetch_exception = 14;           /* #PF */
static const uint32_t return_instruction = 0xc3; /* RET */

struct context {
	uint64_t exception_data;
	uint8_t fx_state[512];
	uint64_t debug[6], control[6], rflags, ldtr, tr, gdtr[2], idtr[2];
	uint64_t rip, segments[6], rdi, rsi, rbp, rsp;
};

static void no_execute_switch_on(void) {
	uint32_t low, high;
	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(MSR_IA32_EFER));
	__asm__ volatile("wrmsr" : : "c"(MSR_IA32_EFER), "a"(low | EFER_NXE), "d"(high));
}

static void context_return(void *context) {
	struct context *at = context;
	at->rip = *(const uint64_t *)at->rsp;
	at->rsp += sizeof(uint64_t);
}
