/* SPDX-License-Identifier: Apache-2.0
 *
 * Options of `run` around baselines: results kept under a name in the folder for data (hosted/results/files.h), and a
 * comparison once the run is over.
 */
#pragma once

#include "hosted/platform/streams.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether it can be one part of a path. Says why not. */
bool baseline_may_be_called(const char *name);

/* The file that the baseline is, or would be; `make`: folders are made. false: said why there is none. */
bool baseline_path(const char *name, bool make, char *path, size_t capacity);

int baseline_set_save(const char *name);
int baseline_set_against(const char *name);
/* Nothing is measured then: what was saved under this name stands for the run. Ends the programme. */
int baseline_set_load(const char *name);
int baseline_set_noise_threshold(const char *value);
int baseline_set_significance_level(const char *value);
int baseline_set_room(const char *value);
int baseline_set_per_benchmark(const char *value);

/* Keeps results.json; at the end of a run that went well saves and compares it. */
extern const struct stream_listener baseline_listener;
