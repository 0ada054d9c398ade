/* SPDX-License-Identifier: Apache-2.0
 *
 * A figure has four digits, which is more than any of them is good for: a thorough profile is some hundred thousand of
 * them, on a console of 115,200 baud.
 */
#include "bench/tune/profile_json.h"

#include "bench/record.h"
#include "build_info.h"

#include <string.h>

const char *profile_basis_name(enum tune_basis basis) {
	static const char *const names[] = {
		[TUNE_NOT_MEASURED] = "not measured",
		[TUNE_KEPT] = "kept",
		[TUNE_CHOSEN] = "chosen",
		[TUNE_TOO_LOUD] = "too loud",
		[TUNE_KEPT_IN_COMPANY] = "kept in company",
	};
	return (unsigned)basis < sizeof(names) / sizeof(names[0]) ? names[basis] : names[TUNE_NOT_MEASURED];
}

const char *profile_width_name(enum simd_width width) {
	static const char *const names[SIMD_WIDTH_COUNT] = {"scalar", "128", "256", "512"};
	return (unsigned)width < SIMD_WIDTH_COUNT ? names[width] : "scalar";
}

/* ---- parts of parts ---------------------------------------------------------------------------------------------- */

static void add_figure(struct text *text, const char *name, double figure) {
	text_member(text, name);
	if (figure - figure == 0)
		text_format(text, "%.4g", figure);
	else
		text_add_string(text, "null");
}

/* null: never, or to the end. */
static void add_bytes(struct text *text, const char *name, size_t bytes) {
	if (bytes == SIZE_MAX)
		text_member_null(text, name);
	else
		text_member_u64(text, name, bytes);
}

static bool is_measured(const struct tune_ratio *ratio) {
	return ratio->point > 0 && ratio->point - ratio->point == 0;
}

static void add_ratio(struct text *text, const char *name, const struct tune_ratio *ratio) {
	if (!is_measured(ratio)) {
		text_member_null(text, name);
		return;
	}
	text_member_object(text, name);
	add_figure(text, "point", ratio->point);
	add_figure(text, "lower", ratio->lower);
	add_figure(text, "upper", ratio->upper);
	text_add_string(text, "}");
}

static void add_known(struct text *text, const char *name, const char *value) {
	if (value[0])
		text_member_string(text, name, value);
}

/* ---- head -------------------------------------------------------------------------------------------------------- */

static void add_machine(struct text *text, const struct tune_signature *signature) {
	text_member_object(text, "machine");
	text_member_string(text, "architecture", signature->architecture);
	text_member_string(text, "cpu", signature->cpu);
	add_known(text, "model", signature->model);
	add_known(text, "core_type", signature->core_type);
	add_known(text, "microcode", signature->microcode);
	add_known(text, "hypervisor", signature->hypervisor);
	text_add_string(text, "}");
	text_member_bool(text, "virtual", signature->hypervisor[0] != '\0');
	text_member_string(text, "kernels", signature->kernels);
}

static void add_head(struct text *text, const struct profile_about *about, const struct tune *tune) {
	text_member_string(text, "version", BUILD_VERSION);
	text_member_string(text, "commit", BUILD_COMMIT);
	text_member_string(text, "date", about->date);
	text_member_string(text, "command", about->command);
	text_member_u64(text, "seed", tune->plan.seed);
	text_member_bool(text, "thorough", tune->plan.thorough);
	text_member_string(text, "for", tune_for_name(about->what_for));
	add_machine(text, about->signature);
}

/* ---- operations -------------------------------------------------------------------------------------------------- */

static void add_band(struct text *text, const struct tune_operation *operation, const struct tune_band *band) {
	text_member_object(text, NULL);
	add_bytes(text, "from", band->from);
	add_bytes(text, "below", band->below);
	text_member_string(text, "method", operation->methods[band->method].name);
	text_member_string(text, "basis", profile_basis_name(band->basis));
	add_ratio(text, "gain", &band->gain);
	add_ratio(text, "cold", &band->cold);
	add_ratio(text, "company", &band->company);
	text_add_string(text, "}");
}

