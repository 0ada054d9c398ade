/* SPDX-License-Identifier: Apache-2.0
 *
 * The programme in the image: no options and no commands but its own.
 */
#include "bench/program.h"

static const struct platform_option no_options[] = {{.name = NULL}};
static const struct program_command no_commands[] = {{.name = NULL}};

int main(int argc, char **argv) {
	program_run(&(struct program){no_options, no_commands, NULL}, argc, argv);
}
