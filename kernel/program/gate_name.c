/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/program/gate_name.h"

#include "kernel/gate.h"

#include <stddef.h>

#define GATE_NAME(NAME, ...) #NAME,
static const char *const names[] = {GATE_CALLS(GATE_NAME)};

const char *gate_name(uint64_t number) {
	return number < GATE_CALL_COUNT ? names[number] : NULL;
}