static void add_choices(struct text *text, const struct tune *tune, enum simd_operation which) {
	text_member_object(text, "choices");
	for (int what_for = 0; what_for < TUNE_FOR_COUNT; what_for++) {
		const struct tune_choice *choice = &tune->choices[what_for][which];
		text_member_object(text, tune_for_name((enum tune_for)what_for));
		text_member_array(text, "bands");
		for (size_t i = 0; i < choice->band_count; i++)
			add_band(text, &tune->operations[which], &choice->bands[i]);
		text_add_string(text, "]");
		text_member_u64(text, "cells", choice->cells);
		text_member_u64(text, "conflicts", choice->conflicts);
		text_member_u64(text, "undecided", choice->undecided);
		text_add_string(text, "}");
	}
	text_add_string(text, "}");
}

enum figure { FIGURE_NS, FIGURE_RATIO, FIGURE_LOWER, FIGURE_UPPER, FIGURES };

static double figure_of(const struct tune_ratio *ratio, enum figure figure) {
	const double figures[FIGURES] = {(double)ratio->ns, ratio->point, ratio->lower, ratio->upper};
	return figures[figure];
}

static bool any_measured(const struct tune_operation *operation, size_t method, unsigned condition) {
	for (size_t i = 0; i < operation->size_count; i++)
		if (is_measured(&operation->ratio[method][condition][i]))
			return true;
	return false;
}

/* One array a figure, an element a size; null: not measured. All of the built-in method's ratios are 1. */
static void add_curve(struct text *text, const struct tune_operation *operation, size_t method, unsigned condition) {
	static const char *const names[FIGURES] = {"ns", "ratio", "lower", "upper"};
	static const char *const heats[TUNE_HEATS] = {"L1", "cold", "L2"};
	static const char *const places[TUNE_PLACES] = {"aligned", "unaligned", "past"};
	text_member_object(text, NULL);
	text_member_string(text, "heat", heats[condition / TUNE_PLACES]);
	text_member_string(text, "place", places[condition % TUNE_PLACES]);
	for (int figure = 0; figure < (method == operation->built_in ? FIGURE_RATIO : FIGURES); figure++) {
		text_member_array(text, names[figure]);
		for (size_t i = 0; i < operation->size_count; i++) {
			const struct tune_ratio *ratio = &operation->ratio[method][condition][i];
			if (is_measured(ratio))
				add_figure(text, NULL, figure_of(ratio, (enum figure)figure));
			else
				text_member_null(text, NULL);
		}
		text_add_string(text, "]");
	}
	text_add_string(text, "}");
}

static void add_methods(struct text *text, const struct tune_operation *operation) {
	text_member_array(text, "sizes");
	for (size_t i = 0; i < operation->size_count; i++)
		text_member_u64(text, NULL, operation->sizes[i]);
	text_add_string(text, "]");
	text_member_array(text, "methods");
	for (size_t method = 0; method < operation->method_count; method++) {
		text_member_object(text, NULL);
		text_member_string(text, "name", operation->methods[method].name);
		text_member_string(text, "width", profile_width_name(operation->methods[method].width));
		text_member_array(text, "curves");
		for (unsigned condition = 0; condition < TUNE_CONDITIONS; condition++)
			if (any_measured(operation, method, condition))
				add_curve(text, operation, method, condition);
		text_add_string(text, "]}");
	}
	text_add_string(text, "]");
}

static bool was_measured(const struct tune_operation *operation) {
	for (unsigned condition = 0; operation->method_count && condition < TUNE_CONDITIONS; condition++)
		if (any_measured(operation, operation->built_in, condition))
			return true;
	return false;
}

