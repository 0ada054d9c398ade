/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What was held still for the run, a line of the context; copied. Without, what this variable of the environment says:
 * a process that measures by launches holds the machine for them. */
#define FACTS_STILL "ANECHOIC_STILL"
void facts_set_still(const char *words);
