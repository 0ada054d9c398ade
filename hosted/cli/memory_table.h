/* SPDX-License-Identifier: Apache-2.0
 *
 * `caps --results`: the caches, the memory and the TLBs of a run's machine as a table, told, read, measured and the
 * verdict.
 */
#pragma once

#include "bench/text.h"
#include "hosted/results/results_read.h"

void memory_table_show(const struct results *results, struct text *text);
