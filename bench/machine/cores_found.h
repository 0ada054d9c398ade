/* SPDX-License-Identifier: Apache-2.0
 *
 * Which cores belong together by a run's rows machine/cores/pair/A/B, beside what the machine tells of its cores.
 */
#pragma once

#include "bench/collect.h"
#include "bench/machine/facts.h"

/* The member `cores_found` of the context (docs/formats.md), of a run on this machine; nothing where it has no such
 * rows, or memory is short. `facts` is described. */
void cores_found_write(struct collector *collector, const struct facts *facts, struct text *text);

/* For people, of a collected run that has the member: a line for each kind of neighbourhood. */
void cores_found_show(const struct collector *collector, struct text *text);
