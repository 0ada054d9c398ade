/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/verdict/os_tax.h"

#include "bench/plain.h"
#include "hosted/results/files.h"
#include "hosted/verdict/change.h"
#include "hosted/verdict/comparable.h"
#include "hosted/verdict/row_room.h"
#include "lib/units.h"
#include "platform.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double significance = 0.05;

/* A processor takes hundreds of cycles to its kernel and back, and who emulates one tens of thousands. */
static const double emulated_call_ns = 5000;

/* ---- which is which ---------------------------------------------------------------------------------------------- */

bool os_tax_is_hosted(const struct results *results) {
	return strcmp(results_context(results, "platform/way"), "hosted") == 0;
}

static const char *emulated(const struct launches *launches, char *why, size_t capacity) {
	if (!results_functional_only(&launches->all[0]))
		return NULL;
	const char *what = results_context(&launches->all[0], "emulated");
	snprintf(why, capacity, "%.120s is functional only: %.90s; its figures say nothing of the hardware",
		 launches->name, *what ? what : "no hardware was measured");
	return why;
}

const char *os_tax_take(struct os_tax *tax, const struct launches *a, const struct launches *b) {
	static char why[300];
	const bool a_hosted = os_tax_is_hosted(&a->all[0]), b_hosted = os_tax_is_hosted(&b->all[0]);
	*tax = (struct os_tax){.hosted = a_hosted ? a : b, .image = a_hosted ? b : a};
	if (emulated(a, why, sizeof(why)) || emulated(b, why, sizeof(why)))
		return why;
	if (a_hosted == b_hosted) {
		snprintf(why, sizeof(why), "both are of %s: one of Linux and one of the image are wanted",
			 a_hosted ? "Linux" : "the image");
		return why;
	}
	return comparable_machine(&a->all[0], &b->all[0]);
}

/* ---- a row ------------------------------------------------------------------------------------------------------- */

static enum os_tax_part part_of(const char *name) {
	static const char *const system[] = {"os/",
					     "machine/pages/call",
					     "machine/pages/protect/",
					     "machine/pages/remap/",
					     "machine/pages/fault",
					     "machine/pages/shootdown/"};
	for (size_t i = 0; i < sizeof(system) / sizeof(system[0]); i++)
		if (strncmp(name, system[i], strlen(system[i])) == 0)
			return OS_TAX_SYSTEM;
	return OS_TAX_CODE;
}

