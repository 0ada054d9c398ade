/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of the ladder beside those that it lists: for sizes that only what was measured asks for.
 */
#pragma once

#include "bench/suites.h"

/* machine/latency/PAGE/line/SIZE; whole lines of 64 bytes, four at the least. false: that is no page size, or no such
 * size. */
bool machine_latency_row(uint64_t page_bytes, uint64_t bytes, struct bench_row *row);
