/* SPDX-License-Identifier: Apache-2.0
 *
 * Options of `run` around baselines: results kept under a name in the folder for data (hosted/judge.h), and a
 * comparison once the run is over.
 */
#pragma once

#include "platform.h"

#include <stddef.h>

int baseline_set_save(const char *name);
int baseline_set_against(const char *name);
/* Nothing is measured then: what was saved under this name stands for the run. Ends the programme. */
int baseline_set_load(const char *name);
int baseline_set_noise_threshold(const char *value);
int baseline_set_significance_level(const char *value);
int baseline_set_per_benchmark(const char *value);

/* What PLATFORM_STREAM_RESULTS gets; PLATFORM_EUNSUPPORTED: no option asks for it. */
int baseline_take(const void *bytes, size_t length);

/* At the end of a run of this status: saves, compares, and gives the status to exit with. */
int baseline_finish(int status);
