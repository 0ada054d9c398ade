/* SPDX-License-Identifier: Apache-2.0
 *
 * Options of the commands that judge.
 */
#pragma once

#include "hosted/verdict/judge.h"

/* Takes argv[*i], and the word behind it where it has a value, which *i then stands on. 1: taken; 0: not an option of
 * these; -1: said what is wrong. */
int judge_option(struct judge *judge, int argc, char **argv, int *i);

/* The same of --format, for what shows a table. */
int judge_format_option(bool *json, int argc, char **argv, int *i);

/* judge_open; false: said what is wrong. */
bool judge_open_or_say(struct judge *judge);
