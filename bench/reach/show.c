/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/reach/show.h"

#include "bench/reach/rows.h"
#include "lib/units.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void take_rows(struct collector *collector, struct reach_rows *rows) {
	for (size_t i = 0; i < collector->count; i++) {
		struct collected *benchmark = &collector->benchmarks[i];
		if (benchmark->finished && benchmark->status == BENCH_STATUS_OK &&
		    strncmp(benchmark->name, "machine/pages/", strlen("machine/pages/")) == 0 &&
		    collect_summarise(collector, benchmark))
			reach_rows_take(rows, benchmark->name,
					benchmark->summary.minimum * NS_PER_SECOND /
						(double)collect_hz(collector, benchmark));
	}
}

static void take_told(const struct collector *collector, struct reach_told *told) {
	struct json_span context = {"", 0};
	if (collector->machine != NULL &&
	    !json_member((struct json_span){collector->machine, strlen(collector->machine)}, "context", &context))
		context.length = 0;
	reach_told_of(context, told);
}

static void add_level(struct text *text, const struct reach_tlbs *tlbs, size_t at, const char *page) {
	const struct reach_level *level = reach_tlbs_level(tlbs, at);
	bool first = true;
	text_format(text, "        L%zu, pages of %s  ", at + 1, page);
	if (level->ns > 0)
		text_format(text, "%.3g ns [%.3g %.3g]", level->ns, level->ns_lower, level->ns_upper);
	text_pad(text, 52);
	if (level->kind == REACH_STEP)
		text_format(text, "[%" PRIu32 ", %" PRIu32 "] entries", level->lower, level->upper);
	else
		text_format(text, "%" PRIu32 " entries or more", level->lower);
	if (tlbs->told[at] != 0)
		text_format(text, "%s%" PRIu64, tlbs->verdict[at] == REACH_AGREES ? ", as told: " : ", told ",
			    tlbs->told[at]);
	for (unsigned doubt = REACH_CACHE; doubt < REACH_DOUBTS_END; doubt *= 2)
		if (level->doubts & doubt) {
			text_format(text, "%s%s", first ? "; uncertain: " : ", ",
				    reach_doubt_name((enum reach_doubt)doubt));
			first = false;
		}
	text_add_string(text, "\n");
}

void reach_show(struct collector *collector, struct text *text) {
	struct reach_rows *rows = calloc(1, sizeof *rows);
	struct reach_told told;
	bool any = false;
	if (rows == NULL)
		return;
	take_rows(collector, rows);
	take_told(collector, &told);
	for (size_t size = 0; size < REACH_PAGE_SIZES; size++) {
		struct reach_tlbs tlbs;
		reach_tlbs_of(rows, &told, size, &tlbs);
		if (tlbs.points < REACH_POINTS_LEAST)
			continue;
		if (!any)
			text_add_string(text, "TLBs    by the time of a load over the count of pages\n");
		any = true;
		if (tlbs.found.count == 0)
			text_format(text, "        pages of %s: none: %s\n", reach_page_name(size),
				    reach_outcome_name(tlbs.found.outcome));
		for (size_t level = 0; level < tlbs.found.count; level++)
			add_level(text, &tlbs, level, reach_page_name(size));
	}
	free(rows);
}
