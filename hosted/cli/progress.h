/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "hosted/platform/streams.h"

/* A line on the terminal that says what runs: drawn from each record as it is written, taken back
 * before anything else is. */
extern const struct stream_listener progress_listener;
