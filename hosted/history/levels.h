/* SPDX-License-Identifier: Apache-2.0
 *
 * Levels among a benchmark's entries, as history_read gives them.
 */
#pragma once

#include "hosted/history/history.h"

/* Where the level that begins at `first` ends: the next one's beginning, that of another series, or `count`. */
size_t level_end(const struct history_entry *entries, size_t count, size_t first);

/* The median of its runs, nanoseconds an iteration; 0 without memory. `end` is behind `first`. */
double level_figure(const struct history_entry *entries, size_t first, size_t end);
