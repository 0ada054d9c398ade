/* SPDX-License-Identifier: Apache-2.0
 *
 * `anechoic watch`: what was asked for; hosted/cli/watch_request.h has its parts.
 */
#include "bench/decimal.h"
#include "bench/rounds/rounds.h"
#include "hosted/cli/commands/commands.h"
#include "hosted/cli/help.h"
#include "hosted/cli/launch.h"
#include "hosted/cli/watch_request.h"
#include "hosted/cli/words.h"
#include "platform.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_S = 86400 };

static const char durations[] = "1 to 36500 days in all, as 90s, 15m, 12h, 30d or 8w";

/* A time with its unit; seconds without one. */
static bool parse_time(const char *name, const char *word, double least_s, double *seconds) {
	static const struct {
		char unit;
		double seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', DAY_S}, {'w', 7.0 * DAY_S}};
	char *end;
	double number = decimal_of(word, &end), factor = *end == '\0';
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (*end == units[i].unit && end[1] == '\0')
			factor = units[i].seconds;
	*seconds = number * factor;
	if (*seconds >= least_s && *seconds <= 36500.0 * DAY_S)
		return true;
	words_complain_of_value(name, word, least_s >= DAY_S ? durations : "1s to 36500d, as 90s, 15m, 12h, 30d or 8w");
	return false;
}

/* "0.5 %", "0.5%", or 0.005. */
static bool parse_duty(const char *word, double *duty) {
	char *end;
	*duty = decimal_of(word, &end);
	bool is_share = strcmp(end + strspn(end, " "), "%") == 0;
	if (is_share)
		*duty /= 100;
	if ((is_share || *end == '\0') && *duty >= 0.0001 && *duty <= 1)
		return true;
	words_complain_of_value("--duty", word, "0.01% to 100%, or as 0.005");
	return false;
}

static bool add_inject(const char *value, struct watch_request *request) {
	if (request->inject_count == OPTIONS_FILTERS_MAX)
		return false;
	request->inject[request->inject_count++] = value;
	return true;
}

static bool parse_room(const char *value, enum room_word *room) {
	if (room_word_of(value, room))
		return true;
	words_complain_of_value("--room", value, "silent, quiet, usable or loud");
	return false;
}

static bool parse_duration(const char *value, uint64_t *duration_s) {
	double seconds;
	if (!parse_time("--duration", value, 1, &seconds))
		return false;
	*duration_s = (uint64_t)seconds;
	return true;
}

/* What bounds it and where it tells. 1: taken; 0: none of these; -1: refused, and said why. */
static int read_outlet(int argc, char **argv, int *i, struct watch_request *request) {
	const char *value;
	if ((value = words_value(argc, argv, i, "--on-alert"))) {
		request->outlets.on_alert = value;
		if (*value)
			return 1;
		words_complain_of_value("--on-alert", value, "a shell's command");
		return -1;
	}
	if ((value = words_value(argc, argv, i, "--textfile")))
		request->outlets.textfile = value;
	else if ((value = words_value(argc, argv, i, "--listen")))
		request->outlets.listen = value;
	else if ((value = words_value(argc, argv, i, "--format")))
		return words_take_format(value, &request->as_json) ? 1 : -1;
	else if (strcmp(argv[*i], "--until-alert") == 0)
		request->until_alert = true;
	else
		return 0;
	return 1;
}

static int read_option(int argc, char **argv, int *i, struct watch_request *request) {
	const char *value;
	if ((value = words_value(argc, argv, i, "--state")))
		request->state = value;
	else if ((value = words_value(argc, argv, i, "--arl")))
		return parse_time("--arl", value, DAY_S, &request->run_length) ? 1 : -1;
	else if ((value = words_value(argc, argv, i, "--duty")))
		return parse_duty(value, &request->duty) ? 1 : -1;
	else if ((value = words_value(argc, argv, i, "--room")))
		return parse_room(value, &request->room) ? 1 : -1;
	else if ((value = words_value(argc, argv, i, "--rounds")))
		return launch_parse_count("--rounds", value, 1, UINT64_MAX, &request->rounds) ? 1 : -1;
	else if ((value = words_value(argc, argv, i, "--duration")))
		return parse_duration(value, &request->duration_s) ? 1 : -1;
	else if ((value = words_value(argc, argv, i, "--seed"))) {
		request->has_seed = true;
		return launch_parse_count("--seed", value, 0, UINT64_MAX, &request->seed) ? 1 : -1;
	} else if ((value = words_value(argc, argv, i, "--cpu"))) {
		uint64_t cpu;
		if (!launch_parse_count("--cpu", value, 0, 1 << 20, &cpu))
			return -1;
		if (platform_core_stay(cpu) == 0)
			return 1;
		words_complain_of_value("--cpu", value, "a core that this process may run on");
		return -1;
	} else if ((value = words_value(argc, argv, i, "--inject")))
		return add_inject(value, request) ? 1 : -1;
	else
		return 0;
	return 1;
}

/* Words are moved to the front of argv. 0, or an exit status. */
static int read_request(int argc, char **argv, struct watch_request *request, bool *shows) {
	bool ended = false;
	for (int i = 1; i < argc; i++) {
		if (words_end_options(argv[i], &ended))
			continue;
		if (!ended && strcmp(argv[i], "--show") == 0) {
			*shows = true;
			continue;
		}
		if (!ended && strcmp(argv[i], "--exact") == 0) {
			request->exact = true;
			continue;
		}
		int taken = ended ? 0 : read_outlet(argc, argv, &i, request);
		if (taken == 0 && !ended)
			taken = read_option(argc, argv, &i, request);
		if (taken < 0)
			return 2;
		if (taken > 0)
			continue;
		if (!ended && argv[i][0] == '-' && argv[i][1])
			return help_refuse("watch", argv[i]);
		request->words[request->count++] = argv[i];
	}
	return 0;
}

int command_watch(int argc, char **argv) {
	struct watch_request request = {
		.run_length = 30.0 * DAY_S, .duty = ROUNDS_DUTY, .room = ROOM_USABLE, .words = argv};
	bool shows = false;
	int status = read_request(argc, argv, &request, &shows);
	if (status != 0)
		return status;
	const char *first = request.count > 0 ? request.words[0] : "";
	bool imports = strcmp(first, "import") == 0;
	if (imports || strcmp(first, "show") == 0) {
		shows |= !imports;
		request.words++;
		request.count--;
	}
	if (shows)
		return request.count == 0 ? watch_show(&request) : help_refuse("watch", request.words[0]);
	if (imports)
		return request.count > 0 ? watch_import(&request) : help_usage("watch");
	return watch_live(&request);
}
