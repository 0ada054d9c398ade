/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/watch/detector.h"

#include "hosted/watch/blocks.h"
#include "hosted/watch/bytes.h"
#include "hosted/watch/episode.h"
#include "hosted/watch/sequence.h"
#include "hosted/watch/track.h"
#include "lib/crc32.h"

#include <math.h>
#include <string.h>

enum {
	HOUR_SECONDS = 3600,
	SECONDS_MOST = HOUR_SECONDS,
	VERSION = 1,
	CRC_BYTES = 4,
	AFTER_WINDOWS = 240,
	PEAK_WINDOWS = 16,
};

#define LOWEST_FIGURE  0x1p-10 /* of the histogram: a figure of 0 has no logarithm */
#define HIGHEST_FIGURE 1e30

/* Of the sum that ends a change, in scales: the least that a window has to be below, and the height times that. */
#define LIMIT_LEAST  0.25
#define LIMIT_HEIGHT 5

enum by { BY_CUSUM, BY_SEQUENCE, BY_ANCHOR, BY_COUNT };

static const char *const by_names[BY_COUNT] = {"cusum", "sequence", "anchor"};

static const double fractions[DETECTOR_PERCENTILES] = {0.5, 0.95, 0.99};

/* Of the false alarms that may be, those that each one's CUSUM may have, and the sequence. The anchor has none that a
 * simulation shows; the rest is kept back for what that does not know. */
static const double shares[DETECTOR_PERCENTILES] = {0.2, 0.06, 0.06};

#define SEQUENCE_SHARE 0.25

static const struct episode_rules episode_rules = {.open = 1, .close = 0.25, .open_after = 2, .close_after = 1};

struct change {
	uint32_t percentile, by;
	int side; /* 0: there is none */
	uint64_t first, last;
	double before, after, peak, now; /* levels, as if there were no hours */
	double windows, sum;             /* since `first`, as far as is kept, and of their distances from `before` */
	double ended;                    /* the sum that says so */
};

struct detector {
	struct detector_rules rules;
	struct episode episode;
	bool has_learned;
	uint64_t last;  /* number of the last window */
	uint32_t count; /* windows of the day that is being filled: learned from, or since a change opened or closed */
	uint8_t hours[BASELINE_DAY];
	struct change found; /* by what looks at whole days; tells it until it is opened */
	struct change open;
	struct blocks blocks; /* of the median */
	struct sequence sequence;
	struct track of[DETECTOR_PERCENTILES];
};

size_t detector_size(void) {
	return sizeof(struct detector);
}

bool detector_begin(struct detector *detector, const struct detector_rules *rules) {
	memset(detector, 0, sizeof(*detector));
	detector->rules = *rules;
	if (rules->window_seconds < DETECTOR_SECONDS_LEAST || rules->window_seconds > SECONDS_MOST ||
	    HOUR_SECONDS % rules->window_seconds != 0 || !episode_begin(&detector->episode, &episode_rules))
		return false;
	for (int p = 0; p < DETECTOR_PERCENTILES; p++) {
		double height = cusum_height(rules->run_length / shares[p]);
		if (height <= 0)
			return false;
		track_begin(&detector->of[p], height);
	}
	return true;
}

uint64_t detector_learns(const struct detector *detector) {
	return detector->has_learned ? 0 : BASELINE_DAY - detector->count;
}

bool detector_blocks(const struct detector *detector, uint32_t *windows, double *correlation) {
	*windows = detector->blocks.windows;
	*correlation = detector->blocks.correlation;
	return detector->has_learned;
}

bool detector_is_open(const struct detector *detector) {
	return detector->episode.is_open;
}

static void reset_sums(struct detector *detector) {
	blocks_restart(&detector->blocks);
	for (int p = 0; p < DETECTOR_PERCENTILES; p++)
		cusum_begin(&detector->of[p].cusum, detector->of[p].cusum.height);
	memset(&detector->found, 0, sizeof(detector->found));
}

