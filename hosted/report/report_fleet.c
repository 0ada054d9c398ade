/* SPDX-License-Identifier: Apache-2.0
 *
 * Machines of one model against each other, out of `anechoic history`: a strip for each machine, a tick in it for each
 * benchmark, of the models that the report's files are of.
 */
#include "hosted/history/machines.h"
#include "hosted/report/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A strip's, in units of its picture; and machines that are shown at once, the rest being folded. */
enum { WIDTH = 240, HEIGHT = 16, OPEN_MOST = 40 };

struct report_fleet {
	struct history_machines machines;
};

static bool is_in_report(const void *context, const char *benchmark) {
	const struct report *report = context;
	for (size_t i = 0; i < report->row_count; i++)
		if (strcmp(report->rows[i].name, benchmark) == 0)
			return true;
	return false;
}

int report_fleet_read(struct report *report, struct history *history, struct text *complaint) {
	report->fleet = calloc(1, sizeof(*report->fleet));
	if (!report->fleet) {
		text_add_string(complaint, "report: out of memory\n");
		return 2;
	}
	return history_machines_read(history, is_in_report, report, HISTORY_FLEET_RUNS, &report->fleet->machines,
				     complaint) < 0
		       ? 2
		       : 0;
}

void report_fleet_free(struct report *report) {
	if (report->fleet)
		history_machines_free(&report->fleet->machines);
	free(report->fleet);
}

/* The first file that is of the model; file_count: none. */
static size_t file_of(const struct report *report, const char *model) {
	char machine[HISTORY_MACHINE_BYTES];
	size_t file = 0;
	for (; file < report->file_count; file++) {
		history_machine(report->files[file], machine, sizeof(machine));
		if (strcmp(machine, model) == 0)
			break;
	}
	return file;
}

bool report_has_fleet(const struct report *report) {
	for (size_t i = 0; report->fleet && i < report->fleet->machines.count; i++)
		if (file_of(report, report->fleet->machines.machines[i].machine) < report->file_count)
			return true;
	return false;
}

/* From the left edge; what lies further off than `reach` stands on the edge. */
static int place(double deviation, double reach) {
	double share = fmax(-1, fmin(1, deviation / reach));
	return (int)lround((share + 1) / 2 * (WIDTH - 2)) + 1;
}

static void strip(struct text *text, const struct history_model *model, size_t machine, double reach) {
	bool ticks[WIDTH] = {false};
	text_format(text,
		    "<svg class=\"fleet-strip\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" aria-hidden=\"true\">"
		    "<path class=\"zero\" d=\"M%d 0v%d\"/><path d=\"",
		    WIDTH, HEIGHT, WIDTH, HEIGHT, WIDTH / 2, HEIGHT);
	for (size_t row = 0; row < model->all->benchmark_count; row++) {
		const struct fleet_cell *cell = &model->cells[row * model->count + machine];
		int at = place(cell->deviation, reach);
		if (cell->judged && !ticks[at])
			text_format(text, "M%d 4v8", at);
		ticks[at] |= cell->judged;
	}
	text_format(text, "\"/><path class=\"own\" d=\"M%d 1v14\"/></svg>",
		    place(history_model_own(model, machine)->deviation, reach));
}

static void machine_row(struct text *text, const struct history_model *model, size_t machine, double reach) {
	const struct fleet_cell *own = history_model_own(model, machine);
	text_format(text, "<tr%s><th scope=\"row\">", own->stands_out ? " class=\"out\"" : "");
	report_text(text, model->all->machines[model->first + machine].name);
	text_format(text, "</th><td class=\"number%s\" data-value=\"%.9g\">",
		    !own->stands_out     ? ""
		    : own->deviation > 0 ? " bad"
					 : " good",
		    own->deviation);
	report_percent(text, own->deviation);
	text_format(text,
		    "</td><td class=\"number\" data-l=\"z\">%+.1f</td><td class=\"number\" data-l=\"p\">%.2g</td><td>",
		    own->z, own->corrected);
	strip(text, model, machine, reach);
	text_add_string(text, "</td></tr>\n");
}

static void machine_rows(struct text *text, const struct history_model *model, size_t first, size_t end, double reach) {
	text_add_string(text, "<table class=\"plain fleet\"><thead><tr><th>Machine</th><th class=\"number\">Change</th>"
			      "<th class=\"number\">z</th><th class=\"number\">p, corrected</th>");
	text_format(text, "<th>Benchmarks, \xe2\x88\x92%.3g %% to +%.3g %%</th></tr></thead><tbody>\n", reach * 100,
		    reach * 100);
	for (size_t i = first; i < end; i++)
		if (history_model_own(model, model->order[i])->judged)
			machine_row(text, model, model->order[i], reach);
	text_add_string(text, "</tbody></table>\n");
}

static void add_model(struct text *text, const struct report *report, const struct history_model *model, size_t file) {
	double reach = 0.02;
	for (size_t i = 0; i < model->count; i++)
		reach = fmax(reach, 1.25 * fabs(history_model_own(model, i)->deviation));
	text_add_string(text, "<h3>");
	report_mark(text, report, file);
	report_text(text, model->all->machines[model->first].machine);
	text_add_string(text, "</h3><p>");
	if (*model->why) {
		text_add_string(text, "Not judged: ");
		report_text(text, model->why);
		text_add_string(text, ".</p>\n");
		return;
	}
	text_format(text, "%zu of %zu machines stand out, over %zu benchmark%s.</p>\n", model->found, model->count,
		    model->judged, model->judged == 1 ? "" : "s");
	size_t open = model->count > OPEN_MOST ? OPEN_MOST : model->count;
	open = model->found > open ? model->found : open;
	machine_rows(text, model, 0, open, reach);
	if (open == model->count)
		return;
	text_format(text, "<details><summary>%zu more, nearer to the median</summary>\n", model->count - open);
	machine_rows(text, model, open, model->count, reach);
	text_add_string(text, "</details>\n");
}

void report_fleet(struct text *text, const struct report *report) {
	if (!report_has_fleet(report))
		return;
	const struct history_machines *all = &report->fleet->machines;
	struct history_model model;
	text_format(
		text,
		"<section id=\"fleet\"><h2>Fleet</h2><p class=\"note\">Machines of one model against each other, by "
		"the medians of their last %d runs. A strip has a tick for each benchmark, at its distance from the "
		"median machine, and a taller one for the machine's median; slower is right. Those stand out that "
		"are more than %g %% off, with a false discovery rate of %g %%; z is in scaled median absolute "
		"deviations.</p>\n",
		HISTORY_FLEET_RUNS, HISTORY_FLEET_THRESHOLD * 100, HISTORY_FLEET_RATE * 100);
	for (size_t first = 0; first < all->count; first += model.count) {
		if (!history_model_judge(&model, all, first, HISTORY_FLEET_RATE))
			text->failed = true;
		else if (file_of(report, all->machines[first].machine) < report->file_count)
			add_model(text, report, &model, file_of(report, all->machines[first].machine));
		history_model_free(&model);
	}
	text_add_string(text, "</section>\n");
}
