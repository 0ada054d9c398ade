/* SPDX-License-Identifier: Apache-2.0
 *
 * `run --out FILE`: results.json, which takes the file's name when it is whole. What was there stays until then.
 */
#pragma once

#include "hosted/platform/streams.h"

int out_set(const char *value);

/* Whether --out names this file, too: says so. */
bool out_takes(const char *name);

extern const struct stream_listener out_listener;