/* Values are ratios to the level that was learned, which is what the candidates are laid around. */
static bool begin_sequence(struct detector *detector) {
	const struct sequence_rules rules = {
		.run_length = fmax(detector->rules.run_length / SEQUENCE_SHARE / detector->blocks.windows, 64),
		.dependence = 1 + 2 * BLOCKS_CORRELATION,
		.tolerance = 0.01,
		.narrowest = 64,
		.stride = 4,
		.learn = 1,
	};
	if (!sequence_begin(&detector->sequence, &rules))
		return false;
	sequence_add(&detector->sequence, 1);
	return true;
}

/* The day that was filled is what is usual from now on. */
static void learn(struct detector *detector) {
	for (int p = 0; p < DETECTOR_PERCENTILES; p++)
		track_learn(&detector->of[p], detector->hours, detector->count);
	const struct track *median = &detector->of[DETECTOR_P50];
	blocks_measure(&detector->blocks, &median->baseline, median->levels, detector->hours, detector->count);
	begin_sequence(detector);
	memset(&detector->found, 0, sizeof(detector->found));
	detector->has_learned = true;
	detector->count = 0;
}

/* ---- while nothing is open --------------------------------------------------------------------------------------- */

static struct change by_anchor(const struct detector *detector, uint32_t p, double off) {
	const uint64_t windows = TRACK_ANCHOR_DAYS * BASELINE_DAY;
	double anchor = detector->of[p].anchor;
	return (struct change){.percentile = p,
			       .by = BY_ANCHOR,
			       .side = off > 0 ? 1 : -1,
			       .first = detector->last + 1 > windows ? detector->last + 1 - windows : 0,
			       .before = anchor,
			       .after = anchor + off};
}

static void follow(struct detector *detector) {
	for (uint32_t p = 0; p < DETECTOR_PERCENTILES; p++) {
		double off = track_follow(&detector->of[p], detector->hours, detector->count);
		if (off != 0 && detector->found.side == 0)
			detector->found = by_anchor(detector, p, off);
	}
	detector->count = 0;
}

/* The level since window `first`, or since as long as is kept. */
static double level_since(const struct detector *detector, uint32_t p, uint64_t first) {
	const struct track *of = &detector->of[p];
	double levels[AFTER_WINDOWS];
	uint64_t windows = detector->last + 1 - first;
	uint32_t count = 0;
	for (uint32_t i = detector->count; i > 0 && count < windows && count < AFTER_WINDOWS; i--)
		levels[count++] = of->levels[i - 1] - of->baseline.season[detector->hours[i - 1]];
	return baseline_median(levels, count);
}

static struct change by_cusum(const struct detector *detector, uint32_t p) {
	const struct track *of = &detector->of[p];
	uint64_t first = cusum_since(&of->cusum);
	return (struct change){.percentile = p,
			       .by = BY_CUSUM,
			       .side = cusum_strength(&of->cusum) > 0 ? 1 : -1,
			       .first = first,
			       .before = of->baseline.level,
			       .after = level_since(detector, p, first)};
}

/* Of the percentiles' sums the one that is nearest to its height. */
static double strongest(const struct detector *detector, uint32_t *which) {
	double most = 0;
	*which = 0;
	for (uint32_t p = 0; p < DETECTOR_PERCENTILES; p++) {
		double strength = cusum_strength(&detector->of[p].cusum);
		if (fabs(strength) > fabs(most)) {
			most = strength;
			*which = p;
		}
	}
	return most;
}

static void add_to_sequence(struct detector *detector, double level, unsigned hour) {
	const struct track *of = &detector->of[DETECTOR_P50];
	double most = BASELINE_CUT * of->baseline.spread, mean;
	double distance = baseline_cut(level - baseline_at(&of->baseline, hour), most);
	if (!blocks_add(&detector->blocks, distance + of->baseline.level - of->anchor, &mean))
		return;
	enum sequence_answer answer = sequence_add(&detector->sequence, exp(mean));
	if (answer < SEQUENCE_FASTER || detector->found.side)
		return;
	uint64_t windows = sequence_since(&detector->sequence) * detector->blocks.windows;
	uint64_t first = detector->last + 1 > windows ? detector->last + 1 - windows : 0;
	detector->found = (struct change){.percentile = DETECTOR_P50,
					  .by = BY_SEQUENCE,
					  .side = answer == SEQUENCE_SLOWER ? 1 : -1,
					  .first = first,
					  .before = of->anchor,
					  .after = level_since(detector, DETECTOR_P50, first)};
}

