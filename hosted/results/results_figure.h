/* SPDX-License-Identifier: Apache-2.0
 *
 * The figure of a row in a file that was written before rows had it: out of the row's samples, as the file's own run
 * would have had it, with fewer resamples.
 */
#pragma once

#include "hosted/results/results_read.h"

/* Fills `low_decile`, and `per_second` where there is one, from the samples and the mean's level; `options` is the
 * context's, of whose seed and resamples the interval is made, and may be NULL. false: no memory. */
bool results_figure_of_samples(struct results_benchmark *benchmark, const json_t *options);
