/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/aarch64/frame.h"
#include "kernel/image.h"
#include "lib/units.h"

struct kernel_stack arch_stacks[2] __attribute__((aligned(PAGE_BYTES)));
const unsigned arch_stack_count = sizeof(arch_stacks) / sizeof(arch_stacks[0]);

_Static_assert(sizeof(struct kernel_stack) == MAIN_STACK_TOP, "frame.h");
_Static_assert(2 * sizeof(struct kernel_stack) == TRAP_STACK_TOP, "frame.h");
