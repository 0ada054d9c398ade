/* SPDX-License-Identifier: Apache-2.0
 *
 * How wide standard output is.
 */
#pragma once

#include <stddef.h>

/* COLUMNS of the environment, else a terminal's own; 0: nobody says. */
size_t columns_of_output(void);
