/* SPDX-License-Identifier: Apache-2.0
 *
 * What commands say and write.
 */
#pragma once

#include "bench/text.h"

#include <stdbool.h>

/* Writes complaints to standard error and frees them. false: there was none. */
bool output_complain(struct text *complaint);

/* Saves `content` as files_save does, and frees it; 0, or 2 and a line on standard error. `failed` content
 * is memory that ended. */
int output_save(const char *name, struct text *content);
