/* SPDX-License-Identifier: Apache-2.0
 *
 * Prometheus' text format, piece by piece: "Exposition formats", version 0.0.4 (prometheus.io). Pure. What writes a
 * family calls prometheus_head once, then for each of its series the name, its labels, and the value behind "} ".
 * There are no times of samples: node_exporter's collector refuses a file that has some.
 */
#pragma once

#include "bench/text.h"

/* A family's head: the same text wherever the family is, as the collector holds one file's against another's. `type`:
 * "gauge" or "counter". */
void prometheus_head(struct text *text, const char *name, const char *type, const char *help);

/* A label behind `separator`, "{" before the first one and "," before others. Any bytes may be in the value. */
void prometheus_label(struct text *text, const char *separator, const char *name, const char *value);
