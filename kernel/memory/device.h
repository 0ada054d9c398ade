/* SPDX-License-Identifier: Apache-2.0
 *
 * Devices of the kernel's in memory, identity-mapped. Stands below whatever drives one: nothing here panics.
 */
#pragma once

#include "kernel/arch.h"

#include <stdbool.h>
#include <stdint.h>

/* Maps `length` bytes of a device with `rights` (enum page_rights): at once where there
 * are page tables of ours, else as soon as they are made (space.c); until then the firmware's map it. Rounds outwards
 * to pages; pages that are mapped already stay as they are, page 0 is never mapped. false: there is no memory for a
 * table, and a part may be mapped; what is asked for too early to know of a failure is a panic of space_start's. */
bool device_map(paddr_t base, uint64_t length, unsigned rights);
