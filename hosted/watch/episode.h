/* SPDX-License-Identifier: Apache-2.0
 *
 * One event, one alert. Pure: it is given, window by window, how strong the evidence for a change is, and says at which
 * windows something is to be told. Opening and closing have a threshold each (the hysteresis of O. Schmitt's trigger,
 * Journal of Scientific Instruments 15 (1938)), and each asks for several windows in a row, so that neither a single
 * window nor one that lies between them makes a second alert of the same event.
 *
 * It is no test: how often it errs is decided by where its strengths come from (cusum.h, sequence.h).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct episode_rules {
	double open;          /* the strength from which on a window is evidence, more than 0 */
	double close;         /* that below which it is none, more than 0 and not above `open` */
	uint32_t open_after;  /* windows of evidence in a row, at least 2 */
	uint32_t close_after; /* windows without, in a row, at least 1 */
	uint32_t first;       /* windows at the start that count for nothing */
};

enum episode_answer {
	EPISODE_NONE,
	EPISODE_OPENED,
	EPISODE_GOES_ON,
	EPISODE_CLOSED,
};

/* 96 bytes; the members are to be looked at, none to be written. Not for two threads at once. */
struct episode {
	struct episode_rules rules;
	uint64_t windows; /* so far; a window's number counts from 0 */
	bool is_open;
	int side;          /* 1: strengths above 0; -1: below; 0: none is open and none of the last was evidence */
	uint32_t streak;   /* of evidence while it is closed, of none while it is open */
	uint64_t first;    /* window of the evidence that opened it, not the one at which it was told */
	uint64_t last;     /* window of the last evidence */
	uint64_t evidence; /* windows of it */
	double peak;       /* the strength farthest from 0 */
};

/* false: a rule is outside of what it says. */
bool episode_begin(struct episode *episode, const struct episode_rules *rules);

/* The next window's strength, whose sign is the side that the change is on; what is no number is no evidence, and lets
 * nothing go on nor end. `first` to `peak` are the event's from OPENED up to the next evidence after CLOSED. While one
 * is open, evidence of the other side is none for it; that opens one of its own, once this one is closed. */
enum episode_answer episode_add(struct episode *episode, double strength);
