/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/watch/track.h"

#include <math.h>
#include <string.h>

void track_begin(struct track *track, double height) {
	memset(track, 0, sizeof(*track));
	cusum_begin(&track->cusum, height);
}

void track_learn(struct track *track, const uint8_t *hours, uint32_t count) {
	baseline_study(&track->baseline, track->levels, hours, count);
	cusum_begin(&track->cusum, track->cusum.height);
	track->anchor = track->baseline.level;
	track->off_days = 0;
}

void track_add(struct track *track, double level, unsigned hour, uint64_t number) {
	double most = BASELINE_CUT * track->baseline.spread;
	double part = baseline_cut(level - baseline_at(&track->baseline, hour), most);
	cusum_add(&track->cusum, part / track->baseline.scale, number);
}

static double off_anchor(struct track *track, const struct baseline *day) {
	double shift = track->baseline.level + baseline_shift(&track->baseline, day) - track->anchor;
	double error = track->baseline.scale * sqrt(2.0 / BASELINE_DAY);
	if (fabs(shift) < fmax(TRACK_ANCHOR_SHIFT, TRACK_ANCHOR_ERRORS * error)) {
		track->off_days = 0;
		return 0;
	}
	int side = shift > 0 ? 1 : -1;
	track->off_days = track->off_days * side > 0 ? track->off_days + side : side;
	if (track->off_days * side < TRACK_ANCHOR_DAYS)
		return 0;
	track->off_days = side * TRACK_ANCHOR_DAYS;
	return shift;
}

double track_follow(struct track *track, const uint8_t *hours, uint32_t count) {
	struct baseline day;
	baseline_study(&day, track->levels, hours, count);
	double off = off_anchor(track, &day);
	if (fabs(cusum_strength(&track->cusum)) < 0.5)
		baseline_merge(&track->baseline, &day);
	return off;
}
