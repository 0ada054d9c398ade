/* SPDX-License-Identifier: Apache-2.0
 *
 * What the kernel needs of the image that it is linked into: where its parts begin, the programme in it, its stacks.
 */
#pragma once

#include "lib/units.h"

#include <stdint.h>

/* Laid out by linker/kernel-<arch>.ld and linker/kernel-pvh.ld: text R-X, then read-only data R-- with the
 * programme's file in it, then data RW-; each begins on a page. */
extern uint8_t kernel_image_start[];
extern uint8_t kernel_text_end[];
extern uint8_t kernel_rodata_end[];
extern uint8_t kernel_image_end[];

/* program.S: the programme's ELF file. */
extern const uint8_t kernel_program[];
extern const uint8_t kernel_program_end[];

/* The kernel's stacks: [0] is kernel_main's, the others are the architecture's. `guard` is never mapped. The
 * architecture defines both, page-aligned. */
enum { KERNEL_STACK_BYTES = 16384, KERNEL_GUARD_BYTES = PAGE_BYTES };
struct kernel_stack {
	uint8_t guard[KERNEL_GUARD_BYTES];
	uint8_t bytes[KERNEL_STACK_BYTES];
};
extern struct kernel_stack arch_stacks[];
extern const unsigned arch_stack_count;