static int by_value(const void *a, const void *b) {
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double middle_of(double *values, size_t count) {
	qsort(values, count, sizeof(*values), by_value);
	return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

/* What either launch says of itself: half widths on the logarithm's scale, as of independent ones. */
static void bound_by_launches(const struct os_tax *tax, struct os_tax_row *row) {
	const struct results_estimate *hosted = results_headline(results_find(&tax->hosted->all[0], row->name)),
				      *image = results_headline(results_find(&tax->image->all[0], row->name));
	row->lower = row->upper = row->ratio;
	if (!(hosted->lower > 0) || !(image->lower > 0))
		return;
	row->lower *= exp(-hypot(log(hosted->point / hosted->lower), log(image->upper / image->point)));
	row->upper *= exp(hypot(log(hosted->upper / hosted->point), log(image->point / image->lower)));
}

static void bound_by_pairs(double *hosted, double *image, struct os_tax_row *row) {
	const struct change_rules rules = {.significance = significance, .noise_threshold = 0.01, .effect = 0.05};
	struct change change;
	if (!change_of_pairs(image, hosted, row->pairs, &rules, &change))
		return;
	row->ratio = 1 + change.relative;
	row->lower = 1 + change.lower;
	row->upper = 1 + change.upper;
	row->confidence = 1 - significance;
	if (change.bounded)
		return;
	row->confidence = 1 - pow(2, 1 - (double)row->pairs);
	for (size_t i = 0; i < row->pairs; i++) {
		row->lower = fmin(row->lower, hosted[i] / image[i]);
		row->upper = fmax(row->upper, hosted[i] / image[i]);
	}
}

static enum room_word room_of(const struct os_tax *tax, const char *name) {
	const struct launches *const sides[] = {tax->hosted, tax->image};
	struct row_room room = {0};
	for (size_t side = 0; side < 2; side++)
		for (size_t i = 0; i < sides[side]->count; i++)
			row_room_add(&room, results_find(&sides[side]->all[i], name));
	row_room_settle(&room);
	return room.word;
}

/* false: no pair has figures of it. */
static bool judge_row(const struct os_tax *tax, const char *name, struct os_tax_row *row) {
	double hosted[CHANGE_PAIRS_MAX], image[CHANGE_PAIRS_MAX];
	*row = (struct os_tax_row){.name = name, .part = part_of(name), .why = os_tax_why(name)};
	for (size_t i = 0; i < tax->hosted->count && i < tax->image->count; i++) {
		hosted[row->pairs] = launches_figure(tax->hosted, i, name);
		image[row->pairs] = launches_figure(tax->image, i, name);
		row->pairs += hosted[row->pairs] > 0 && image[row->pairs] > 0;
	}
	if (row->pairs == 0)
		return false;
	if (row->pairs > 1) {
		bound_by_pairs(hosted, image, row);
	} else {
		row->ratio = hosted[0] / image[0];
		bound_by_launches(tax, row);
	}
	row->hosted_ns = middle_of(hosted, row->pairs);
	row->image_ns = middle_of(image, row->pairs);
	row->room = room_of(tax, name);
	return true;
}

/* ---- all of them ------------------------------------------------------------------------------------------------- */

static void take_row(struct os_tax *tax, const char *name, enum os_tax_part part) {
	if (part_of(name) == part && judge_row(tax, name, &tax->rows[tax->count]))
		tax->count++;
}

static void take_gap(struct os_tax *tax, const char *name) {
	const struct gap_outcome hosted = launches_outcome(tax->hosted, name),
				 image = launches_outcome(tax->image, name);
	struct gap gap = {.name = name, .against = tax->image->name};
	if (gap_find(&hosted, &image, &gap))
		tax->gaps[tax->gap_count++] = gap;
}

static bool has(const struct launches *launches, const char *name) {
	return results_find(&launches->all[0], name) != NULL;
}

bool os_tax_judge(struct os_tax *tax) {
	const struct results *hosted = &tax->hosted->all[0], *image = &tax->image->all[0];
	size_t most = hosted->count + image->count + 1;
	tax->rows = calloc(most, sizeof(*tax->rows));
	tax->gaps = calloc(most, sizeof(*tax->gaps));
	if (!tax->rows || !tax->gaps)
		return false;
	for (unsigned part = 0; part < OS_TAX_PARTS; part++)
		for (size_t i = 0; i < hosted->count; i++)
			take_row(tax, hosted->benchmarks[i].name, (enum os_tax_part)part);
	for (size_t i = 0; i < hosted->count; i++)
		take_gap(tax, hosted->benchmarks[i].name);
	for (size_t i = 0; i < image->count; i++)
		if (!has(tax->hosted, image->benchmarks[i].name))
			take_gap(tax, image->benchmarks[i].name);
	for (size_t i = 0; i < tax->count; i++)
		if (strcmp(tax->rows[i].name, "os/call") == 0 && tax->rows[i].image_ns > emulated_call_ns)
			tax->call_ns = tax->rows[i].image_ns;
	return true;
}

const char *os_tax_gap_text(const struct gap *gap) {
	static const char *const words[] = {[GAP_FAILED] = "failed",
					    [GAP_HUNG] = "hung",
					    [GAP_SKIPPED] = "skipped",
					    [GAP_ONLY_IN_A] = "only",
					    [GAP_ONLY_IN_B] = "only"};
	static char text[32];
	snprintf(text, sizeof(text), "%s %s", words[gap->kind], gap->side == 'A' ? "on Linux" : "in the image");
	return text;
}

const char *os_tax_intervals_text(const struct os_tax *tax) {
	static char text[200];
	double least = 1;
	bool single = false;
	for (size_t i = 0; i < tax->count; i++) {
		single |= tax->rows[i].pairs == 1;
		if (tax->rows[i].pairs > 1 && tax->rows[i].confidence < least)
			least = tax->rows[i].confidence;
	}
	int length = 0;
	text[0] = '\0';
	if (least < 1)
		length =
			snprintf(text, sizeof(text),
				 "Intervals hold with %.3g %% at the least, over the pairs of launches. ", least * 100);
	if (single)
		snprintf(text + length, sizeof(text) - (size_t)length,
			 "Intervals of a single pair speak of its two launches alone.");
	return text;
}

const char *os_tax_part_title(enum os_tax_part part) {
	static const char *const titles[OS_TAX_PARTS] = {
		[OS_TAX_SYSTEM] = "what a system is asked for", [OS_TAX_CODE] = "what code does by itself"};
	return titles[part];
}

double os_tax_mean(const struct os_tax *tax, enum os_tax_part part) {
	double sum = 0;
	size_t count = 0;
	for (size_t i = 0; i < tax->count; i++) {
		if (tax->rows[i].part != part)
			continue;
		sum += log(tax->rows[i].ratio);
		count++;
	}
	return count ? exp(sum / (double)count) : 0;
}

void os_tax_free(struct os_tax *tax) {
	free(tax->rows);
	free(tax->gaps);
	free(tax->losses);
	*tax = (struct os_tax){0};
}

/* ---- noise ------------------------------------------------------------------------------------------------------- */

static int refuse(const char *file, const char *what, struct text *complaint) {
	plain_add_string(complaint, file);
	text_add_string(complaint, ": ");
	plain_add_string(complaint, what);
	text_add_string(complaint, "\n");
	return PLATFORM_EINVAL;
}

static bool take_core(const json_t *core, struct os_tax_loss *loss) {
	const json_t *available = json_object_get(json_object_get(core, "over_1us"), "available");
	const json_t *longest = json_object_get(core, "longest_ns"), *number = json_object_get(core, "core");
	if (!json_is_number(available) || !json_is_number(longest) || !json_is_integer(number))
		return false;
	loss->core = (unsigned)json_integer_value(number);
	loss->lost = 1 - json_number_value(available);
	loss->longest_ns = json_number_value(longest);
	return loss->lost >= 0 && loss->lost <= 1 && loss->longest_ns >= 0;
}

static int take_noise(struct os_tax *tax, const json_t *root, const char *file, struct text *complaint) {
	const char *schema = json_string_value(json_object_get(root, "schema"));
	const char *way = json_string_value(json_object_get(json_object_get(root, "machine"), "way"));
	const json_t *cores = json_object_get(root, "cores");
	size_t count = json_array_size(cores);
	if (!schema || strcmp(schema, "anechoic-noise/1") != 0 || !way || count == 0)
		return refuse(file, "not what `anechoic noise -o FILE` writes", complaint);
	struct os_tax_loss *losses = realloc(tax->losses, (tax->loss_count + count) * sizeof(*losses));
	if (!losses)
		return refuse(file, "out of memory", complaint);
	tax->losses = losses;
	for (size_t i = 0; i < count; i++) {
		struct os_tax_loss *loss = &losses[tax->loss_count];
		if (!take_core(json_array_get(cores, i), loss))
			return refuse(file, "a core in it is not what `anechoic noise` writes", complaint);
		loss->hosted = strcmp(way, "hosted") == 0;
		tax->loss_count++;
	}
	return 0;
}

int os_tax_read_noise(struct os_tax *tax, const char *file, struct text *complaint) {
	struct text bytes = {0};
	json_error_t error;
	if (files_read(file, FILES_BYTES_MOST, &bytes, complaint) != 0)
		return PLATFORM_EIO;
	json_t *root = json_loadb(bytes.bytes ? bytes.bytes : "", bytes.length, 0, &error);
	int status = root ? take_noise(tax, root, file, complaint) : refuse(file, error.text, complaint);
	json_decref(root);
	text_free(&bytes);
	return status;
}
