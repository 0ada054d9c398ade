/* SPDX-License-Identifier: Apache-2.0
 *
 * `anechoic watch` as it was asked for, and its parts: live rounds, rounds of a log, how it stands.
 */
#pragma once

#include "bench/options.h"
#include "bench/room/room.h"
#include "hosted/watcher/outlets.h"
#include "hosted/watcher/watcher.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct watch_request {
	const char *state; /* NULL: in the folder for data */
	struct outlets_options outlets;
	double run_length; /* seconds */
	double duty;
	enum room_word room;
	bool until_alert, as_json, exact;
	bool has_seed;
	uint64_t rounds, duration_s; /* 0: without end */
	uint64_t seed;
	const char *inject[OPTIONS_FILTERS_MAX];
	size_t inject_count;
	char **words; /* filters, or logs */
	size_t count;
};

/* Each returns the exit status. */
int watch_live(const struct watch_request *request);
int watch_import(const struct watch_request *request);
int watch_show(const struct watch_request *request);

/* ---- what is said, and where ------------------------------------------------------------------------------------- */

struct watch_tell {
	const struct watch_request *request;
	struct outlets outlets;
	bool alarmed; /* an alert opened */
	uint64_t taken, loud;
};

/* 0, or 2 where an outlet cannot be, and that was said. */
int watch_tell_open(struct watch_tell *tell, const struct watch_request *request);
void watch_tell_close(struct watch_tell *tell);

/* As watcher_rules ask for them; `argument` is a struct watch_tell. */
void watch_tell_alert(void *argument, const struct watch_alert *alert);
void watch_tell_line(void *argument, const char *line);

void watch_tell_status(struct watch_tell *tell, struct watcher *watcher);

/* What became of a round. */
void watch_tell_answer(struct watch_tell *tell, enum watcher_answer answer);

/* The exit status of a watch that went well: under --until-alert that of its verdict, which is said where there is
 * none. */
int watch_tell_verdict(const struct watch_tell *tell);

/* Of what watches, in the state: "CPU, architecture, way". */
void watch_machine_name(const char *cpu, const char *architecture, const char *way, char name[STATE_MACHINE_BYTES]);
