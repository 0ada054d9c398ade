/* SPDX-License-Identifier: Apache-2.0
 *
 * Options of the commands that judge.
 */
#pragma once

#include "hosted/cli/verdict_table.h"
#include "hosted/verdict/judge.h"

/* Option `name`, "--effect" and its like, takes this value. 1: taken; 0: not an option of these; -1: said what is
 * wrong. */
int judge_set(struct judge *judge, const char *name, const char *value);

/* The same of argv[*i], and the word behind it where it has a value, which *i then stands on. */
int judge_option(struct judge *judge, int argc, char **argv, int *i);

/* The same of --format, for what shows a table. */
int judge_format_option(enum verdict_format *format, int argc, char **argv, int *i);

/* judge_open; false: said what is wrong. */
bool judge_open_or_say(struct judge *judge);

/* judge_close, behind a word for each line of --per-benchmark that is of no benchmark. */
void judge_say_and_close(struct judge *judge);
