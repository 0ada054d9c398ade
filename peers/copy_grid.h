/* SPDX-License-Identifier: Apache-2.0
 *
 * Our copy beside the C library's in every cell of a grid: every size from 0 to 512 and powers of two to 64 MiB,
 * each with a byte less and a byte more, at ten by ten alignments. A cell fails when the interval of the ratio lies
 * wholly above 1 / 0.97 in three of three runs; a cell that did in the first is run again. Prints counts, the
 * spread, and the worst cells.
 */
#pragma once

#include "peers/peers.h"

void copy_grid(const struct peer_machine *machine, const struct peer_plan *plan);
