/* SPDX-License-Identifier: Apache-2.0
 *
 * The machine's signature, which takes some ms to read and a visit to each core, a program's that is recorded included:
 * kept in the folder for data (hosted/results/files.h) for as long as the machine runs. What was kept at an earlier
 * start of the machine, by another build or of other cores than this process may use is read anew. A guest that goes on
 * on another machine without a new start is not seen.
 */
#pragma once

#include "bench/tune/signature.h"

#include <stdbool.h>

/* false: it is not kept, or not of here and now. */
bool machine_kept_read(struct tune_signature *machine);

/* Reads it of the machine, and keeps it where that can be; the process stays where it is. 0, or PLATFORM_ENOMEM. */
int machine_kept_make(struct tune_signature *machine);
