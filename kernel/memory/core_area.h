/* SPDX-License-Identifier: Apache-2.0
 *
 * What another core has of its own: stacks, and the state of both sides. CPU n's lies at CORE_AREA_BASE + n *
 * CORE_AREA_BYTES, for the kernel only, on memory that is taken when the core is started for the first time; of what is
 * not named below nothing is ever mapped, so that an unmapped page is before each stack, and an address in it tells
 * whose it is. Included by assembly, too.
 */
#pragma once

#define CORE_AREA_BASE  0x600000000000
#define CORE_AREA_BYTES 0x10000
#define CORE_STACK      0x1000 /* to CORE_STACK_TOP: the kernel's on it */
#define CORE_STACK_TOP  0x5000
#define CORE_TRAP       0x6000 /* to CORE_TRAP_TOP: where one that the kernel itself takes there goes on */
#define CORE_TRAP_TOP   0x8000
#define CORE_ARCH       0x9000 /* to CORE_SHARED: the architecture's, of that core alone once it runs */
#define CORE_SHARED     0xc000 /* struct core (core_state.h) */
#define CORE_AREA_END   0xd000

#ifndef __ASSEMBLER__

#include <stdbool.h>
#include <stdint.h>

static inline uint64_t core_area(unsigned cpu) {
	return (uint64_t)CORE_AREA_BASE + (uint64_t)cpu * CORE_AREA_BYTES;
}

/* Whether an address is in some CPU's, and in whose. */
bool core_area_of(uint64_t address, unsigned *cpu);

/* First core only. Makes that of a CPU, zeroed from CORE_ARCH on; done once, then as it is. false: no memory, and what
 * was taken of it is lost. */
bool core_area_make(unsigned cpu);

bool core_area_is_made(unsigned cpu);

/* Where a mapped byte of one that was made is in physical memory, which is identity-mapped. */
uint64_t core_area_physical(unsigned cpu, uint64_t offset);

#endif
