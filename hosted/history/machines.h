/* SPDX-License-Identifier: Apache-2.0
 *
 * The machines of a history that have names, model by model, and their figures.
 */
#pragma once

#include "hosted/history/history.h"

#include <stdbool.h>
#include <stddef.h>

struct history_machine {
	char machine[HISTORY_MACHINE_BYTES]; /* its model, as history_machine has it */
	char name[HISTORY_NAME_BYTES];
};

struct history_machines {
	struct history_machine *machines; /* a model's stand together, by name */
	size_t count;
	char **benchmarks;
	size_t benchmark_count;
	double *figures; /* [benchmark * count + machine]: median of its last runs, ns an iteration; 0: none */
};

/* Of benchmarks that `is_asked` (of `context`) says yes to, and the last `most` runs of each machine. 0, or
 * PLATFORM_EIO and a line in `complaint`; history_machines_free in any case. */
int history_machines_read(struct history *history, bool (*is_asked)(const void *context, const char *benchmark),
			  const void *context, size_t most, struct history_machines *machines, struct text *complaint);
void history_machines_free(struct history_machines *machines);

/* Behind the last machine of the model that `first` is of. */
size_t history_model_end(const struct history_machines *machines, size_t first);
