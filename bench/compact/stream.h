/* SPDX-License-Identifier: Apache-2.0
 *
 * Where records leave: PLATFORM_STREAM_RECORD, in the form that was asked for.
 */
#pragma once

#include "bench/text.h"

#define RECORD_FORM_ALLOWED "full or compact"

/* false: `name` is no form. */
bool record_form_of(const char *name, bool *compact);

/* Of all that is written from now on; full, until it is said. */
void record_stream_be_compact(bool compact);

/* A whole record with its line's end; platform_write's answer. */
int record_stream_write(const struct text *record);
