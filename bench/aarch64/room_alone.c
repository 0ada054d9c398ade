/* SPDX-License-Identifier: Apache-2.0
 *
 * Cores of any features have two units for integer additions (Cortex-A72), three (Neoverse N1), four or more (Neoverse
 * V1): Arm's Software Optimization Guides.
 */
#include "bench/room_alone.h"

double room_ratio_alone(simd_features features) {
	(void)features;
	return 0;
}
