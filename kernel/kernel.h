/* SPDX-License-Identifier: Apache-2.0
 *
 * The start: where the ways in go on, and how its parts are told apart.
 */
#pragma once

#include "boot_info.h"
#include "platform.h"

/* Called by kernel_entry on arch_stacks[0], once; `call` is NULL under takeover. */
_Noreturn void kernel_main(struct boot_info *info, struct kernel_call *call);

/* A function of its own: tools/bench_start.py finds the phases by its calls. */
void start_phase_end(enum platform_phase phase);
