/* SPDX-License-Identifier: Apache-2.0
 *
 * What the shared kernel gives to its architectures, and what it needs of the image that it is linked into.
 */
#pragma once

#include "boot_info.h"
#include "kernel/arch.h"

#include <stdbool.h>
#include <stdint.h>

/* Called by kernel_entry on arch_stacks[0], once; `call` is NULL under takeover. */
_Noreturn void kernel_main(struct boot_info *info, struct kernel_call *call);

/* Whether a configured word is this one; NULL is none. */
bool word_is(const char *word, const char *wanted);

/* A broken invariant: says so on the consoles and ends with exit status 4. */
__attribute__((format(printf, 1, 2))) _Noreturn void panic(const char *format, ...);

/* This machine cannot carry a run: says why on the consoles and ends with exit status 2. */
__attribute__((format(printf, 1, 2))) _Noreturn void refuse(const char *format, ...);

/* On another core: what it is started for (core.c), and what becomes of it when the kernel itself fails there. */
_Noreturn void core_main(void);
_Noreturn void core_broken(const struct platform_fault *fault);

/* Identity-maps device memory for the kernel: at once where our page tables are in force, else as soon as they are
 * (until then the firmware's map it). Rounds outwards to pages; pages that are mapped already stay as they are. */
void kernel_device_map(paddr_t base, uint64_t length, unsigned rights);

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
 * architecture defines both, page- aligned. */
enum { KERNEL_STACK_BYTES = 16384, KERNEL_GUARD_BYTES = 4096 };
struct kernel_stack {
	uint8_t guard[KERNEL_GUARD_BYTES];
	uint8_t bytes[KERNEL_STACK_BYTES];
};
extern struct kernel_stack arch_stacks[];
extern const unsigned arch_stack_count;
