/* SPDX-License-Identifier: Apache-2.0
 *
 * `anechoic history fleet`: machines of one model against each other.
 */
#include "hosted/cli/fold.h"
#include "hosted/cli/history_request.h"
#include "hosted/cli/output.h"
#include "hosted/cli/words.h"
#include "hosted/export/export.h"
#include "hosted/history/machines.h"
#include "hosted/platform/columns.h"
#include "hosted/results/files.h"
#include "hosted/verdict/fleet.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RUNS_DEFAULT = 5, BENCHMARKS_SHOWN = 3 };

/* One model's machines. */
struct model {
	const struct history_machines *all;
	size_t first, count;      /* in `all` */
	size_t judged;            /* benchmarks; 0: why */
	char why[160];            /* it is not judged */
	struct fleet_cell *cells; /* [row * count + machine], the last row the machines' own */
	size_t *order;            /* machines, those that stand out first, by how far they lie off */
	size_t found;
};

static const struct fleet_cell *own_of(const struct model *model, size_t machine) {
	return &model->cells[model->all->benchmark_count * model->count + machine];
}

static int by_distance(const void *a, const void *b, void *model) {
	const struct fleet_cell *one = own_of(model, *(const size_t *)a), *other = own_of(model, *(const size_t *)b);
	if (one->stands_out != other->stands_out)
		return one->stands_out ? -1 : 1;
	double x = fabs(one->deviation), y = fabs(other->deviation);
	return (x < y) - (x > y);
}

static bool judge(struct model *model, double rate) {
	const struct history_machines *all = model->all;
	const struct fleet_rules rules = {.rate = rate, .threshold = 0.01};
	const struct fleet fleet = {all->figures + model->first, all->count, all->benchmark_count, model->count};
	model->cells = calloc((all->benchmark_count + 1) * model->count, sizeof(*model->cells));
	model->order = calloc(model->count, sizeof(*model->order));
	int judged = model->cells && model->order ? fleet_judge(&fleet, &rules, model->cells) : -1;
	if (judged < 0)
		return false;
	model->judged = (size_t)judged;
	if (model->count < FLEET_MACHINES_LEAST)
		snprintf(model->why, sizeof(model->why),
			 "%zu machine%s of this model, and fewer than %d tell too little", model->count,
			 model->count == 1 ? "" : "s", FLEET_MACHINES_LEAST);
	else if (judged == 0)
		snprintf(model->why, sizeof(model->why),
			 "no benchmark that %d machines have and that is not alike on half of them",
			 FLEET_MACHINES_LEAST);
	for (size_t i = 0; i < model->count; i++) {
		model->order[i] = i;
		model->found += own_of(model, i)->stands_out;
	}
	qsort_r(model->order, model->count, sizeof(*model->order), by_distance, model);
	return true;
}

/* ---- as a table -------------------------------------------------------------------------------------------------- */

/* The benchmark that lies furthest off of those that stand out and were not said. */
static size_t next_worst(const struct model *model, size_t machine, double *below) {
	size_t worst = model->all->benchmark_count;
	double most = 0;
	for (size_t row = 0; row < model->all->benchmark_count; row++) {
		const struct fleet_cell *cell = &model->cells[row * model->count + machine];
		if (cell->stands_out && fabs(cell->deviation) < *below && fabs(cell->deviation) > most) {
			most = fabs(cell->deviation);
			worst = row;
		}
	}
	*below = most;
	return worst;
}

static void add_machine(const struct model *model, size_t machine, struct text *text) {
	const struct fleet_cell *own = own_of(model, machine);
	size_t count = 0, row;
	for (row = 0; row < model->all->benchmark_count; row++)
		count += model->cells[row * model->count + machine].stands_out;
	text_format(text, "  %-24s %+6.1f %% %s  z %+.1f  p %.1e  %zu of %zu benchmarks",
		    model->all->machines[model->first + machine].name, own->deviation * 100,
		    own->deviation > 0 ? "slower" : "faster", own->z, own->corrected, count, model->judged);
	double below = INFINITY;
	for (size_t i = 0;
	     i < BENCHMARKS_SHOWN && (row = next_worst(model, machine, &below)) < model->all->benchmark_count; i++)
		text_format(text, "%s %s %+.1f %%", i ? "," : ":", model->all->benchmarks[row],
			    model->cells[row * model->count + machine].deviation * 100);
	text_add_string(text, count > BENCHMARKS_SHOWN ? ", ...\n" : "\n");
}

