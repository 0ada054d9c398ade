/* SPDX-License-Identifier: Apache-2.0
 *
 * At most 100 columns; where there are fewer, at most 80, without the figures of cold operands.
 */
#include "bench/tune/make.h"
#include "bench/tune/words.h"

#include <math.h>
#include <string.h>

enum { NARROW_COLUMNS = 80 };

struct columns {
	size_t sizes, method, gain, cold, company, instead; /* cold 0: left out */
};

static const struct columns wide = {14, 35, 46, 60, 74, 83}, narrow = {14, 35, 46, 0, 59, 68};

/* To the column, and at least a blank. */
static void go_to(struct text *text, size_t column) {
	text_add_string(text, " ");
	text_pad(text, column);
}

static double percent_of(double ratio) {
	return 100 * (ratio - 1);
}

static void add_ratio(struct text *text, const struct tune_ratio *ratio) {
	if (ratio->rounds == 0 || !(ratio->point > 0))
		text_add_string(text, "-");
	else
		text_format(text, "%+.1f +-%.1f", percent_of(ratio->point), 50 * (ratio->upper - ratio->lower));
}

static bool is_sure(const struct tune_ratio *ratio) {
	return ratio->rounds != 0 && (ratio->lower > 1 || ratio->upper < 1);
}

/* An interval that holds no change says nothing: it is left out. */
static void add_sure_ratio(struct text *text, const struct tune_ratio *ratio) {
	if (is_sure(ratio))
		add_ratio(text, ratio);
	else
		text_add_string(text, "-");
}

static void add_chosen(struct text *text, const struct columns *columns, const struct tune_band *band,
		       const char *built_in) {
	go_to(text, columns->gain);
	add_ratio(text, &band->gain);
	if (columns->cold != 0) {
		go_to(text, columns->cold);
		add_sure_ratio(text, &band->cold);
	}
	go_to(text, columns->company);
	if (band->company.rounds != 0)
		text_format(text, "%+.1f", percent_of(band->company.upper));
	else
		text_add_string(text, "-");
	go_to(text, columns->instead);
	text_add_string(text, built_in);
}

static void add_band(struct text *text, const struct columns *columns, const struct tune_operation *operation,
		     const struct tune_band *band, bool first) {
	text_add_string(text, first ? simd_operation_name(operation->operation) : "");
	go_to(text, columns->sizes);
	tune_words_sizes(text, band->from, band->below);
	go_to(text, columns->method);
	text_add_string(text, operation->methods[band->method].name);
	if (band->basis == TUNE_CHOSEN) {
		add_chosen(text, columns, band, operation->methods[operation->built_in].name);
	} else {
		go_to(text, columns->gain);
		text_add_string(text, tune_words_basis(band->basis));
	}
	text_add_string(text, "\n");
}

static void add_choices(struct text *text, const struct columns *columns, const struct tune *tune,
			enum tune_for what_for) {
	text_format(text, "for %s use; of what is chosen the change of time to the built-in method's, %%\n\n",
		    tune_for_name(what_for));
	text_add_string(text, "operation");
	go_to(text, columns->sizes);
	text_add_string(text, "sizes");
	go_to(text, columns->method);
	text_add_string(text, "method");
	go_to(text, columns->gain);
	text_add_string(text, "in L1");
	if (columns->cold != 0) {
		go_to(text, columns->cold);
		text_add_string(text, "cold");
	}
	go_to(text, columns->company);
	text_add_string(text, "company");
	go_to(text, columns->instead);
	text_add_string(text, "instead of\n");
	for (unsigned i = 0; i < SIMD_OPERATION_COUNT; i++)
		for (size_t b = 0; b < tune->choices[what_for][i].band_count; b++)
			add_band(text, columns, &tune->operations[i], &tune->choices[what_for][i].bands[b], b == 0);
}

static void add_sum(struct text *text, const struct tune *tune, enum tune_for what_for) {
	uint32_t cells = 0, conflicts = 0, undecided = 0;
	for (unsigned i = 0; i < SIMD_OPERATION_COUNT; i++) {
		cells += tune->choices[what_for][i].cells;
		conflicts += tune->choices[what_for][i].conflicts;
		undecided += tune->choices[what_for][i].undecided;
	}
	text_format(
		text,
		"%u rounds in %.1f s\n%u cells: another method is faster by more than 2 %% in %u, undecided in %u\n",
		(unsigned)tune->rounds, (double)tune->taken_ns / 1e9, (unsigned)cells, (unsigned)conflicts,
		(unsigned)undecided);
}

static void add_seen(struct text *text, double figure, int width) {
	if (figure > 0)
		text_format(text, " %*.0f", width, figure);
	else
		text_format(text, " %*s", width, "-");
}

