/* SPDX-License-Identifier: Apache-2.0
 *
 * The disturbance of platform_plant (platform.c), on the thread that begins it.
 */
#pragma once

#include "platform.h"

#include <stdint.h>

/* Nothing is planted just then. 0, or PLATFORM_EUNSUPPORTED. */
int plant_begin(uint64_t every_ns, uint64_t length_ticks);

/* As a guarded function ends; what was done is kept for plant_take, which ends it, too. */
void plant_end(void);
void plant_take(struct platform_planted *planted);
