/* SPDX-License-Identifier: Apache-2.0
 *
 * The suites of `make bench-peers`, in the order of the run.
 */
#include "peers/suites/suites.h"

const struct peer_suite *const peer_suites[] = {&peers_pool, &peers_pool_cores, &peers_tlb,
						&peers_simd, &peers_chase,      NULL};