static void add_arm(struct text *text, const struct price *price, unsigned arm) {
	static const char *const names[] = {"none", "128 bit", "256 bit", "512 bit"};
	for (unsigned burst = 0; burst < PRICE_BURSTS; burst++) {
		text_add_string(text, burst == 0 ? names[price->arm[arm]] : "");
		text_pad(text, 9);
		text_add_string(text, tune_words_burst((double)price_burst_ns[burst]));
		double settle = 0, stall = 0;
		for (unsigned duty = 0; duty < PRICE_DUTIES; duty++) {
			const struct price_cell *cell = &price->cell[arm][duty][burst];
			go_to(text, 18 + 12 * duty);
			add_ratio(text, &cell->during);
			settle = fmax(settle, cell->settle_ns);
			stall = fmax(stall, cell->stall_ns);
		}
		text_pad(text, 65);
		add_seen(text, settle / 1000, 6);
		add_seen(text, stall, 6);
		text_add_string(text, "\n");
	}
}

static void add_price(struct text *text, const struct price *price) {
	if (price->arm_count < 2)
		return;
	text_add_string(text, "\nwhat copies of a width do to additions between them: change of their time, %,\n"
			      "to that without vectors\n"
			      "width    burst    1 % duty    5 %         25 %        50 %          slow  still\n");
	for (unsigned arm = 1; arm < price->arm_count; arm++)
		add_arm(text, price, arm);
	text_format(text, "slow: us behind a burst; still: ns at the first one, from %.0f on; -: not seen\n",
		    ceil(price->stall_bound_ns));
	tune_words_price(text, price->none, price->bound);
	text_add_string(text, "\n");
}

static void add_bytes(struct text *text, size_t bytes) {
	if (bytes == SIZE_MAX)
		text_add_string(text, "never");
	else
		tune_words_size(text, bytes);
}

/* In 80 columns. */
static void add_thresholds(struct text *text, const struct streams *streams, enum stream_operation operation) {
	text_add_string(text, operation == STREAM_COPY ? "copies past the caches: " : "zeroing past the caches: ");
	text_add_string(text, streams->bytes[operation] == SIZE_MAX ? "" : "from ");
	add_bytes(text, streams->bytes[operation]);
	text_add_string(text, "; alone ");
	add_bytes(text, streams->bytes_at[operation][STREAM_ALONE]);
	if (streams->others != 0) {
		text_format(text, ", with %u other%s ", streams->others, streams->others == 1 ? "" : "s");
		add_bytes(text, streams->bytes_at[operation][STREAM_BUSY]);
	}
	text_add_string(text, "\n");
}

static void add_change(struct text *text, const struct tune_ratio *ratio) {
	if (is_sure(ratio))
		text_format(text, "%+8.1f", 100 * (ratio->point - 1));
	else
		text_add_string(text, "       -");
}

/* Sizes at which it differs from the built-in copy for sure. */
static void add_rep(struct text *text, const struct streams *streams) {
	const struct tune_ratio *alone = streams->ratio[STREAM_REP][STREAM_COPY][STREAM_ALONE],
				*busy = streams->ratio[STREAM_REP][STREAM_COPY][STREAM_BUSY];
	if (alone[0].rounds == 0)
		return;
	text_format(text, "copies by REP MOVSB: change of their time, %%, alone, and with %u other%s at it\n",
		    streams->others, streams->others == 1 ? "" : "s");
	for (unsigned size = 0; size < STREAM_SIZES; size++) {
		if (!is_sure(&alone[size]) && !is_sure(&busy[size]))
			continue;
		tune_words_size(text, streams_size(size));
		text_pad(text, 9);
		add_change(text, &alone[size]);
		add_change(text, &busy[size]);
		text_add_string(text, "\n");
	}
}

static void add_streams(struct text *text, const struct streams *streams) {
	if (!streams->measured)
		return;
	for (unsigned operation = 0; operation < STREAM_OPERATIONS; operation++)
		add_thresholds(text, streams, (enum stream_operation)operation);
	add_rep(text, streams);
}

/* By name: the table may have gone off the screen. */
static void add_loud(struct text *text, const struct tune *tune, enum tune_for what_for) {
	size_t line = text->length;
	text_add_string(text, "too loud to choose, so that the built-in method stays:");
	for (unsigned i = 0; i < SIMD_OPERATION_COUNT; i++) {
		if (tune->choices[what_for][i].bands[0].basis != TUNE_TOO_LOUD)
			continue;
		const char *name = simd_operation_name((enum simd_operation)i);
		if (text->length - line + strlen(name) + 1 > NARROW_COLUMNS) {
			text_add_string(text, "\n ");
			line = text->length;
		}
		text_format(text, " %s", name);
	}
	text_add_string(text, "\n");
}

void tune_show_table(const struct tune *tune, enum tune_for what_for, size_t columns, struct text *text) {
	bool is_narrow = columns != 0 && columns < TUNE_TABLE_COLUMNS;
	add_choices(text, is_narrow ? &narrow : &wide, tune, what_for);
	text_add_string(text, "\n");
	add_sum(text, tune, what_for);
	add_price(text, &tune->price);
	add_streams(text, &tune->streams);
	if (tune->loud)
		add_loud(text, tune, what_for);
}
