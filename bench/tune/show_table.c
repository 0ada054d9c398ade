/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/tune/make.h"

#include <math.h>
#include <stdio.h>

static void size_text(size_t bytes, char *text, size_t capacity) {
	if (bytes == SIZE_MAX)
		snprintf(text, capacity, "end");
	else if (bytes >= 1 << 20 && bytes % (1 << 20) == 0)
		snprintf(text, capacity, "%zu MiB", bytes >> 20);
	else if (bytes >= 1 << 10 && bytes % (1 << 10) == 0)
		snprintf(text, capacity, "%zu KiB", bytes >> 10);
	else
		snprintf(text, capacity, "%zu B", bytes);
}

static const char *basis_text(enum tune_basis basis) {
	switch (basis) {
	case TUNE_KEPT:
		return "built in; none is faster";
	case TUNE_CHOSEN:
		return "chosen";
	case TUNE_TOO_LOUD:
		return "built in; too loud to choose";
	case TUNE_KEPT_IN_COMPANY:
		return "built in; another gains alone only";
	default:
		return "built in; not measured";
	}
}

static void add_ratio(struct text *text, const struct tune_ratio *ratio) {
	if (ratio->rounds == 0 || !(ratio->point > 0))
		text_add_string(text, "                      ");
	else
		text_format(text, "%6.3f [%5.3f, %5.3f] ", ratio->point, ratio->lower, ratio->upper);
}

static void add_band(struct text *text, const struct tune_operation *operation, const struct tune_band *band) {
	char from[24], below[24];
	size_text(band->from, from, sizeof(from));
	size_text(band->below, below, sizeof(below));
	text_add_string(text, simd_operation_name(operation->operation));
	text_pad(text, 14);
	text_add_string(text, from);
	text_pad(text, 23);
	text_format(text, "to %s", below);
	text_pad(text, 35);
	text_add_string(text, operation->methods[band->method].name);
	text_pad(text, 47);
	add_ratio(text, &band->gain);
	text_add_string(text, basis_text(band->basis));
	if (band->company.rounds > 0)
		text_format(text, ", in company %.3f to %.3f", band->company.lower, band->company.upper);
	text_add_string(text, "\n");
}

static void add_choices(struct text *text, const struct tune *tune, enum tune_for what_for) {
	text_add_string(text, "operation     sizes                method      time to the built-in one's [95 %]\n");
	for (unsigned i = 0; i < SIMD_OPERATION_COUNT; i++)
		for (size_t b = 0; b < tune->choices[what_for][i].band_count; b++)
			add_band(text, &tune->operations[i], &tune->choices[what_for][i].bands[b]);
}

static void add_sum(struct text *text, const struct tune *tune, enum tune_for what_for) {
	uint32_t cells = 0, conflicts = 0, undecided = 0;
	for (unsigned i = 0; i < SIMD_OPERATION_COUNT; i++) {
		cells += tune->choices[what_for][i].cells;
		conflicts += tune->choices[what_for][i].conflicts;
		undecided += tune->choices[what_for][i].undecided;
	}
	text_format(text,
		    "%u rounds in %.1f s; %u cells: in %u another method is faster by more than 2 %%, for %u that is "
		    "undecided\n",
		    (unsigned)tune->rounds, (double)tune->taken_ns / 1e9, (unsigned)cells, (unsigned)conflicts,
		    (unsigned)undecided);
}

static void add_arm(struct text *text, const struct price *price, unsigned arm) {
	static const char *const names[] = {"none", "128 bit", "256 bit", "512 bit"};
	static const char *const bursts[PRICE_BURSTS] = {"one call", "100 us", "10 ms"};
	for (unsigned burst = 0; burst < PRICE_BURSTS; burst++) {
		text_add_string(text, burst == 0 ? names[price->arm[arm]] : "");
		text_pad(text, 10);
		text_add_string(text, bursts[burst]);
		text_pad(text, 20);
		double settle = 0, stall = 0;
		for (unsigned duty = 0; duty < PRICE_DUTIES; duty++) {
			const struct price_cell *cell = &price->cell[arm][duty][burst];
			text_format(text, "%6.3f +-%.3f ", cell->during.point,
				    (cell->during.upper - cell->during.lower) / 2);
			settle = fmax(settle, cell->settle_ns);
			stall = fmax(stall, cell->stall_ns);
		}
		text_format(text, "%7.0f %8.0f\n", settle / 1000, stall);
	}
}

static void add_price(struct text *text, const struct price *price) {
	if (price->arm_count < 2)
		return;
	text_add_string(text, "\nwhat copies of a width do to additions between them: time to that without vectors\n"
			      "width     burst         1 % duty       5 %           25 %          50 %   settle us  "
			      "stall ns\n");
	for (unsigned arm = 1; arm < price->arm_count; arm++)
		add_arm(text, price, arm);
	text_format(text,
		    !price->none
			    ? "there is a price: widths differ by more than 1 %%, for sure; by %.1f %% at the most\n"
		    : price->bound > PRICE_NONE ? "undecided: no width differs by more than 1 %%, for sure; one that "
						  "differs by %.1f %% would not "
						  "be seen\n"
						: "no price: widths agree within %.1f %%\n",
		    price->bound * 100);
}

static void add_streams(struct text *text, const struct streams *streams) {
	static const char *const names[STREAM_OPERATIONS] = {"copies", "zeroing"};
	char from[24];
	for (unsigned operation = 0; streams->measured && operation < STREAM_OPERATIONS; operation++) {
		size_text(streams->bytes[operation], from, sizeof(from));
		text_format(text, "%s past the caches: %s%s, alone and with %u other cores at it\n", names[operation],
			    streams->bytes[operation] == SIZE_MAX ? "never" : "from ",
			    streams->bytes[operation] == SIZE_MAX ? "" : from, streams->others);
	}
}

void tune_show_table(const struct tune *tune, enum tune_for what_for, struct text *text) {
	text_format(text, "for %s use\n\n", tune_for_name(what_for));
	add_choices(text, tune, what_for);
	text_add_string(text, "\n");
	add_sum(text, tune, what_for);
	add_price(text, &tune->price);
	add_streams(text, &tune->streams);
	if (tune->loud)
		text_add_string(text,
				"the room is too loud to choose on where the table says so: the built-in method stays "
				"there\n");
}
