/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/machine/record.h"

#include "bench/machine/cores_found.h"
#include "bench/machine/show.h"
#include "bench/record.h"
#include "lib/units.h"

#include <stdlib.h>

/* The caller's to free. NULL: none, or none of the hardware. */
static struct advice_figure *figures_of(struct collector *collector, size_t *count) {
	*count = 0;
	if (platform_describe()->emulated[0] || collector->count == 0)
		return NULL;
	struct advice_figure *figures = calloc(collector->count, sizeof(*figures));
	for (size_t i = 0; figures && i < collector->count; i++) {
		struct collected *benchmark = &collector->benchmarks[i];
		double hz = (double)collect_hz(collector, benchmark);
		if (hz <= 0 || !collect_summarise(collector, benchmark))
			continue;
		const struct stats_estimate *headline = stats_headline(&benchmark->summary);
		double ns = NS_PER_SECOND / hz;
		figures[(*count)++] = (struct advice_figure){benchmark->name, headline->point * ns,
							     headline->lower * ns, headline->upper * ns};
	}
	return figures;
}

bool machine_record(struct text *record, struct collector *collector, const struct platform_clock *clock,
		    const struct runner_noise *noise) {
	struct facts facts;
	struct text complaint = {0};
	if (facts_read(&facts, FACTS_BRIEF) != 0)
		return false;
	bool described = facts_describe(&facts, &complaint) == 0;
	if (described) {
		struct advice_run run = {.clock_unverified = !clock->invariant, .gaps_share = -1};
		struct advice_figure *figures = figures_of(collector, &run.figure_count);
		run.figures = figures;
		if (noise->span_ticks && !platform_describe()->emulated[0])
			run.gaps_share = (double)noise->gap_ticks / (double)noise->span_ticks;
		facts.run = &run;
		record_open(record, "MACHINE");
		text_member_object(record, "context");
		text_member(record, "machine");
		machine_show_json(&facts, record);
		machine_show_measured_on(&facts, record);
		cores_found_write(collector, &facts, record);
		text_add_string(record, "}");
		record_close(record);
		free(figures);
	}
	text_free(&complaint);
	facts_free(&facts);
	return described;
}
