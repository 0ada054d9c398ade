/* SPDX-License-Identifier: Apache-2.0
 *
 * Counts in records, results and the table.
 */
#include "bench/counters/counting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void counting_describe(struct text *text, const struct counting *counting) {
	text_member_object(text, "counters");
	text_member_string(text, "source", counting->pmu.source);
	if (counting->group_count == 0) {
		text_member_string(text, "missing", counting->pmu.reason);
		text_add_string(text, "}");
		return;
	}
	if (counting->design[0])
		text_member_string(text, "design", counting->design);
	text_member_array(text, "groups");
	for (unsigned i = 0; i < counting->group_count; i++) {
		text_member_array(text, NULL);
		for (unsigned j = 0; j < counting->groups[i].count; j++)
			text_member_string(text, NULL, event_name(counting->groups[i].events[j]));
		text_add_string(text, "]");
	}
	text_add_string(text, "]");
	text_member_object(text, "events");
	for (int i = 0; i < EVENT_COUNT; i++) {
		if (!counting->codes[i].name)
			continue;
		text_member_object(text, event_name((enum event)i));
		text_member_string(text, "name", counting->codes[i].name);
		text_member_hex(text, "code", counting->codes[i].code);
		text_add_string(text, "}");
	}
	text_add_string(text, "}}");
}

void counts_record(struct text *text, const struct counts *counts) {
	if (!counts || (counts->rounds == 0 && !counts->reason))
		return;
	text_member_object(text, "counters");
	if (counts->reason)
		text_member_string(text, "missing", counts->reason);
	text_member_u64(text, "iterations", counts->iterations);
	for (int i = 0; i < EVENT_COUNT; i++) {
		if (!counts->counted[i])
			continue;
		text_member_array(text, event_name((enum event)i));
		for (unsigned round = 0; round < counts->rounds; round++)
			for (int length = 0; length < 2; length++)
				text_member_u64(text, NULL, counts->values[i][round][length]);
		text_add_string(text, "]");
	}
	text_add_string(text, "}");
}

static int by_size(const void *a, const void *b) {
	double left = *(const double *)a, right = *(const double *)b;
	return (left > right) - (left < right);
}

/* The median of what n iterations cost, over n. A difference below 0 is noise about 0. false: there are no pairs. */
static bool read_event(struct json_span array, double iterations, double *per_iteration, size_t *rounds) {
	double costs[COUNTING_ROUNDS];
	struct json_span element;
	uint64_t pair[2];
	size_t count = 0;
	for (size_t i = 0; count < COUNTING_ROUNDS && json_next(&array, &element) && json_to_u64(element, &pair[i % 2]);
	     i++)
		if (i % 2 == 1)
			costs[count++] = (double)pair[1] - (double)pair[0];
	if (count == 0)
		return false;
	qsort(costs, count, sizeof(*costs), by_size);
	double median = count % 2 ? costs[count / 2] : (costs[count / 2 - 1] + costs[count / 2]) / 2;
	*per_iteration = median > 0 ? median / iterations : 0;
	*rounds = count;
	return true;
}

bool counts_read(struct json_span end, struct counts_figures *figures) {
	struct json_span counters, array;
	*figures = (struct counts_figures){0};
	if (!json_member(end, "counters", &counters) || *counters.bytes != '{')
		return false;
	json_member_string(counters, "missing", figures->reason, sizeof(figures->reason));
	if (!json_member_u64(counters, "iterations", &figures->iterations) || figures->iterations == 0)
		return true;
	for (int i = 0; i < EVENT_COUNT; i++)
		if (json_member(counters, event_name((enum event)i), &array))
			figures->counted[i] = read_event(array, (double)figures->iterations, &figures->per_iteration[i],
							 &figures->rounds);
	return true;
}

void counts_write(struct text *text, const struct counts_figures *figures) {
	text_member_object(text, "counters");
	if (figures->reason[0])
		text_member_string(text, "missing", figures->reason);
	text_member_object(text, "of");
	text_member_u64(text, "samples", figures->rounds);
	text_member_u64(text, "iterations", figures->iterations);
	text_add_string(text, "}");
	text_member_object(text, "per_iteration");
	for (int i = 0; i < EVENT_COUNT; i++)
		if (figures->counted[i])
			text_member_double(text, event_name((enum event)i), figures->per_iteration[i]);
	text_add_string(text, "}}");
}

/* Four digits that count; what is less than a ten-thousandth is told as that. */
static void add_number(struct text *text, double number) {
	if (number > 0 && number < 0.0001)
		text_add_string(text, "<0.0001");
	else if (number >= 1e6)
		text_format(text, "%.1e", number);
	else
		text_format(text, "%.*f", number < 0.1 ? 4 : number < 10 ? 3 : number < 1000 ? 1 : 0, number);
}

static void add_event(struct text *text, const struct counts_figures *figures, enum event event, const char *before,
		      const char *behind) {
	if (!figures->counted[event])
		return;
	text_add_string(text, before);
	add_number(text, figures->per_iteration[event]);
	text_add_string(text, behind);
}

void counts_show(struct text *text, const struct counts_figures *figures) {
	static const char *const margin = "          ";
	if (figures->reason[0])
		text_format(text, "%snot counted: %s\n", margin, figures->reason);
	if (!figures->counted[EVENT_CYCLES])
		return;
	double cycles = figures->per_iteration[EVENT_CYCLES];
	text_add_string(text, margin);
	add_event(text, figures, EVENT_CYCLES, "", " cycles");
	add_event(text, figures, EVENT_INSTRUCTIONS, ", ", " instructions");
	if (cycles > 0 && figures->counted[EVENT_INSTRUCTIONS])
		text_format(text, " (%.2f/cycle)", figures->per_iteration[EVENT_INSTRUCTIONS] / cycles);
	add_event(text, figures, EVENT_BRANCHES, ", ", " branches");
	add_event(text, figures, EVENT_BRANCH_MISSES, ", ", " mispredicted");
	text_add_string(text, "\n");
	size_t length = text->length;
	text_add_string(text, margin);
	text_add_string(text, "misses");
	size_t empty = text->length;
	add_event(text, figures, EVENT_L1D_MISSES, " L1D ", ",");
	add_event(text, figures, EVENT_L2_MISSES, " L2 ", ",");
	add_event(text, figures, EVENT_LLC_MISSES, " last level ", ",");
	add_event(text, figures, EVENT_DTLB_MISSES, " DTLB ", ",");
	add_event(text, figures, EVENT_PAGE_WALKS, " page walks ", ",");
	if (text->failed)
		return;
	text->length = text->length == empty ? length : text->length - 1; /* the comma behind the last */
	if (text->length != length)
		text_add_string(text, "\n");
}
