/* SPDX-License-Identifier: Apache-2.0
 *
 * How far the start has come, for whoever starts the machine anew after it stopped: under handback the loader writes it
 * down (boot/trail.h).
 */
#pragma once

#include "lib/escapes.h"

/* A part of the start begins. Under handback it is durable when this returns; nothing is said to anybody else. For
 * tests: where the key `stop-at` names the step, and what would be left out after that is not left out yet, the
 * machine stands still here. */
void step_begin(enum start_step step);
