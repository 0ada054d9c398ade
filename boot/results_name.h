/* SPDX-License-Identifier: Apache-2.0
 *
 * The names that earlier runs' results.json get on a medium, so that no run's results take another's place. Pure.
 */
#pragma once

#include <stdint.h>

#define RESULTS_NAME_BYTES      40  /* with the terminator */
#define RESULTS_NAME_NUMBER_MAX 999 /* from 1 */

/* "results-20261127T003105Z.json" of a file that was last written then (seconds since 1970, UTC); the numbers from 2 on
 * are for when that is taken: "results-20261127T003105Z-2.json". `utc_seconds` 0, no date: "results-001.json". */
void results_name_earlier(uint64_t utc_seconds, unsigned number, char name[RESULTS_NAME_BYTES]);
