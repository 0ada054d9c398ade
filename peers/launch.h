/* SPDX-License-Identifier: Apache-2.0
 *
 * A launch: this programme once more, as a process of its own, which measures the rows that it is told and sends back
 * what it saw, record by record. The request comes by its standard input, the records go by its standard output;
 * both ends are the same file, so that plain structures do.
 */
#pragma once

#include "peers/choice.h"
#include "peers/judge/grid_cells.h"
#include "peers/rows.h"

/* What makes a process a launch: its first argument. */
#define PEER_LAUNCH_ARGUMENT "--launch"

/* A row to be measured, and of a grid, which cells; `cells` 0: all of them. */
struct peer_wanted {
	uint32_t row, cells;
	const uint32_t *cell;
};

/* Told as it comes. */
struct peer_listener {
	void *context;
	void (*begins)(void *context, uint32_t row);
	void (*record)(void *context, const struct peer_record *record);
	void (*cell)(void *context, uint32_t row, const struct grid_seen *seen);
};

/* false: the launch could not be made, or ended otherwise than it should. */
bool peer_launch(const struct peer_plan *plan, const struct peer_choice *choice, const struct peer_wanted *wanted,
		 size_t count, const struct peer_listener *listener);

/* In that process: all of it. Its exit status. */
int peer_launch_serve(void);
