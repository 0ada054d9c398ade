/* SPDX-License-Identifier: Apache-2.0
 *
 * None was measured yet.
 */
#include "simd/kernels.h"

const struct simd_cpu_profile simd_cpu_profiles[] = {{.profile = NULL}};
