/* SPDX-License-Identifier: Apache-2.0
 *
 * The programme in the image: no commands but its own, and few options.
 */
#include "bench/compact/stream.h"
#include "bench/program.h"
#include "lib/units.h"
#include "platform.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static int set_cpu(const char *value) {
	char *end;
	unsigned long long cpu = strtoull(value, &end, 10);
	int error = end != value && *end == '\0' ? platform_core_stay(cpu) : PLATFORM_EINVAL;
	if (error == PLATFORM_EUNSUPPORTED)
		fprintf(stderr,
			"--cpu %s: under handback the programme stays where the firmware is; takeover moves it\n",
			value);
	else if (error == PLATFORM_EINVAL)
		fprintf(stderr, "--cpu '%s': not a valid value, a core of this machine, 0 to %" PRIu32 "\n", value,
			platform_describe()->cores - 1);
	else if (error != 0)
		fprintf(stderr, "--cpu %s: that core does not come\n", value);
	return error;
}

static int set_records(const char *value) {
	bool compact;
	if (!record_form_of(value, &compact)) {
		fprintf(stderr, "--records '%s': not a valid value, " RECORD_FORM_ALLOWED "\n", value);
		return PLATFORM_EINVAL;
	}
	record_stream_be_compact(compact);
	return 0;
}

static struct tune_request tune = {.timeout_ns = 10 * NS_PER_SECOND};

static int set_for(const char *value) {
	if (tune_for_of(value, &tune.what_for))
		return 0;
	fprintf(stderr, "--for '%s': not a valid value, mixed or bulk\n", value);
	return PLATFORM_EINVAL;
}

static int set_thorough(const char *value) {
	(void)value;
	tune.thorough = true;
	return 0;
}

static struct noise_request noise;

static struct rounds_stream watch;

static int set_rounds(const char *value) {
	char *end;
	watch.rounds = strtoull(value, &end, 10);
	if (*value >= '0' && *value <= '9' && *end == '\0' && watch.rounds > 0)
		return 0;
	fprintf(stderr, "--rounds '%s': not a valid value, 1 or more\n", value);
	return PLATFORM_EINVAL;
}

static int set_duration(const char *value) {
	if (noise_duration_of(value, &noise.duration_ns)) {
		watch.duration_ns = noise.duration_ns;
		return 0;
	}
	fprintf(stderr, "--duration '%s': not a valid value, 0.001 to 86400 seconds\n", value);
	return PLATFORM_EINVAL;
}

static int set_plant(const char *value) {
	if (noise_plant_of(value, &noise.plant_every_ns, &noise.plant_length_ns))
		return 0;
	fprintf(stderr, "--plant '%s': not a valid value, " NOISE_PLANT_ALLOWED "\n", value);
	return PLATFORM_EINVAL;
}

static struct snippet_request snippet = {.snippet = {.instructions = 1, .copies = 1}};

static int complain_of_bytes(const char *option, const char *value) {
	fprintf(stderr, "--%s '%.40s': not a valid value, bytes in hexadecimal, of which there are %d at the most\n",
		option, value, SNIPPET_BYTES_MOST);
	return PLATFORM_EINVAL;
}

static int set_code(const char *value) {
	bool good = snippet_bytes_of(value, snippet.snippet.code, &snippet.snippet.code_bytes);
	return good ? 0 : complain_of_bytes("code", value);
}

static int set_init_code(const char *value) {
	bool good = snippet_bytes_of(value, snippet.snippet.init, &snippet.snippet.init_bytes);
	return good ? 0 : complain_of_bytes("init-code", value);
}

static int set_count(const char *option, const char *value, uint32_t most, uint32_t *count) {
	char *end;
	unsigned long long number = strtoull(value, &end, 10);
	*count = (uint32_t)number;
	if (*value >= '0' && *value <= '9' && *end == '\0' && number > 0 && number <= most)
		return 0;
	fprintf(stderr, "--%s '%s': not a valid value, 1 to %" PRIu32 "\n", option, value, most);
	return PLATFORM_EINVAL;
}

static int set_instructions(const char *value) {
	return set_count("instructions", value, SNIPPET_BYTES_MOST, &snippet.snippet.instructions);
}

static int set_copies(const char *value) {
	return set_count("copies", value, SNIPPET_BYTES_MOST, &snippet.snippet.copies);
}

static int set_unroll(const char *value) {
	return set_count("unroll", value, SNIPPET_UNROLL_MOST, &snippet.snippet.unroll);
}

static int set_latency(const char *value) {
	(void)value;
	snippet.snippet.latency = true;
	return 0;
}

static const struct platform_option options[] = {
	{"cpu", "N", "run on this core (0)", set_cpu, NULL},
	{"records", "FORM", "on the console: full, or compact for one that keeps its last 64 KiB (full)", set_records,
	 NULL},
	{"for", "USE", "of `tune`: mixed or bulk (mixed)", set_for, "tune"},
	{"thorough", NULL, "of `tune`: sizes to 64 MiB, second-level caches; 9 minutes", set_thorough, "tune"},
	{"duration", "SECONDS", "of `noise`: how long it looks (60; 10 with --quick); of `watch` (without end)",
	 set_duration, "noise watch"},
	{"rounds", "N", "of `watch`: how many (without end)", set_rounds, "watch"},
	{"plant", "EVERY:LENGTH", "for `noise` to find: a disturbance, as 1ms:10us", set_plant, "noise"},
	{"code", "DIGITS", "of `snippet`: its bytes in hexadecimal, as `anechoic snippet --image=ARCH` prints them",
	 set_code, "snippet"},
	{"init-code", "DIGITS", "of `snippet`: what runs once before its loops", set_init_code, "snippet"},
	{"instructions", "N", "of `snippet`: in the code (1)", set_instructions, "snippet"},
	{"copies", "N", "of `snippet`: alternatives in the code (1)", set_copies, "snippet"},
	{"unroll", "N", "of `snippet`: times in the shorter loop (128 instructions)", set_unroll, "snippet"},
	{"latency", NULL, "of `snippet`: each copy waits for the one before", set_latency, "snippet"},
	{.name = NULL},
};
static const char *const foreign_commands[] = {"advise", "apply",    "collect", "compare",    "ab",     "layout",
					       "export", "report",   "history", "completion", "man",    "doctor",
					       "os-tax", "baseline", "record",  "new-suite",  "stream", NULL};
static const struct program_command no_commands[] = {{.name = NULL}};

int main(int argc, char **argv) {
	program_run(&(struct program){options, no_commands, foreign_commands, NULL, &tune, &noise, &watch, &snippet},
		    argc, argv);
}
