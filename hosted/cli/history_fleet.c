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

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A median over so many values is near enough to normal, whatever their noise (docs/methodology.md). */
enum { BENCHMARKS_SHOWN = 3, VALUES_ENOUGH = 15 };

/* ---- as a table -------------------------------------------------------------------------------------------------- */

/* The benchmark that lies furthest off of those that stand out and were not said. */
static size_t next_worst(const struct history_model *model, size_t machine, double *below) {
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

static void add_machine(const struct history_model *model, size_t machine, struct text *text) {
	const struct fleet_cell *own = history_model_own(model, machine);
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
	text_add_string(text, count > BENCHMARKS_SHOWN ? ", ..." : "");
	bool has_few = (double)model->all->machines[model->first + machine].values * 2 < model->values;
	text_add_string(text, has_few ? "; it has less than half of the runs that others have\n" : "\n");
}

static void add_model(const struct history_model *model, double rate, struct text *text) {
	text_format(text, "%s: ", model->all->machines[model->first].machine);
	if (*model->why) {
		text_format(text, "not judged: %s\n", model->why);
		return;
	}
	text_format(text,
		    "%zu of %zu machines stand out, by more than 1 %% over %zu benchmark%s; of those that are named "
		    "%.3g %% are expected to be wrong at most\n",
		    model->found, model->count, model->judged, model->judged == 1 ? "" : "s", rate * 100);
	if (model->values < VALUES_ENOUGH)
		text_format(
			text,
			"  a machine's figure is of %.0f values, runs of all benchmarks: of fewer than %d more can be "
			"wrong, where noise has a long tail\n",
			model->values, VALUES_ENOUGH);
	for (size_t i = 0; i < model->found; i++)
		add_machine(model, model->order[i], text);
}

/* ---- as JSON ----------------------------------------------------------------------------------------------------- */

static json_t *cell_json(const char *of, const char *name, const struct fleet_cell *cell) {
	return json_pack("{s:o, s:f, s:f, s:f, s:f, s:b}", of, output_name_json(name), "deviation", cell->deviation,
			 "z", cell->z, "p", cell->p, "p_corrected", cell->corrected, "stands_out", cell->stands_out);
}

static json_t *machine_json(const struct history_model *model, size_t machine) {
	json_t *list = json_array();
	for (size_t row = 0; row < model->all->benchmark_count; row++) {
		const struct fleet_cell *cell = &model->cells[row * model->count + machine];
		if (cell->judged)
			json_array_append_new(list, cell_json("benchmark", model->all->benchmarks[row], cell));
	}
	json_t *json =
		cell_json("name", model->all->machines[model->first + machine].name, history_model_own(model, machine));
	json_object_set_new(json, "benchmarks", list);
	return json;
}

static json_t *model_json(const struct history_model *model, double rate) {
	json_t *json = json_pack("{s:o, s:I, s:f, s:f, s:I}", "machine",
				 output_name_json(model->all->machines[model->first].machine), "machines",
				 (json_int_t)model->count, "rate", rate, "threshold", HISTORY_FLEET_THRESHOLD,
				 "stand_out", (json_int_t)model->found);
	json_t *list = json_array();
	if (*model->why)
		json_object_set_new(json, "not_judged", json_string(model->why));
	for (size_t i = 0; i < model->count && !*model->why; i++)
		if (history_model_own(model, model->order[i])->judged)
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
	for (size_t first = 0; first < all->count && status >= 0;) {
		struct history_model model;
		if (!history_model_judge(&model, all, first, rate))
			status = -1;
		else if (as_json)
			json_array_append_new(list, model_json(&model, rate));
		else
			add_model(&model, rate, &table);
		if (status >= 0 && !*model.why)
			status = model.found ? 1 : status == 3 ? 0 : status;
		first += model.count;
		history_model_free(&model);
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
					   request->last ? request->last : HISTORY_FLEET_RUNS, &all, complaint);
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
