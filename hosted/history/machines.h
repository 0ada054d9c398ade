/* SPDX-License-Identifier: Apache-2.0
 *
 * The machines of a history that have names, model by model, and their figures.
 */
#pragma once

#include "hosted/history/history.h"
#include "hosted/verdict/fleet.h"

#include <stdbool.h>
#include <stddef.h>

struct history_machine {
	char machine[HISTORY_MACHINE_BYTES]; /* its model, as history_machine has it */
	char name[HISTORY_NAME_BYTES];
	size_t values; /* runs that its figures are the medians of, over all benchmarks */
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

#define HISTORY_FLEET_RATE      0.05 /* wrong ones among the machines that are named */
#define HISTORY_FLEET_THRESHOLD 0.01 /* a difference that does not matter */
enum { HISTORY_FLEET_RUNS = 5 };     /* of a machine, its last */

/* Machines of one model, judged against each other (hosted/verdict/fleet.h). */
struct history_model {
	const struct history_machines *all;
	size_t first, count;      /* in `all` */
	size_t judged;            /* benchmarks */
	char why[160];            /* none is; "" where one is */
	struct fleet_cell *cells; /* [row * count + machine], the last row the machines' own */
	size_t *order;            /* machines: those that stand out first, and by how far they lie off */
	size_t found;             /* that stand out */
	double values;            /* a machine's, on average */
};

/* Of the model that machine `first` begins. false: no memory; history_model_free in any case. */
bool history_model_judge(struct history_model *model, const struct history_machines *all, size_t first, double rate);
void history_model_free(struct history_model *model);

const struct fleet_cell *history_model_own(const struct history_model *model, size_t machine);
