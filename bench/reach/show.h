/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "bench/collect.h"
#include "bench/text.h"

/* For people: a line for each level of the TLBs that a run's rows show, beside what the machine says of it; nothing
 * where there are no such rows, or less than a curve has. */
void reach_show(struct collector *collector, struct text *text);
