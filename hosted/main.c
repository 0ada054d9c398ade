/* SPDX-License-Identifier: Apache-2.0
 *
 * The programme on Linux: bench/program.c with the options and commands that only Linux has.
 */
#include "bench/program.h"
#include "hosted/cli/commands/commands.h"
#include "hosted/cli/constructors.h"
#include "hosted/cli/fold.h"
#include "hosted/cli/run_launches.h"
#include "hosted/cli/run_options.h"

#include <signal.h>

static const struct program_command commands[] = {
	{"version", command_version},
	{"caps", command_caps},
	{"collect", command_collect},
	{"compare", command_compare},
	{"ab", command_ab},
	{"baseline", command_baseline},
	{"layout", command_layout},
	{"export", command_export},
	{"report", command_report},
	{"history", command_history},
	{"completion", command_completion},
	{"man", command_man},
	{"help", command_help},
	{"tune", command_tune},
	{"noise", command_noise},
	{"doctor", command_doctor},
	{"os-tax", command_os_tax},
	{"record", command_record},
	{"apply", command_apply},
	{"advise", command_advise},
	{"stream", command_stream},
	{"watch", command_watch},
	{"new-suite", command_new_suite},
	{"snippet", command_snippet},
	{NULL, NULL}, /* ends it */
};

/* A file that grows past what `ulimit -f` allows is a file that cannot be written, and is said to be one. */
static void pass_over(int number) {
	(void)number;
}

int main(int argc, char **argv) {
	constructors_end();
	/* Not ignored: that would go to what we start. */
	(void)signal(SIGXFSZ, pass_over);
	/* Whoever started us may have it ignored, and then no child has a status. */
	(void)signal(SIGCHLD, SIG_DFL);
	run_options_start();
	fold_streams(argc, argv);
	program_run(&(struct program){run_options, commands, NULL, run_launches, NULL, NULL, NULL, NULL}, argc, argv);
}
