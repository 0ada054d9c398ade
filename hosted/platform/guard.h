/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether a guarded function runs. */
bool guard_is_armed(void);

/* Faults and time-outs of guarded functions since the process began. */
uint64_t guard_faults_contained(void);

/* `symbol` becomes the function that an address lies in, and how far behind its begin, from this
 * program's own symbol table; stays as it is where that has none. Allocates nothing. */
void guard_find_symbol(uint64_t address, char *symbol, size_t capacity);

/* From here on the first SIGINT, SIGTERM or SIGHUP asks for an end (platform_interrupted); the next is one. */
void guard_listen_for_end(void);
