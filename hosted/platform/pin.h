/* SPDX-License-Identifier: Apache-2.0
 *
 * The core that the process stays on.
 */
#pragma once

#include <stdbool.h>

/* false: there is no such core, or the process is not allowed on it; it stays where it was. */
bool pin_to(int cpu);

/* The last one allowed: interrupts of most devices are served by the first cores. */
void pin_to_last(void);

/* -1: not pinned. */
int pin_cpu(void);
