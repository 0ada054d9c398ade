/* SPDX-License-Identifier: Apache-2.0
 *
 * The names of the gate's calls.
 */
#pragma once

#include <stdint.h>

/* As kernel/gate.h lists it, "MEMORY_MAP"; NULL: there is no such call. */
const char *gate_name(uint64_t number);
