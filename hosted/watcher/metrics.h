/* SPDX-License-Identifier: Apache-2.0
 *
 * How a watch stands, as Prometheus reads it: for a file that node_exporter's textfile collector takes, and for
 * /metrics. Pure. docs/formats.md has the families.
 */
#pragma once

#include "bench/text.h"
#include "hosted/watch/status.h"

/* Adds all of it; text->failed where memory ended. What is not known yet, as a window of a day on the first day, is
 * left out. */
void metrics_write(const struct watch_status *status, struct text *text);
