/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/watcher/metrics.h"

#include "hosted/export/prometheus_text.h"
#include "hosted/watcher/alert_json.h"
#include "hosted/watcher/standing.h"

/* Called for each window there is: adds the series of it behind `name`. */
typedef void add_window(struct text *text, const char *name, const char *bench, const char *span,
			const struct watch_figures *figures);

static void add_start(struct text *text, const char *name, const char *bench) {
	text_add_string(text, name);
	prometheus_label(text, "{", "bench", bench);
}

static void add_number(struct text *text, double number) {
	text_format(text, "} %.12g\n", number);
}

static void add_of_window(struct text *text, const char *name, const char *bench, const char *span, double number) {
	add_start(text, name, bench);
	prometheus_label(text, ",", "span", span);
	add_number(text, number);
}

static void add_durations(struct text *text, const char *name, const char *bench, const char *span,
			  const struct watch_figures *figures) {
	for (int p = 0; p < DETECTOR_PERCENTILES; p++) {
		add_start(text, name, bench);
		prometheus_label(text, ",", "span", span);
		prometheus_label(text, ",", "stat", alert_percentile_name((enum detector_percentile)p));
		add_number(text, figures->percentiles[p] * 1e-9);
	}
}

static void add_count(struct text *text, const char *name, const char *bench, const char *span,
		      const struct watch_figures *figures) {
	add_of_window(text, name, bench, span, (double)figures->count);
}

static void add_room(struct text *text, const char *name, const char *bench, const char *span,
		     const struct watch_figures *figures) {
	add_of_window(text, name, bench, span, figures->room);
}

static void add_window_start(struct text *text, const char *name, const char *bench, const char *span,
			     const struct watch_figures *figures) {
	add_of_window(text, name, bench, span, (double)figures->start);
}

static void add_windows(struct text *text, const struct watch_status *status) {
	static const struct {
		const char *name, *help;
		add_window *add;
	} families[] = {
		{"anechoic_watch_duration_seconds", "Time of one iteration, percentiles of the last whole window.",
		 add_durations},
		{"anechoic_watch_values", "Values in the last whole window.", add_count},
		{"anechoic_watch_room",
		 "The worst room that these values were taken in: 0 not known, 1 loud, 2 usable, 3 quiet, 4 silent.",
		 add_room},
		{"anechoic_watch_window_start_time_seconds", "When that window began, since 1970, UTC.",
		 add_window_start},
	};
	for (size_t f = 0; f < sizeof(families) / sizeof(families[0]); f++) {
		prometheus_head(text, families[f].name, "gauge", families[f].help);
		for (size_t r = 0; r < status->row_count; r++)
			for (int s = 0; s < WATCH_SPANS; s++) {
				const struct watch_row *row = &status->rows[r];
				if (row->last[s].count > 0)
					families[f].add(text, families[f].name, row->benchmark,
							standing_span_name((enum watch_span)s), &row->last[s]);
			}
	}
}

/* Both directions of each benchmark are always there: a series that goes away resolves an alert in Prometheus, and one
 * that comes has no time at which it was 0. */
static void add_alerts(struct text *text, const struct watch_status *status) {
	static const char name[] = "anechoic_watch_alert_open";
	prometheus_head(text, name, "gauge", "1 while an alert is open that the benchmark is part of.");
	for (size_t r = 0; r < status->row_count; r++)
		for (int slower = 0; slower < 2; slower++) {
			const struct watch_row *row = &status->rows[r];
			add_start(text, name, row->benchmark);
			prometheus_label(text, ",", "direction", slower ? "slower" : "faster");
			add_number(text, row->is_open && row->is_slower == slower);
		}
}

static void add_learning(struct text *text, const struct watch_status *status) {
	static const char name[] = "anechoic_watch_learning_seconds";
	enum { MINUTE_S = 60 };
	prometheus_head(text, name, "gauge", "Time measured that is missing before the benchmark can alarm.");
	for (size_t r = 0; r < status->row_count; r++) {
		add_start(text, name, status->rows[r].benchmark);
		add_number(text, (double)status->rows[r].learns * MINUTE_S);
	}
}

void metrics_write(const struct watch_status *status, struct text *text) {
	const struct {
		const char *name, *type, *help;
		double number;
	} ones[] = {
		{"anechoic_watch_alerts_opened_total", "counter", "Alerts that were opened.",
		 (double)status->alerts_opened},
		{"anechoic_watch_alerts_closed_total", "counter", "Alerts that ended.", (double)status->alerts_closed},
		{"anechoic_watch_rounds_total", "counter", "Rounds that were measured.", (double)status->rounds},
		{"anechoic_watch_rounds_skipped_total", "counter", "Rounds passed over, as the room was loud.",
		 (double)status->rounds_loud},
		{"anechoic_watch_rounds_failed_total", "counter", "Rounds in which a benchmark failed or hung.",
		 (double)status->rounds_failed},
		{"anechoic_watch_start_time_seconds", "gauge", "When the watch began, since 1970, UTC.",
		 (double)status->started},
		{"anechoic_watch_last_round_time_seconds", "gauge",
		 "When a round was measured last, since 1970, UTC; 0 before the first.", (double)status->last_round},
		{"anechoic_watch_run_length_seconds", "gauge",
		 "Expected time to a false alarm of the whole watch, as stated.", status->run_length},
		{"anechoic_watch_duty_ratio", "gauge", "Share of one core that rounds took since the start.",
		 status->duty},
	};
	add_windows(text, status);
	add_alerts(text, status);
	add_learning(text, status);
	for (size_t i = 0; i < sizeof(ones) / sizeof(ones[0]); i++) {
		prometheus_head(text, ones[i].name, ones[i].type, ones[i].help);
		text_format(text, "%s %.12g\n", ones[i].name, ones[i].number);
	}
}
