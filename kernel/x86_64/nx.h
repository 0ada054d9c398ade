/* SPDX-License-Identifier: Apache-2.0
 *
 * No-execute where the firmware's setup has hidden it ("Execute Disable" off): IA32_MISC_ENABLE[34] cleared, and put
 * back for the firmware. The MSR is each core's own. Its accesses are guarded: a hypervisor that passes an Intel
 * processor's name on need not have it. Source: Intel SDM volume 4, table 2-2 (1A0H).
 */
#pragma once

#include "lib/cpuid.h"

#include <stdbool.h>

/* First core: EFER.NXE on, and EFER.SCE off. false: there is no NX, and nothing is changed. The MSRs are asked where
 * CPUID says nothing, or may have been made to deny it. The IDT is loaded. */
bool nx_start(const struct cpuid_leaves *leaves);

/* Whether it was hidden. Another core begins by clearing its own (trampoline.S), unguarded as the first core's has
 * shown that it can be. */
bool nx_was_hidden(void);

/* The firmware's setting back, with its EFER in force; ours again, before EFER.NXE. Nothing where it was not hidden. */
void nx_leave(void);
void nx_take_up(void);
