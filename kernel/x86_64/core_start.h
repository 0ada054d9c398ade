/* SPDX-License-Identifier: Apache-2.0
 *
 * What a core that comes finds: where to go on. By INIT one comes at a time, and it is in the kernel's image; one that
 * the firmware lends finds it in its area. Included by assembly, too.
 */
#pragma once

#define CORE_START_STACK          0
#define CORE_START_ENTRY          8
#define CORE_START_CPU            16
#define CORE_START_FIRMWARE_STACK 24
#define CORE_START_LENT_ENTER     32

#ifndef __ASSEMBLER__

#include <stddef.h>
#include <stdint.h>

struct core_start {
	uint64_t stack;
	uint64_t entry; /* void (uint64_t cpu), never to return */
	uint64_t cpu;
	uint64_t firmware_stack; /* handback: as the firmware's call left it */
	uint64_t lent_enter;     /* handback: core_lent_enter */
};
_Static_assert(offsetof(struct core_start, stack) == CORE_START_STACK, "assembly reads it");
_Static_assert(offsetof(struct core_start, entry) == CORE_START_ENTRY, "assembly reads it");
_Static_assert(offsetof(struct core_start, cpu) == CORE_START_CPU, "assembly reads it");
_Static_assert(offsetof(struct core_start, firmware_stack) == CORE_START_FIRMWARE_STACK, "assembly writes it");

_Static_assert(offsetof(struct core_start, lent_enter) == CORE_START_LENT_ENTER, "assembly reads it");

#endif
