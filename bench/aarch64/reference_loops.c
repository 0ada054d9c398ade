/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/reference_loops.h"

reference_loop reference_loads_128, reference_stores_128;

reference_loop *const reference_loads[SIMD_WIDTH_COUNT] = {[SIMD_WIDTH_128] = reference_loads_128};
reference_loop *const reference_stores[SIMD_WIDTH_COUNT] = {[SIMD_WIDTH_128] = reference_stores_128};
