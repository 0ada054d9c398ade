/* SPDX-License-Identifier: Apache-2.0
 *
 * One figure of a benchmark, window by window: its baseline, the CUSUM about it, and the anchor. Pure. The baseline
 * follows from day to day, so that of what grows slowly it sees little; against that the anchor is the level of the
 * first day, which stays until a change of level was told and has lasted.
 */
#pragma once

#include "hosted/watch/baseline.h"
#include "hosted/watch/cusum.h"

#include <stdint.h>

enum { TRACK_ANCHOR_DAYS = 2 /* in a row: one day may have been another one than usual */ };

#define TRACK_ANCHOR_SHIFT  0.03 /* of a logarithm */
#define TRACK_ANCHOR_ERRORS 8    /* standard errors of a day's level */

/* 6 KiB. Members are to be looked at, none to be written; what is filled by whom has it has the hour of each level. */
struct track {
	struct baseline baseline;
	struct cusum cusum;
	double anchor;
	int off_days;               /* in a row, up to TRACK_ANCHOR_DAYS; below 0: that much below the anchor */
	float levels[BASELINE_DAY]; /* logarithms, of the day that is being filled */
};

void track_begin(struct track *track, double height);

/* The first `count` levels are what is usual from now on. */
void track_learn(struct track *track, const uint8_t *hours, uint32_t count);

/* A window, when it has learned. */
void track_add(struct track *track, double level, unsigned hour, uint64_t number);

/* A day without a change is over: the baseline follows it, but for what may be the begin of one. Returns how far the
 * level is from the anchor (a logarithm) where that is a change by itself, else 0. */
double track_follow(struct track *track, const uint8_t *hours, uint32_t count);
