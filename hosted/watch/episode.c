/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/watch/episode.h"

#include <math.h>
#include <string.h>

bool episode_begin(struct episode *episode, const struct episode_rules *rules) {
	if (!(rules->close > 0) || !(rules->open >= rules->close) || !isfinite(rules->open) || rules->open_after < 2 ||
	    rules->close_after < 1)
		return false;
	memset(episode, 0, sizeof(*episode));
	episode->rules = *rules;
	return true;
}

static void note_evidence(struct episode *episode, uint64_t window, double strength) {
	episode->last = window;
	episode->evidence++;
	if (fabs(strength) > fabs(episode->peak))
		episode->peak = strength;
}

static enum episode_answer while_closed(struct episode *episode, uint64_t window, double strength) {
	double size = fabs(strength);
	int side = strength > 0 ? 1 : -1;
	if (size < episode->rules.close || (episode->side && side != episode->side)) {
		episode->streak = 0;
		episode->side = 0;
	}
	if (size < episode->rules.open)
		return EPISODE_NONE;
	if (episode->streak == 0) {
		episode->side = side;
		episode->first = window;
		episode->evidence = 0;
		episode->peak = 0;
	}
	note_evidence(episode, window, strength);
	if (++episode->streak < episode->rules.open_after)
		return EPISODE_NONE;
	episode->is_open = true;
	episode->streak = 0;
	return EPISODE_OPENED;
}

static enum episode_answer while_open(struct episode *episode, uint64_t window, double strength) {
	double along = strength * episode->side;
	if (along >= episode->rules.open)
		note_evidence(episode, window, strength);
	if (along >= episode->rules.close) {
		episode->streak = 0;
		return EPISODE_GOES_ON;
	}
	if (++episode->streak < episode->rules.close_after)
		return EPISODE_GOES_ON;
	episode->is_open = false;
	episode->streak = 0;
	episode->side = 0;
	return EPISODE_CLOSED;
}

enum episode_answer episode_add(struct episode *episode, double strength) {
	uint64_t window = episode->windows++;
	if (isnan(strength) || window < episode->rules.first)
		return episode->is_open ? EPISODE_GOES_ON : EPISODE_NONE;
	return episode->is_open ? while_open(episode, window, strength) : while_closed(episode, window, strength);
}