/* The members of one operation's object. */
static void add_operation(struct text *text, const struct tune *tune, enum simd_operation which) {
	const struct tune_operation *operation = &tune->operations[which];
	bool measured = was_measured(operation);
	text_member_string(text, "name", simd_operation_name(which));
	text_member_bool(text, "measured", measured);
	if (!measured)
		return;
	text_member_string(text, "built_in", operation->methods[operation->built_in].name);
	add_choices(text, tune, which);
	add_methods(text, operation);
}

/* ---- price and end ----------------------------------------------------------------------------------------------- */

static void add_price_arm(struct text *text, const struct price *price, size_t arm) {
	text_member_object(text, NULL);
	text_member_string(text, "width", arm == 0 ? "none" : profile_width_name(price->arm[arm]));
	text_member_array(text, "cells");
	for (unsigned duty = 0; duty < PRICE_DUTIES; duty++)
		for (unsigned burst = 0; burst < PRICE_BURSTS; burst++) {
			const struct price_cell *cell = &price->cell[arm][duty][burst];
			text_member_object(text, NULL);
			text_member_u64(text, "duty_percent", price_duty_percent[duty]);
			text_member_u64(text, "burst_ns", price_burst_ns[burst]);
			add_ratio(text, "during", &cell->during);
			add_figure(text, "settle_ns", cell->settle_ns);
			add_figure(text, "stall_ns", cell->stall_ns);
			text_add_string(text, "}");
		}
	text_add_string(text, "]}");
}

static void add_price(struct text *text, const struct price *price) {
	text_member_bool(text, "measured", price->arm_count > 0);
	if (price->arm_count == 0)
		return;
	text_member_bool(text, "none", price->none);
	add_figure(text, "bound", price->bound);
	add_figure(text, "stall_bound_ns", price->stall_bound_ns);
	text_member_array(text, "arms");
	for (size_t arm = 0; arm < price->arm_count; arm++)
		add_price_arm(text, price, arm);
	text_add_string(text, "]");
}

static void add_tunables(struct text *text, const struct profile_tunables *tunables) {
	text_member_object(text, "glibc");
	text_member_string(text, "library", tunables->library);
	if (tunables->line[0])
		text_member_string(text, "tunables", tunables->line);
	else
		text_member_null(text, "tunables");
	add_ratio(text, "memcpy", &tunables->memcpy_gain);
	add_ratio(text, "memset", &tunables->memset_gain);
	text_member_u64(text, "rounds", tunables->rounds);
	text_add_string(text, "}");
}

static void add_stream_sizes(struct text *text, const char *name, const struct tune_ratio *ratios) {
	text_member_array(text, name);
	for (unsigned size = 0; size < STREAM_SIZES; size++)
		add_ratio(text, NULL, &ratios[size]);
	text_add_string(text, "]");
}

static void add_streams(struct text *text, const struct streams *streams) {
	static const char *const operations[STREAM_OPERATIONS] = {"copy", "zero"};
	add_bytes(text, "copy_bytes", streams->bytes[STREAM_COPY]);
	add_bytes(text, "zero_bytes", streams->bytes[STREAM_ZERO]);
	text_member_u64(text, "other_cores", streams->others);
	for (unsigned operation = 0; operation < STREAM_OPERATIONS; operation++) {
		text_member_object(text, operations[operation]);
		add_stream_sizes(text, "alone", streams->ratio[STREAM_PAST][operation][STREAM_ALONE]);
		add_stream_sizes(text, "busy", streams->ratio[STREAM_PAST][operation][STREAM_BUSY]);
		add_bytes(text, "alone_bytes", streams->bytes_at[operation][STREAM_ALONE]);
		add_bytes(text, "busy_bytes", streams->bytes_at[operation][STREAM_BUSY]);
		if (streams->ratio[STREAM_REP][operation][STREAM_ALONE][0].rounds != 0) {
			add_stream_sizes(text, "rep_alone", streams->ratio[STREAM_REP][operation][STREAM_ALONE]);
			add_stream_sizes(text, "rep_busy", streams->ratio[STREAM_REP][operation][STREAM_BUSY]);
		}
		text_add_string(text, "}");
	}
}

