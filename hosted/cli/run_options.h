/* SPDX-License-Identifier: Apache-2.0
 *
 * Options of `run` that only Linux has.
 */
#pragma once

#include "bench/options.h"

/* Ends with a NULL name. */
extern const struct platform_option run_options[];

/* Whoever these options want to listen to the run does so from here on. Once, before anything is written. */
void run_options_start(void);
