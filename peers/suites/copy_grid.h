/* SPDX-License-Identifier: Apache-2.0
 *
 * Our copy beside the C library's in cells of the grid of peers/judge/grid_cells.h: one launch of them.
 */
#pragma once

#include "peers/judge/grid_cells.h"
#include "peers/peers.h"

/* Of these cells; `count` 0: of all, with plan->quick of every 17th. Each goes to `tell`. */
void copy_grid(const struct peer_row *row, const struct peer_machine *machine, const struct peer_plan *plan,
	       const uint32_t *cells, size_t count, void (*tell)(const struct grid_seen *seen));
