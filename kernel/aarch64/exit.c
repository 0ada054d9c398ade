/* SPDX-License-Identifier: Apache-2.0
 *
 * The end of the machine. Semihosting only where the launcher asked for it: elsewhere HLT is an undefined instruction.
 * Source: Semihosting for AArch32 and AArch64 (Arm), SYS_EXIT.
 */
#include "kernel/aarch64/aarch64.h"
#include "kernel/compare.h"

#include <stddef.h>

enum { SEMIHOSTING_SYS_EXIT = 0x18 };
#define ADP_STOPPED_APPLICATION_EXIT UINT64_C(0x20026)

static void semihosting_exit(int status) {
	const uint64_t block[2] = {ADP_STOPPED_APPLICATION_EXIT, (uint64_t)(int64_t)status};
	register uint64_t x0 __asm__("x0") = SEMIHOSTING_SYS_EXIT;
	register const uint64_t *x1 __asm__("x1") = block;
	__asm__ volatile("hlt #0xf000" : "+r"(x0) : "r"(x1) : "memory");
}

_Noreturn void arch_exit(int status, const char *way) {
	if (word_is(way, "semihosting"))
		semihosting_exit(status);
	if (word_is(way, "power-off"))
		psci_system_off();
	if (word_is(way, "reset"))
		psci_system_reset();
	for (;;)
		__asm__ volatile("wfi");
}
