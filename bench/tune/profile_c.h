/* SPDX-License-Identifier: Apache-2.0
 *
 * A profile as C: simd_profile.h, to be compiled into a programme that takes simd/ along. C11 and C++.
 */
#pragma once

#include "bench/tune/profile_json.h"

/* `profile`: the choice that `about` is for, its bands merged. Defines simd_profile_tuned; its head says
 * what it is good for. */
void profile_c_write(struct text *text, const struct profile_about *about, const struct simd_profile *profile);

/* The choice with neighbouring bands of the same method as one: the same method at every size. Pure. */
struct simd_choice profile_c_merged(const struct simd_choice *choice);
