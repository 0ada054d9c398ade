/* SPDX-License-Identifier: Apache-2.0
 *
 * The clock for time-outs: it goes on, whatever the date is set to.
 */
#pragma once

#include <stdint.h>

uint64_t monotonic_ms(void);
