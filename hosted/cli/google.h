/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "hosted/platform/streams.h"

/* Values of --benchmark_out, --benchmark_format and --benchmark_out_format. */
int google_set_out(const char *value);
int google_set_format(const char *value);
int google_set_out_format(const char *value);

/* Keeps results.json back and writes what was asked for at the end. */
extern const struct stream_listener google_listener;
