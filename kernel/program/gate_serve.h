/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel's side of the gate (kernel/gate.h has the calls).
 */
#pragma once

#include <stdint.h>

/* In the place of a result: there is none, the programme goes on elsewhere. */
#define GATE_RESUMED INT64_MIN

/* Serves one call of the first core's: its result. Nothing of it is trusted. */
int64_t gate_serve(uint64_t number, const uint64_t arguments[4]);