static double add_closed(struct detector *detector, const double *levels, unsigned hour) {
	for (int p = 0; p < DETECTOR_PERCENTILES; p++)
		track_add(&detector->of[p], levels[p], hour, detector->last);
	add_to_sequence(detector, levels[DETECTOR_P50], hour);
	uint32_t which;
	double strength = strongest(detector, &which);
	return detector->found.side && fabs(strength) < 1 ? detector->found.side : strength;
}

static void open_change(struct detector *detector) {
	uint32_t which;
	double strength = strongest(detector, &which);
	detector->open = fabs(strength) >= 1 ? by_cusum(detector, which) : detector->found;
	blocks_restart(&detector->blocks);
	detector->open.last = detector->last;
	detector->open.now = detector->open.peak = detector->open.after;
	double windows = fmin((double)(detector->last + 1 - detector->open.first), AFTER_WINDOWS);
	detector->open.windows = windows;
	detector->open.sum = windows * fabs(detector->open.after - detector->open.before);
	detector->count = 0;
}

/* ---- while a change is open -------------------------------------------------------------------------------------- */

/* It ends as it began: by a sum of the same height, against a level halfway down, or CUSUM_REFERENCE above what was
 * before where that is less. What is nearer to the noise needs a longer sum, lest a change that goes on ends and begins
 * again. Halfway goes by all windows of the change: those up to its alert alone would be the noise at its highest. */
static double add_open(struct detector *detector, const double *levels, unsigned hour) {
	struct change *open = &detector->open;
	const struct track *of = &detector->of[open->percentile];
	double scale = of->baseline.scale, most = BASELINE_CUT * of->baseline.spread;
	double level = levels[open->percentile] - of->baseline.season[hour];
	open->now += baseline_cut(level - open->now, most) / PEAK_WINDOWS;
	if ((open->now - open->peak) * open->side > 0)
		open->peak = open->now;
	double beyond = baseline_cut((level - open->before) * open->side, most);
	open->windows++;
	open->sum += beyond;
	double halfway = open->sum / open->windows / 2 / scale;
	double limit = fmin(fmax(halfway, LIMIT_LEAST), CUSUM_REFERENCE);
	open->ended = fmax(open->ended + limit - beyond / scale, 0);
	if (open->ended <= 0)
		open->last = detector->last;
	double height = fmax(of->cusum.height, LIMIT_HEIGHT / limit);
	return open->side * (1 - (1 - episode_rules.close) * open->ended / height);
}

/* ---- windows ----------------------------------------------------------------------------------------------------- */

static void tell(const struct detector *detector, enum detector_answer answer, struct detector_event *event) {
	const struct change *open = &detector->open;
	*event = (struct detector_event){
		.answer = answer,
		.percentile = (enum detector_percentile)open->percentile,
		.by = by_names[open->by],
		.is_slower = open->side > 0,
		.first = open->first,
		.last = open->last,
		.before = exp(open->before),
		.after = exp(answer == DETECTOR_OPENED ? open->after : open->peak),
	};
}

/* What has been so for a day is what is usual. */
static void adopt(struct detector *detector, struct detector_event *event) {
	tell(detector, DETECTOR_CLOSED, event);
	event->is_adopted = true;
	episode_begin(&detector->episode, &episode_rules);
	learn(detector);
}

static void end_day(struct detector *detector, struct detector_event *event) {
	if (!detector->has_learned)
		learn(detector);
	else if (detector->episode.is_open)
		adopt(detector, event);
	else
		follow(detector);
}

