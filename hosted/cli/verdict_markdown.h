/* SPDX-License-Identifier: Apache-2.0
 *
 * Verdicts as a comment on a pull request: GitHub Flavored Markdown (github.github.com/gfm, 0.29), tables included.
 */
#pragma once

#include "hosted/cli/verdict_table.h"

/* On standard output: the summary, a table for each B, unchanged rows folded below it. The rows are judged. What comes
 * from files and command lines is shown as code, and is markup nowhere. */
void verdict_markdown_print(const struct judge *judge, const struct verdict_table *table);
