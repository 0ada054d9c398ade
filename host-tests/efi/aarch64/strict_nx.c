/* SPDX-License-Identifier: Apache-2.0
 *
 * host-tests/efi/strict_nx.h on aarch64, whose firmware heeds no-execute always. Source: Arm ARM DDI 0487, C6.2 (RET);
 * UEFI 2.10, 18.2 (EFI_SYSTEM_CONTEXT_AARCH64).
 */
#include "host-tests/efi/strict_nx.h"

static const int fetch_exception = 0;                  /* synchronous */
static const uint32_t return_instruction = 0xd65f03c0; /* RET */

struct context {
	uint64_t x[29], fp, lr, sp, vectors[64];
	uint64_t elr;
};

static void no_execute_switch_on(void) {
}

static void context_return(void *context) {
	struct context *at = context;
	at->elr = at->lr;
}
