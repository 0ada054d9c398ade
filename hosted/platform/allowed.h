/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <sched.h>

/* What the process was allowed at its start, before it was pinned. */
void cores_allowed(cpu_set_t *allowed);

/* How many CPUs those are; 1 where nobody says. */
unsigned cores_usable(void);
