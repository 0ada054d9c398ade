/* SPDX-License-Identifier: Apache-2.0
 *
 * Verdicts as annotations of GitHub Actions: "Workflow commands for GitHub Actions", Setting an error message
 * (docs.github.com), escaped as @actions/core's command.ts does.
 */
#pragma once

#include "hosted/cli/verdict_table.h"

/* Where GITHUB_ACTIONS=true, a line `::error title=...::...` on standard error, where it reaches the log while
 * standard output goes into a file, for each regression and for each benchmark that failed or hung in B: what the exit
 * status is 1 or 4 for. Elsewhere nothing. The rows are judged. */
void annotations_print(const struct verdict_table *table);
