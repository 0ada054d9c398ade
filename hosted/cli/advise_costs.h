/* SPDX-License-Identifier: Apache-2.0
 *
 * What memory costs, for advice: out of a file, or as it was kept for this machine and build.
 */
#pragma once

#include "bench/text.h"
#include "hosted/advise/costs.h"

#include <stdbool.h>

/* In the folder for data (hosted/results/files.h). */
#define ADVISE_COSTS_FILE "costs.json"

/* false, with a line in `complaint` that names `name`. */
bool advise_costs_read(const char *name, struct costs *costs, struct text *complaint);

/* "": it cannot be read, and then nothing that was kept is of this build. */
void advise_costs_build(char build[CRC32C_DIGITS + 1]);

/* Of which machine, build and huge pages costs would be that are measured now: no figures. 0, or -1: no memory. */
int advise_costs_here(struct costs *here);

/* Reads what was kept in `path`. false: there is nothing that was made `here`; whatever is wrong with it, it is no
 * mistake of the user's. */
bool advise_costs_kept(const char *path, const struct costs *here, struct costs *costs);
