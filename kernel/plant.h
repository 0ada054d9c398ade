/* SPDX-License-Identifier: Apache-2.0
 *
 * A disturbance on purpose: the watchdog's timer fires at even intervals, too, and the kernel stays for as long as it
 * was told to. On the first core, as long as a guard is armed.
 */
#pragma once

#include "platform.h"

#include <stdbool.h>
#include <stdint.h>

/* As platform_plant, once the guard is armed and there is a timer, which is to be armed anew. */
int plant_set(uint64_t every_ns, uint64_t length_ns, struct platform_planted *planted);

/* Ticks until the next, at least 1; all ones: there is none. */
uint64_t plant_left(uint64_t now);

/* The timer has fired: whether it was for this. The next is to be armed for then, and after that the kernel stays, as
 * if from `begin` on. */
bool plant_is_due(uint64_t now);
void plant_stay(uint64_t begin);

void plant_end(void);
