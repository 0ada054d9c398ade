/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/image.h"
#include "kernel/x86_64/registers.h"
#include "lib/units.h"

struct kernel_stack arch_stacks[STACK_COUNT] __attribute__((aligned(PAGE_BYTES)));
const unsigned arch_stack_count = STACK_COUNT;
_Static_assert(sizeof(struct kernel_stack) == MAIN_STACK_TOP, "registers.h");
