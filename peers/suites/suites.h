/* SPDX-License-Identifier: Apache-2.0
 *
 * One suite a file: peers/<name>.c.
 */
#pragma once

#include "peers/peers.h"

extern const struct peer_suite peers_pool;
extern const struct peer_suite peers_pool_cores;
extern const struct peer_suite peers_tlb;
extern const struct peer_suite peers_simd;
extern const struct peer_suite peers_chase;
