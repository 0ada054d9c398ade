/* SPDX-License-Identifier: Apache-2.0
 *
 * SplitMix64: numbers that look random from a state of one word. Seeds other generators, and orders memory where a
 * placement is asked for. G. Steele, D. Lea, C. Flood: "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014,
 * figure 17. Pure; not for secrets.
 */
#pragma once

#include <stdint.h>

uint64_t splitmix64_next(uint64_t *state);