static void add_model(const struct model *model, double rate, struct text *text) {
	text_format(text, "%s: ", model->all->machines[model->first].machine);
	if (*model->why) {
		text_format(text, "not judged: %s\n", model->why);
		return;
	}
	text_format(text,
		    "%zu of %zu machines stand out, by more than 1 %% over %zu benchmark%s; of those that are named "
		    "%.3g %% are expected to be wrong at most\n",
		    model->found, model->count, model->judged, model->judged == 1 ? "" : "s", rate * 100);
	for (size_t i = 0; i < model->found; i++)
		add_machine(model, model->order[i], text);
}

/* ---- as JSON ----------------------------------------------------------------------------------------------------- */

static json_t *cell_json(const char *of, const char *name, const struct fleet_cell *cell) {
	return json_pack("{s:o, s:f, s:f, s:f, s:f, s:b}", of, output_name_json(name), "deviation", cell->deviation,
			 "z", cell->z, "p", cell->p, "p_corrected", cell->corrected, "stands_out", cell->stands_out);
}

static json_t *machine_json(const struct model *model, size_t machine) {
	json_t *list = json_array();
	for (size_t row = 0; row < model->all->benchmark_count; row++) {
		const struct fleet_cell *cell = &model->cells[row * model->count + machine];
		if (cell->judged)
			json_array_append_new(list, cell_json("benchmark", model->all->benchmarks[row], cell));
	}
	json_t *json = cell_json("name", model->all->machines[model->first + machine].name, own_of(model, machine));
	json_object_set_new(json, "benchmarks", list);
	return json;
}

static json_t *model_json(const struct model *model, double rate) {
	json_t *json = json_pack("{s:o, s:I, s:f, s:f, s:I}", "machine",
				 output_name_json(model->all->machines[model->first].machine), "machines",
				 (json_int_t)model->count, "rate", rate, "threshold", 0.01, "stand_out",
				 (json_int_t)model->found);
	json_t *list = json_array();
	if (*model->why)
		json_object_set_new(json, "not_judged", json_string(model->why));
	for (size_t i = 0; i < model->count && !*model->why; i++)
		if (own_of(model, model->order[i])->judged)
			json_array_append_new(list, machine_json(model, model->order[i]));
	json_object_set_new(json, "judged", list);
	return json;
}

/* ---- the command ------------------------------------------------------------------------------------------------- */

/* Of all models; what they come to, or -1: no memory. */
static int add_models(const struct history_machines *all, double rate, bool as_json, struct text *text) {
	json_t *list = json_array();
	struct text table = {0};
	int status = 3;
	for (size_t first = 0, end; first < all->count && status >= 0; first = end) {
		end = history_model_end(all, first);
		struct model model = {.all = all, .first = first, .count = end - first};
		if (!judge(&model, rate))
			status = -1;
		else if (as_json)
			json_array_append_new(list, model_json(&model, rate));
		else
			add_model(&model, rate, &table);
		if (status >= 0 && !*model.why)
			status = model.found ? 1 : status == 3 ? 0 : status;
		free(model.cells);
		free(model.order);
	}
	if (as_json)
		export_add_json(text, json_pack("{s:s, s:O}", "schema", "anechoic-fleet/1", "models", list));
	fold_add(text, table.bytes, table.length, columns_of_output());
	text->failed |= table.failed;
	text_free(&table);
	json_decref(list);
	return status;
}

int history_fleet(struct history *history, const struct history_request *request, struct text *complaint) {
	struct history_machines all;
	struct text text = {0};
	if (strcmp(request->format, "csv") == 0) {
		words_complain_of_value("--format", request->format, "of fleet table or json");
		return 2;
	}
	int status = history_machines_read(history, history_asks_for, request,
					   request->last ? request->last : RUNS_DEFAULT, &all, complaint);
	if (status < 0) {
		history_machines_free(&all);
		return 2;
	}
	status = add_models(&all, request->rate, strcmp(request->format, "json") == 0, &text);
	if (status < 0 || text.failed) {
		text_add_string(complaint, "history: out of memory\n");
		status = 2;
	} else if (files_save("-", &text, complaint) < 0)
		status = 2;
	else if (all.count == 0)
		text_add_string(complaint, "no run in the history has the name of its machine: `history import` gives "
					   "it\n");
	history_machines_free(&all);
	text_free(&text);
	return status;
}