void detector_add_levels(struct detector *detector, uint64_t number, const double *figures,
			 struct detector_event *event) {
	*event = (struct detector_event){.answer = DETECTOR_NONE};
	if (number <= detector->last && (detector->count > 0 || detector->has_learned))
		return;
	double levels[DETECTOR_PERCENTILES];
	unsigned hour = (unsigned)(number / (HOUR_SECONDS / detector->rules.window_seconds) % BASELINE_HOURS);
	detector->last = number;
	detector->hours[detector->count] = (uint8_t)hour;
	for (int p = 0; p < DETECTOR_PERCENTILES; p++) {
		levels[p] = log(figures[p] > LOWEST_FIGURE ? fmin(figures[p], HIGHEST_FIGURE) : LOWEST_FIGURE);
		detector->of[p].levels[detector->count] = (float)levels[p];
	}
	detector->count++;
	if (detector->has_learned) {
		bool was_open = detector->episode.is_open;
		double strength = (was_open ? add_open : add_closed)(detector, levels, hour);
		enum episode_answer answer = episode_add(&detector->episode, strength);
		if (answer == EPISODE_OPENED) {
			open_change(detector);
			tell(detector, DETECTOR_OPENED, event);
		} else if (answer == EPISODE_CLOSED) {
			tell(detector, DETECTOR_CLOSED, event);
			reset_sums(detector);
			detector->count = 0;
		}
	}
	if (detector->count == BASELINE_DAY)
		end_day(detector, event);
}

void detector_add(struct detector *detector, const struct detector_window *window, struct detector_event *event) {
	double figures[DETECTOR_PERCENTILES];
	for (int p = 0; p < DETECTOR_PERCENTILES; p++)
		figures[p] = window->percentiles[p] > 0 ? window->percentiles[p]
							: histogram_quantile_between(window->values, fractions[p]);
	detector_add_levels(detector, window->number, figures, event);
}

/* ---- as bytes ---------------------------------------------------------------------------------------------------- */
/*
 * "ADET", a byte for the version; the rules; what is known of the series; the day that is being filled; the change that
 * is open; each percentile's baseline, sums, anchor and levels; the CRC-32C of all that. What follows from the rules is
 * not written.
 */

static const uint8_t kind[] = {'A', 'D', 'E', 'T', VERSION};

/* Each count of a sequence is a number of up to 5 bytes, and most are 0. */
enum { FIXED_BYTES_MOST = 4096 + SEQUENCE_LIVE * (16 + 5 * (SEQUENCE_CANDIDATES + 1)) };

size_t detector_bytes_most(void) {
	return FIXED_BYTES_MOST + BASELINE_DAY * (1 + sizeof(float) * DETECTOR_PERCENTILES);
}

static void put_side(struct bytes_writer *writer, int side) {
	bytes_put_number(writer, (uint64_t)(side + 1));
}

static void put_change(struct bytes_writer *writer, const struct change *change) {
	put_side(writer, change->side);
	if (change->side == 0)
		return;
	bytes_put_number(writer, change->percentile);
	bytes_put_number(writer, change->by);
	bytes_put_number(writer, change->first);
	bytes_put_number(writer, change->last);
	const double values[] = {change->before,  change->after, change->peak, change->now,
				 change->windows, change->sum,   change->ended};
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		bytes_put_double(writer, values[i]);
}

static void put_episode(struct bytes_writer *writer, const struct episode *episode) {
	bytes_put_number(writer, episode->windows);
	bytes_put_number(writer, episode->is_open);
	put_side(writer, episode->side);
	bytes_put_number(writer, episode->streak);
	bytes_put_number(writer, episode->first);
	bytes_put_number(writer, episode->last);
	bytes_put_number(writer, episode->evidence);
	bytes_put_double(writer, episode->peak);
}

static void put_baseline(struct bytes_writer *writer, const struct baseline *baseline) {
	bytes_put_number(writer, baseline->seen);
	bytes_put_number(writer, baseline->days);
	bytes_put_double(writer, baseline->level);
	bytes_put_double(writer, baseline->spread);
	bytes_put_double(writer, baseline->scale);
	for (int hour = 0; hour < BASELINE_HOURS; hour++) {
		bytes_put_double(writer, baseline->hours[hour]);
		bytes_put_double(writer, baseline->season[hour]);
	}
}

