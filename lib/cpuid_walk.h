/* SPDX-License-Identifier: Apache-2.0
 *
 * Every leaf of CPUID that says something, with its subleaves, in the order of their numbers. Pure: who executes the
 * instruction is an argument, and whatever it answers, the walk ends after some hundred leaves.
 * Source: Intel SDM volume 2A, CPUID; AMD APM volume 3, appendix E.
 */
#pragma once

#include "lib/cpuid.h"

typedef void cpuid_taker(void *argument, uint32_t leaf, uint32_t subleaf, struct cpuid answer);

/* Calls take(argument, ...) for each; leaves and subleaves whose four registers are 0 are left out, but for the first
 * subleaf of a leaf below the last that the processor names. */
void cpuid_walk(cpuid_reader *read, cpuid_taker *take, void *argument);
