/* SPDX-License-Identifier: Apache-2.0
 *
 * Results as Markdown, which tools/prints.py reads for docs/performance.md.
 */
#pragma once

#include "peers/results.h"

/* The tables, suite by suite; then how many bars `cpu` met, and which it did not. */
void peer_print(const struct peer_results *results, const char *cpu);