static void put_percentile(struct bytes_writer *writer, const struct detector *detector, int p) {
	const struct track *of = &detector->of[p];
	if (detector->has_learned) {
		put_baseline(writer, &of->baseline);
		bytes_put_double(writer, of->cusum.up);
		bytes_put_double(writer, of->cusum.down);
		bytes_put_number(writer, of->cusum.up_since);
		bytes_put_number(writer, of->cusum.down_since);
		bytes_put_double(writer, of->anchor);
		bytes_put_number(writer, (uint64_t)(of->off_days + TRACK_ANCHOR_DAYS));
	}
	for (uint32_t i = 0; i < detector->count; i++) {
		uint32_t bits;
		memcpy(&bits, &of->levels[i], sizeof(bits));
		bytes_put(writer, bits, sizeof(bits));
	}
}

static void put_sequence(struct bytes_writer *writer, const struct detector *detector) {
	bytes_put_number(writer, detector->blocks.windows);
	bytes_put_double(writer, detector->blocks.correlation);
	bytes_put_number(writer, detector->blocks.count);
	bytes_put_double(writer, detector->blocks.sum);
	sequence_write(&detector->sequence, writer);
}

size_t detector_write(const struct detector *detector, uint8_t *bytes, size_t capacity) {
	struct bytes_writer writer = {bytes, bytes + capacity, true};
	for (size_t i = 0; i < sizeof(kind); i++)
		bytes_put(&writer, kind[i], 1);
	bytes_put_double(&writer, detector->rules.run_length);
	bytes_put_number(&writer, detector->rules.window_seconds);
	bytes_put_number(&writer, detector->has_learned);
	bytes_put_number(&writer, detector->last);
	bytes_put_number(&writer, detector->count);
	for (uint32_t i = 0; i < detector->count; i++)
		bytes_put(&writer, detector->hours[i], 1);
	put_episode(&writer, &detector->episode);
	put_change(&writer, &detector->found);
	put_change(&writer, &detector->open);
	if (detector->has_learned)
		put_sequence(&writer, detector);
	for (int p = 0; p < DETECTOR_PERCENTILES; p++)
		put_percentile(&writer, detector, p);
	if (writer.good)
		bytes_put(&writer, crc32c(0, bytes, (size_t)(writer.at - bytes)), CRC_BYTES);
	return writer.good ? (size_t)(writer.at - bytes) : 0;
}

static int get_side(struct bytes_reader *reader) {
	return (int)bytes_get_at_most(reader, 2) - 1;
}

static void get_change(struct bytes_reader *reader, struct change *change) {
	change->side = get_side(reader);
	if (change->side == 0)
		return;
	change->percentile = (uint32_t)bytes_get_at_most(reader, DETECTOR_PERCENTILES - 1);
	change->by = (uint32_t)bytes_get_at_most(reader, BY_COUNT - 1);
	change->first = bytes_get_number(reader);
	change->last = bytes_get_number(reader);
	double *const values[] = {&change->before,  &change->after, &change->peak, &change->now,
				  &change->windows, &change->sum,   &change->ended};
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		*values[i] = bytes_get_finite(reader);
	if (change->windows < 0)
		reader->good = false;
}

static void get_episode(struct bytes_reader *reader, struct episode *episode) {
	episode->windows = bytes_get_number(reader);
	episode->is_open = bytes_get_at_most(reader, 1);
	episode->side = get_side(reader);
	episode->streak = (uint32_t)bytes_get_at_most(reader, UINT32_MAX);
	episode->first = bytes_get_number(reader);
	episode->last = bytes_get_number(reader);
	episode->evidence = bytes_get_number(reader);
	episode->peak = bytes_get_finite(reader);
}

