/* SPDX-License-Identifier: Apache-2.0
 *
 * REP MOVSB as a peer; peers/<arch>/rep.c.
 */
#pragma once

#include <stddef.h>

/* Why there is none; NULL: there is. */
extern const char *const rep_absent;

void rep_copy(void *to, const void *from, size_t bytes);
