/* SPDX-License-Identifier: Apache-2.0
 *
 * Instructions that a contestant executes, counted one by one in a copy of this process (ptrace(2), PTRACE_SINGLESTEP).
 */
#pragma once

#include "peers/peers.h"

/* Of one iteration: what 3 * `iterations` take beyond `iterations`, so that the way in and out is not in it. 0: this
 * system does not let a process be stepped through. Some 10 us an instruction; nothing that the contestant does
 * there is seen here. */
double peer_count_instructions(const struct peer *peer, uint64_t iterations);
