/* SPDX-License-Identifier: Apache-2.0
 *
 * A pointer chase that shares nothing with bench/suites/chase.h: another order, another layout, the load written down
 * as the one instruction that it is.
 */
#pragma once

#include <stdint.h>

enum { PEER_CHASE_UNROLL = 16 };

/* Follows pointers from `at`, `turns` times PEER_CHASE_UNROLL loads; where it ends. The architecture's. */
void *peer_chase(void *at, uint64_t turns);
