/* SPDX-License-Identifier: Apache-2.0
 *
 * The core's own clock: dependent additions, a cycle each on every processor in use, against the ticks' counter.
 */
#pragma once

#include <stdint.h>

/* The fastest of some short chains, in additions for each 2^20 ticks; allowed on every core. */
uint64_t machine_clock_probe(void);

/* That as a frequency, by what is known of the ticks' rate now; 0: not known. */
uint64_t machine_clock_hz(uint64_t probed);
