/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

/* Faults and time-outs of guarded functions since the process began. */
uint64_t guard_faults_contained(void);
