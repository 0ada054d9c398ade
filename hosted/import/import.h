/* SPDX-License-Identifier: Apache-2.0
 *
 * What other tools write of their benchmarks, as results.json of ours: Google Benchmark's JSON, hyperfine's JSON, the
 * tree that Criterion.rs keeps. docs/formats.md has the mapping. The files are a stranger's, as those of
 * hosted/results/results_read.h are. The machine in the results is this one: what was launched here is imported here.
 */
#pragma once

#include "bench/text.h"
#include "hosted/results/results_read.h"

/* Recognised by what is in it: a file, or a folder for Criterion.rs. 1: results.json, whole, is in `results`; 0: it is
 * none of these, and nothing was said; PLATFORM_EINVAL, PLATFORM_EIO or PLATFORM_ENOMEM with a line in `complaint` that
 * names the file and the member. */
int import_results(const char *path, struct text *results, struct text *complaint);

/* The same of a file's bytes; `file` is their name in complaints. */
int import_parse(const char *file, const char *bytes, size_t length, struct text *results, struct text *complaint);

/* The tool that results come from, "Google Benchmark"; "": they are ours. */
const char *import_tool(const struct results *results);
