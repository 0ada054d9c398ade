/* SPDX-License-Identifier: Apache-2.0
 *
 * The end of the machine. Semihosting only where the launcher asked for it: elsewhere HLT is an undefined instruction.
 * Source: Semihosting for AArch32 and AArch64 (Arm), SYS_EXIT.
 */
#include "kernel/aarch64/aarch64.h"

#include <stddef.h>

enum { SEMIHOSTING_SYS_EXIT = 0x18 };
#define ADP_STOPPED_APPLICATION_EXIT UINT64_C(0x20026)

static void semihosting_exit(int status) {
	const uint64_t block[2] = {ADP_STOPPED_APPLICATION_EXIT, (uint64_t)(int64_t)status};
	register uint64_t x0 __asm__("x0") = SEMIHOSTING_SYS_EXIT;
	register const uint64_t *x1 __asm__("x1") = block;
	__asm__ volatile("hlt #0xf000" : "+r"(x0) : "r"(x1) : "memory");
}

static bool is_semihosting(const char *way) {
	const char *name = "semihosting";
	if (way == NULL)
		return false;
	while (*name != '\0' && *name == *way)
		name++, way++;
	return *name == *way;
}

_Noreturn void arch_exit(int status, const char *way) {
	if (is_semihosting(way))
		semihosting_exit(status);
	psci_system_off();
	for (;;)
		__asm__ volatile("wfi");
}
