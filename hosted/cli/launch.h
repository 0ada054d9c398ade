/* SPDX-License-Identifier: Apache-2.0
 *
 * Launches of other commands that each write a results.json: what `ab` and `layout` share.
 */
#pragma once

#include "bench/text.h"

#include <stdbool.h>
#include <stdint.h>

/* Blocks SIGCHLD, SIGINT and SIGTERM, which launches wait for. Once, before the first. */
void launch_start(void);

/* `command` with `insert` in the place of the first `mark`, or behind it after a space where there is none and
 * `appended`; terminated. false: no memory. */
bool launch_insert(const char *command, const char *mark, const char *insert, bool appended, struct text *text);

/* `command` with `out` in the place of `{out}`, or behind it as ` --out`; terminated. false: no memory. */
bool launch_command(const char *command, const char *out, struct text *text);

/* The exit status; 124 where it took too long, and is ended with all that it started; 2 where it cannot be started;
 * 128 and the signal's number where somebody wanted this programme to end: it has been told so, and has ended. What it
 * writes to standard output is dropped. `words` end with NULL; the first is a programme, looked for along PATH. */
int launch_words(char *const words[], uint64_t limit_s);

/* The same of a shell's command. */
int launch(const char *command, uint64_t limit_s);
bool launch_was_interrupted(int status);

/* The same status where somebody wanted that since launch_start, and nothing of ours has waited for it; 0: nobody. */
int launch_end_asked(void);

/* An option's value; false: it is none within the bounds, and standard error says so. */
bool launch_parse_count(const char *name, const char *word, uint64_t least, uint64_t most, uint64_t *number);

/* From the clock, for an order that nobody chose. */
uint64_t launch_seed(void);
