/* SPDX-License-Identifier: Apache-2.0
 *
 * The comparison of a configured word.
 */
#pragma once

#include <stdbool.h>

/* Whether a configured word is this one; NULL is none. */
bool word_is(const char *word, const char *wanted);
