/* SPDX-License-Identifier: Apache-2.0
 *
 * Within kernel/user/: a counter that GATE_PMU_START lets the programme read.
 */
#pragma once

#include <stdint.h>

/* What is in it now, in as many bits as it has; after all instructions before. A slot that was not started faults. */
uint64_t pmu_slot_read(uint64_t slot);
