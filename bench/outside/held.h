/* SPDX-License-Identifier: Apache-2.0
 *
 * What a row took through bench/benchmark.h: memory and cores. The runner gives it back, however the row ended.
 */
#pragma once

#include <stddef.h>

/* Ends what still runs on other cores, and gives back all memory, but where a core is lost that may look at it. NULL:
 * nothing ran any more; else what is to be said of the row, valid until the next call. From the first core, outside of
 * guarded functions. */
const char *outside_release(void);
