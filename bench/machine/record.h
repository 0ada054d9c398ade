/* SPDX-License-Identifier: Apache-2.0
 *
 * The record of the machine that a run was on, advice from its figures included.
 */
#pragma once

#include "bench/collect.h"
#include "platform.h"

/* A whole MACHINE record; false: without memory there is none. Summarises the collector's benchmarks. */
bool machine_record(struct text *record, struct collector *collector, const struct platform_clock *clock,
		    const struct runner_noise *noise);
