/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/history/machines.h"

#include "hosted/history/changes.h"
#include "hosted/history/database.h"
#include "hosted/history/levels.h"
#include "platform.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b) {
	const struct history_machine *one = a, *other = b;
	int order = strcmp(one->machine, other->machine);
	return order ? order : strcmp(one->name, other->name);
}

static int read_names(struct history *history, struct history_machines *machines, struct text *complaint) {
	static const char query[] = "SELECT DISTINCT machine, name, count(*) OVER () FROM run"
				    " WHERE name <> '' AND figure = '" STATS_FIGURE "'";
	sqlite3_stmt *statement = NULL;
	int step = SQLITE_ERROR;
	bool room = true;
	if (history->database.version < 3)
		return 0;
	if (sqlite.prepare_v2(history->database.sqlite, query, -1, &statement, NULL) == SQLITE_OK)
		while (room && (step = sqlite.step(statement)) == SQLITE_ROW) {
			if (!machines->machines)
				machines->machines =
					calloc((size_t)sqlite.column_int64(statement, 2), sizeof(*machines->machines));
			if ((room = machines->machines != NULL)) {
				struct history_machine *machine = &machines->machines[machines->count++];
				database_text(statement, 0, machine->machine, sizeof(machine->machine));
				database_text(statement, 1, machine->name, sizeof(machine->name));
			}
		}
	int status = !room                 ? history_complain(history->database.file, "out of memory", complaint)
		     : step != SQLITE_DONE ? database_complain(&history->database, complaint)
					   : 0;
	sqlite.finalize(statement);
	if (machines->count)
		qsort(machines->machines, machines->count, sizeof(*machines->machines), by_name);
	return status;
}

static void take_figures(struct history_machines *machines, size_t row, struct history_entry *entries, size_t count) {
	for (size_t first = 0, end; first < count; first = end) {
		for (end = first + 1; end < count && history_same_series(&entries[end], &entries[first]); end++)
			;
		struct history_machine key;
		if (strlen(entries[first].machine) >= sizeof(key.machine))
			continue; /* it has another figure's name behind it */
		memcpy(key.machine, entries[first].machine, strlen(entries[first].machine) + 1);
		memcpy(key.name, entries[first].name, sizeof(key.name));
		struct history_machine *found =
			bsearch(&key, machines->machines, machines->count, sizeof(key), by_name);
		if (!found)
			continue;
		machines->figures[row * machines->count + (size_t)(found - machines->machines)] =
			level_figure(entries, first, end);
		found->values += end - first;
	}
}

int history_machines_read(struct history *history, bool (*is_asked)(const void *context, const char *benchmark),
			  const void *context, size_t most, struct history_machines *machines, struct text *complaint) {
	*machines = (struct history_machines){0};
	int status = history_benchmarks(history, &machines->benchmarks, &machines->benchmark_count, complaint);
	if (status == 0)
		status = read_names(history, machines, complaint);
	size_t kept = 0;
	for (size_t i = 0; i < machines->benchmark_count; i++) {
		if (is_asked(context, machines->benchmarks[i]))
			machines->benchmarks[kept++] = machines->benchmarks[i];
		else
			free(machines->benchmarks[i]);
	}
	machines->benchmark_count = kept;
	machines->figures = calloc(kept * machines->count + 1, sizeof(*machines->figures));
	if (status == 0 && !machines->figures)
		status = history_complain(history->database.file, "out of memory", complaint);
	for (size_t i = 0; status == 0 && machines->count > 0 && i < kept; i++) {
		struct history_entry *entries;
		size_t count;
		status = history_read(history, machines->benchmarks[i], most, &entries, &count, complaint);
		take_figures(machines, i, entries, count);
		free(entries);
	}
	return status;
}

void history_machines_free(struct history_machines *machines) {
	for (size_t i = 0; i < machines->benchmark_count; i++)
		free(machines->benchmarks[i]);
	free(machines->benchmarks);
	free(machines->machines);
	free(machines->figures);
}

/* ---- judged ------------------------------------------------------------------------------------------------------ */

const struct fleet_cell *history_model_own(const struct history_model *model, size_t machine) {
	return &model->cells[model->all->benchmark_count * model->count + machine];
}

static int by_distance(const void *a, const void *b, void *model) {
	const struct fleet_cell *one = history_model_own(model, *(const size_t *)a);
	const struct fleet_cell *other = history_model_own(model, *(const size_t *)b);
	if (one->stands_out != other->stands_out)
		return one->stands_out ? -1 : 1;
	double x = fabs(one->deviation), y = fabs(other->deviation);
	return (x < y) - (x > y);
}

static size_t count_of(const struct history_machines *all, size_t first) {
	size_t end = first + 1;
	while (end < all->count && strcmp(all->machines[end].machine, all->machines[first].machine) == 0)
		end++;
	return end - first;
}

bool history_model_judge(struct history_model *model, const struct history_machines *all, size_t first, double rate) {
	*model = (struct history_model){.all = all, .first = first, .count = count_of(all, first)};
	const struct fleet_rules rules = {.rate = rate, .threshold = HISTORY_FLEET_THRESHOLD};
	const struct fleet fleet = {all->figures + first, all->count, all->benchmark_count, model->count};
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
		model->found += history_model_own(model, i)->stands_out;
		model->values += (double)all->machines[first + i].values / (double)model->count;
	}
	qsort_r(model->order, model->count, sizeof(*model->order), by_distance, model);
	return true;
}

void history_model_free(struct history_model *model) {
	free(model->cells);
	free(model->order);
}
