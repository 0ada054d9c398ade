/* SPDX-License-Identifier: Apache-2.0
 *
 * What C and assembly both know: the layout of the programme's registers, of the kernel's stacks, and of what another
 * core finds. trap.c, stacks.c and core.c assert that the two agree.
 */
#pragma once

#define FRAME_SP   248
#define FRAME_PC   256
#define FRAME_SPSR 264

/* arch_stacks[0] is kernel_main's, [1] the one of traps of the kernel itself. A guard page lies under each. */
#define MAIN_STACK_TOP 20480
#define TRAP_STACK_TOP 40960

/* struct core_boot */
#define CORE_BOOT_TTBR0          0
#define CORE_BOOT_TCR            16
#define CORE_BOOT_SCTLR          32
#define CORE_BOOT_STACK          40
#define CORE_BOOT_STACK_PHYSICAL 48
#define CORE_BOOT_OPEN_EL2       56
#define CORE_BOOT_ENTER          64

#ifndef __ASSEMBLER__

#include <stdint.h>

struct arch_frame {
	uint64_t x[31];
	uint64_t sp; /* SP_EL0 */
	uint64_t pc;
	uint64_t spsr;
};

#endif
