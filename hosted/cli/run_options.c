/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/cli/run_options.h"

#include "bench/decimal.h"
#include "hosted/cli/baseline.h"
#include "hosted/cli/fold.h"
#include "hosted/cli/google.h"
#include "hosted/cli/out.h"
#include "hosted/cli/output.h"
#include "hosted/cli/progress.h"
#include "hosted/cli/record_log.h"
#include "hosted/cli/run_launches.h"
#include "hosted/cli/still.h"
#include "hosted/platform/profile.h"
#include "hosted/platform/streams.h"
#include "hosted/profile/profile_files.h"
#include "platform.h"

#include <stdio.h>
#include <unistd.h>

static int set_cpu(const char *value) {
	uint64_t cpu;
	if (decimal_whole(value, 0, UINT64_MAX, &cpu) && platform_core_stay(cpu) == 0)
		return 0;
	output_say(stderr, "--cpu '%s': not a valid value, a core that this process may run on, 0 to %ld\n", value,
		   sysconf(_SC_NPROCESSORS_CONF) - 1);
	return PLATFORM_EINVAL;
}

/* Set in this order: what judges, and `load-baseline`, asks for `baseline`. */
const struct platform_option run_options[] = {
	{"out", "FILE", "write results.json there (-o); -: to standard output, the table to standard error", out_set,
	 NULL},
	{"resume", "LOG", "go on with the run that this log was cut off in", record_log_set_resume, NULL},
	{"log", "FILE", "write the records there", record_log_set, NULL},
	{"records", "FORM", "of --log: full, or compact, a third as long (full)", record_log_set_form, NULL},
	{"launches", "N", "run N times, and show how far launches lie apart; --out names a folder (1)",
	 run_launches_set, NULL},
	{"thorough", NULL, "--launches 5", run_launches_set_thorough, NULL},
	{"cpu", "N", "stay on this core (the last one allowed)", set_cpu, NULL},
	{"still", NULL, "hold the machine still: governors, idle states, memory, priority; put back at the end",
	 still_set, NULL},
	{"benchmark_out", "FILE", "write Google Benchmark's JSON there", google_set_out, NULL},
	{"benchmark_format", "FORMAT", "console, or json: Google Benchmark's in the table's place", google_set_format,
	 NULL},
	{"benchmark_out_format", "FORMAT", "json, the only one", google_set_out_format, NULL},
	{"save-baseline", "NAME", "keep the results under this name", baseline_set_save, NULL},
	{"baseline", "NAME", "compare with what was kept under this name", baseline_set_against, NULL},
	{"noise-threshold", "X", "of --baseline: the whole interval must lie beyond it (0.01)",
	 baseline_set_noise_threshold, NULL},
	{"significance-level", "X", "of --baseline (0.05)", baseline_set_significance_level, NULL},
	{"per-benchmark", "FILE", "of --baseline: thresholds by benchmark", baseline_set_per_benchmark, NULL},
	{"room", "WORD", "of --baseline: the least room, silent, quiet, usable or loud (any)", baseline_set_room, NULL},
	{"load-baseline", "NAME", "compare this one, and measure nothing", baseline_set_load, NULL},
	{.name = NULL},
};

/* A baseline's comparison is the last word of a run, behind Google Benchmark's JSON. */
static const struct stream_listener *const listeners[] = {
	&still_listener,  &record_log_listener, &out_listener,      &progress_listener,
	&google_listener, &fold_listener,       &baseline_listener, NULL};

void run_options_start(void) {
	streams_listen(listeners);
	profile_ask(profile_files_find);
}
