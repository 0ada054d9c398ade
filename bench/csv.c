/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/csv.h"

#include <inttypes.h>
#include <string.h>

void csv_head(struct text *text) {
	text_add_string(text, "name,group,status,samples,time_ns,lower_ns,upper_ns,standard_error_ns,mean_ns,median_ns,"
			      "std_dev_ns,median_abs_dev_ns,outliers,throughput_unit,per_iteration,per_second,figures,"
			      "reason\n");
}

void csv_field(struct text *text, const char *string) {
	if (!strpbrk(string, ",\"\r\n")) {
		text_add_string(text, string);
	} else {
		text_add_string(text, "\"");
		for (; *string; string++)
			text_add(text, *string == '"' ? "\"\"" : string, *string == '"' ? 2 : 1);
		text_add_string(text, "\"");
	}
	text_add_string(text, ",");
}

static void add_figures(struct text *text, const struct csv_row *row) {
	if (row->samples == 0) {
		text_add_string(text, "0,,,,,,,,,,,,,");
		return;
	}
	text_format(text, "%zu,%.12g,%.12g,%.12g,%.12g,", row->samples, row->time.point, row->time.lower,
		    row->time.upper, row->time.standard_error);
	text_format(text, "%.12g,%.12g,%.12g,%.12g,%" PRIu32 ",", row->mean, row->median, row->std_dev,
		    row->median_abs_dev, row->outliers);
	csv_field(text, row->unit);
	if (*row->unit)
		text_format(text, "%" PRIu64 ",%.12g,", row->per_iteration, row->per_second);
	else
		text_add_string(text, ",,");
}

void csv_row(struct text *text, const struct csv_row *row) {
	csv_field(text, row->name);
	csv_field(text, row->group);
	csv_field(text, row->status);
	add_figures(text, row);
	csv_field(text, row->figures);
	csv_field(text, row->reason);
	text->length--; /* the comma after the last */
	text_add_string(text, "\n");
}