static void get_baseline(struct bytes_reader *reader, struct baseline *baseline) {
	baseline->seen = (uint32_t)bytes_get_at_most(reader, (UINT32_C(1) << BASELINE_HOURS) - 1);
	baseline->days = (uint32_t)bytes_get_at_most(reader, BASELINE_DAYS);
	baseline->level = bytes_get_finite(reader);
	baseline->spread = bytes_get_finite(reader);
	baseline->scale = bytes_get_finite(reader);
	for (int hour = 0; hour < BASELINE_HOURS; hour++) {
		baseline->hours[hour] = bytes_get_finite(reader);
		baseline->season[hour] = bytes_get_finite(reader);
	}
	/* By these is divided. */
	if (baseline->days == 0 || baseline->spread < BASELINE_SCALE_LEAST || baseline->scale < BASELINE_SCALE_LEAST)
		reader->good = false;
}

static void get_percentile(struct bytes_reader *reader, struct detector *detector, int p) {
	struct track *of = &detector->of[p];
	if (detector->has_learned) {
		get_baseline(reader, &of->baseline);
		of->cusum.up = bytes_get_finite(reader);
		of->cusum.down = bytes_get_finite(reader);
		of->cusum.up_since = bytes_get_number(reader);
		of->cusum.down_since = bytes_get_number(reader);
		of->anchor = bytes_get_finite(reader);
		of->off_days = (int)bytes_get_at_most(reader, 2 * TRACK_ANCHOR_DAYS) - TRACK_ANCHOR_DAYS;
	}
	for (uint32_t i = 0; i < detector->count; i++) {
		uint32_t bits = (uint32_t)bytes_get(reader, sizeof(bits));
		memcpy(&of->levels[i], &bits, sizeof(bits));
		if (!isfinite(of->levels[i]))
			reader->good = false;
	}
}

static bool get_sequence(struct bytes_reader *reader, struct detector *detector) {
	detector->blocks.windows = (uint32_t)bytes_get_at_most(reader, BASELINE_DAY);
	detector->blocks.correlation = bytes_get_finite(reader);
	detector->blocks.count = (uint32_t)bytes_get_at_most(reader, BASELINE_DAY);
	detector->blocks.sum = bytes_get_finite(reader);
	return detector->blocks.count < detector->blocks.windows && begin_sequence(detector) &&
	       sequence_read(&detector->sequence, reader);
}

static bool get_all(struct bytes_reader *reader, struct detector *detector) {
	bool ours = true;
	for (size_t i = 0; i < sizeof(kind); i++)
		ours = bytes_get(reader, 1) == kind[i] && ours;
	ours = bytes_get_double(reader) == detector->rules.run_length && ours;
	ours = bytes_get_number(reader) == detector->rules.window_seconds && ours;
	detector->has_learned = bytes_get_at_most(reader, 1);
	detector->last = bytes_get_number(reader);
	detector->count = (uint32_t)bytes_get_at_most(reader, BASELINE_DAY - 1);
	for (uint32_t i = 0; i < detector->count; i++) {
		detector->hours[i] = (uint8_t)bytes_get(reader, 1);
		ours = detector->hours[i] < BASELINE_HOURS && ours;
	}
	get_episode(reader, &detector->episode);
	get_change(reader, &detector->found);
	get_change(reader, &detector->open);
	ours = (!detector->has_learned || get_sequence(reader, detector)) && ours;
	for (int p = 0; p < DETECTOR_PERCENTILES; p++)
		get_percentile(reader, detector, p);
	bool is_open = detector->episode.is_open;
	return ours && reader->good && reader->at == reader->end &&
	       (!is_open || (detector->open.side == detector->episode.side && detector->open.side)) &&
	       (detector->has_learned || !is_open);
}

bool detector_read(struct detector *detector, const struct detector_rules *rules, const uint8_t *bytes, size_t length) {
	if (!detector_begin(detector, rules) || length < CRC_BYTES)
		return false;
	const uint8_t *end = bytes + length - CRC_BYTES;
	struct bytes_reader reader = {bytes, end, true}, crc = {end, bytes + length, true};
	if (bytes_get(&crc, CRC_BYTES) == crc32c(0, bytes, length - CRC_BYTES) && get_all(&reader, detector))
		return true;
	detector_begin(detector, rules);
	return false;
}
