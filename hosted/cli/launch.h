/* SPDX-License-Identifier: Apache-2.0
 *
 * Launches of other commands that each write a results.json: what `ab` and `layout` share.
 */
#pragma once

#include "bench/text.h"

#include <stdbool.h>
#include <stdint.h>

/* Blocks SIGCHLD, which `launch` waits for with a limit. Once, before the first. */
void launch_start(void);

/* `command` with `insert` in the place of the first `mark`, or behind it after a space where there is none and
 * `appended`; terminated. false: no memory. */
bool launch_insert(const char *command, const char *mark, const char *insert, bool appended, struct text *text);

/* `command` with `out` in the place of `{out}`, or behind it as ` --out`; terminated. false: no memory. */
bool launch_command(const char *command, const char *out, struct text *text);

/* The exit status; 124 where it took too long, and is ended with all that it started. Its output is dropped. */
int launch(const char *command, uint64_t limit_s);

/* An option's value; NULL is none. */
bool launch_parse_count(const char *word, uint64_t least, uint64_t most, uint64_t *number);

/* From the clock, for an order that nobody chose. */
uint64_t launch_seed(void);
