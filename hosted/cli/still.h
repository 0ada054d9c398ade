/* SPDX-License-Identifier: Apache-2.0
 *
 * --still, of the commands that measure.
 */
#pragma once

#include "hosted/platform/streams.h"

/* `run`: asks for it; begun when the run has begun, so that words that are refused change nothing. */
int still_set(const char *value);
extern const struct stream_listener still_listener;

/* Others: at once. What is still, and what is not, is a line on standard error. */
void still_begin(void);

/* The machine alone, for other processes that this one starts. */
void still_begin_for_others(void);