static void add_end(struct text *text, const struct profile_about *about, const struct tune *tune) {
	text_member_u64(text, "rounds", tune->rounds);
	text_member_u64(text, "taken_ns", tune->taken_ns);
	text_member_bool(text, "cut", tune->cut);
	text_member_bool(text, "loud", tune->loud);
	text_member_object(text, "streams");
	text_member_bool(text, "measured", tune->streams.measured);
	if (tune->streams.measured)
		add_streams(text, &tune->streams);
	text_add_string(text, "}");
	if (about->tunables)
		add_tunables(text, about->tunables);
}

/* ---- files and records ------------------------------------------------------------------------------------------- */

/* An operation by its number, and what stands around them. */
enum part { PART_HEAD = SIMD_OPERATION_COUNT, PART_PRICE, PART_END };

/* The one shape of a file; `add` adds a part's object. */
static void write_file(struct text *text, void (*add)(struct text *text, const void *self, int part),
		       const void *self) {
	text_add_string(text, "{");
	text_member_string(text, "schema", PROFILE_SCHEMA);
	text_member(text, "made");
	add(text, self, PART_HEAD);
	text_member_array(text, "operations");
	for (int i = 0; i < SIMD_OPERATION_COUNT; i++) {
		text_member(text, NULL);
		text_add_string(text, "\n");
		add(text, self, i);
	}
	text_add_string(text, "]");
	text_member(text, "price");
	add(text, self, PART_PRICE);
	text_member(text, "end");
	add(text, self, PART_END);
	text_add_string(text, "}\n");
}

struct made {
	const struct profile_about *about;
	const struct tune *tune;
};

static void add_made(struct text *text, const void *self, int part) {
	const struct made *made = self;
	text_add_string(text, "{");
	if (part == PART_HEAD)
		add_head(text, made->about, made->tune);
	else if (part == PART_PRICE)
		add_price(text, &made->tune->price);
	else if (part == PART_END)
		add_end(text, made->about, made->tune);
	else
		add_operation(text, made->tune, (enum simd_operation)part);
	text_add_string(text, "}");
}

void profile_json_write(struct text *text, const struct profile_about *about, const struct tune *tune) {
	write_file(text, add_made, &(struct made){about, tune});
}

static void add_kept(struct text *text, const void *self, int part) {
	const struct profile_parts *parts = self;
	const char *kept = part == PART_HEAD    ? parts->head
			   : part == PART_PRICE ? parts->price
			   : part == PART_END   ? parts->end
						: parts->operations[part];
	if (kept) {
		text_add_string(text, kept);
		return;
	}
	text_add_string(text, "{");
	if (part < SIMD_OPERATION_COUNT)
		text_member_string(text, "name", simd_operation_name((enum simd_operation)part));
	if (part < SIMD_OPERATION_COUNT || part == PART_PRICE)
		text_member_bool(text, "measured", false);
	if (part == PART_END)
		text_member_bool(text, "cut", true);
	text_add_string(text, "}");
}

void profile_json_compose(struct text *text, const struct profile_parts *parts) {
	write_file(text, add_kept, parts);
}

static void write_record(struct text *text, const char *name, const struct made *made, int part) {
	record_open(text, "TUNE");
	text_member(text, name);
	add_made(text, made, part);
	record_close(text);
}

void profile_record_head(struct text *text, const struct profile_about *about, const struct tune *tune) {
	write_record(text, "made", &(struct made){about, tune}, PART_HEAD);
}

void profile_record_operation(struct text *text, const struct tune *tune, enum simd_operation operation) {
	write_record(text, "operation", &(struct made){NULL, tune}, (int)operation);
}

void profile_record_price(struct text *text, const struct tune *tune) {
	write_record(text, "price", &(struct made){NULL, tune}, PART_PRICE);
}

void profile_record_end(struct text *text, const struct profile_about *about, const struct tune *tune) {
	write_record(text, "end", &(struct made){about, tune}, PART_END);
}
