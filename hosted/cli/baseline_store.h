/* SPDX-License-Identifier: Apache-2.0
 *
 * A folder of baselines that many machines share: SIGNATURE/NAME.json, where the first part is made of what
 * comparable_signature says of the machine. Each is one file that appears whole, so that publishers at the same time
 * lose nothing of each other's. What lies in it is a stranger's: who reads looks whether it is what its place says.
 */
#pragma once

#include "bench/text.h"
#include "hosted/verdict/launches.h"

#include <stddef.h>

enum { BASELINE_PLACE_BYTES = 256 };

/* "SIGNATURE/NAME.json", of the machine that the launches are of. */
void baseline_store_place(const struct launches *launches, const char *name, char place[BASELINE_PLACE_BYTES]);

/* 0, or 2 with a line on standard error. Folders are made, the store's, too. */
int baseline_store_put(const char *folder, const char *name, const struct launches *launches);

/* This machine's, as one file. 0, or 2 with lines on standard error: there is none; where there are some of other
 * machines, by which member of the signature each differs. */
int baseline_store_get(const char *folder, const char *name, struct text *content);
