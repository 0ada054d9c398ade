/* SPDX-License-Identifier: Apache-2.0
 *
 * The programme in the image: no commands but its own, and few options.
 */
#include "bench/compact/stream.h"
#include "bench/decimal.h"
#include "bench/plain.h"
#include "bench/program.h"
#include "lib/units.h"
#include "platform.h"

#include <inttypes.h>

/* One line. */
static int complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

static int complain(const char *format, ...) {
	struct text text = {0};
	va_list arguments;
	va_start(arguments, format);
	plain_format_list(&text, format, arguments);
	va_end(arguments);
	platform_write(PLATFORM_STREAM_ERROR, text.bytes, text.length);
	text_free(&text);
	return PLATFORM_EINVAL;
}

static int set_cpu(const char *value) {
	uint64_t cpu;
	int error = decimal_whole(value, 0, UINT64_MAX, &cpu) ? platform_core_stay(cpu) : PLATFORM_EINVAL;
	if (error == PLATFORM_EUNSUPPORTED)
		complain("--cpu %s: under handback the programme stays where the firmware is; takeover moves it\n",
			 value);
	else if (error == PLATFORM_EINVAL)
		complain("--cpu '%s': not a valid value, a core of this machine, 0 to %" PRIu32 "\n", value,
			 platform_describe()->cores - 1);
	else if (error != 0)
		complain("--cpu %s: that core does not come\n", value);
	return error;
}

static int set_records(const char *value) {
	bool compact;
	if (!record_form_of(value, &compact)) {
		return complain("--records '%s': not a valid value, " RECORD_FORM_ALLOWED "\n", value);
	}
	record_stream_be_compact(compact);
	return 0;
}

static struct tune_request tune = {.timeout_ns = 10 * NS_PER_SECOND};

static int set_for(const char *value) {
	if (tune_for_of(value, &tune.what_for))
		return 0;
	return complain("--for '%s': not a valid value, mixed or bulk\n", value);
}

static int set_thorough(const char *value) {
	(void)value;
	tune.thorough = true;
	return 0;
}

static struct noise_request noise;

static struct rounds_stream watch;

static int set_rounds(const char *value) {
	if (decimal_whole(value, 1, UINT64_MAX, &watch.rounds))
		return 0;
	return complain("--rounds '%s': not a valid value, 1 or more\n", value);
}

static int set_duration(const char *value) {
	if (noise_duration_of(value, &noise.duration_ns)) {
		watch.duration_ns = noise.duration_ns;
		return 0;
	}
	return complain("--duration '%s': not a valid value, 0.001 to 86400 seconds\n", value);
}

static int set_plant(const char *value) {
	if (noise_plant_of(value, &noise.plant_every_ns, &noise.plant_length_ns))
		return 0;
	return complain("--plant '%s': not a valid value, " NOISE_PLANT_ALLOWED "\n", value);
}

static struct snippet_request snippet = {.snippet = {.instructions = 1, .copies = 1}};

static int complain_of_bytes(const char *option, const char *value) {
	return complain("--%s '%.40s': not a valid value, bytes in hexadecimal, of which there are %d at the most\n",
			option, value, SNIPPET_BYTES_MOST);
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
	uint64_t number;
	bool good = decimal_whole(value, 1, most, &number);
	*count = (uint32_t)number;
	if (good)
		return 0;
	return complain("--%s '%s': not a valid value, 1 to %" PRIu32 "\n", option, value, most);
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
