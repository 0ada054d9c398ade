/* SPDX-License-Identifier: Apache-2.0
 *
 * Readers of each tool's files: each adds its benchmarks to `import->rows`. false: complained of.
 */
#pragma once

#include "hosted/import/rows.h"

/* Google Benchmark, --benchmark_format=json: src/json_reporter.cc of its 1.5 to 1.9. Aggregates are left aside; a
 * benchmark's repetitions are its samples, of real time. */
bool import_google(struct import *import, const json_t *root);

/* hyperfine, --export-json: src/export/json.rs and src/benchmark/benchmark_result.rs of its 1.12 to 1.19. A run is a
 * sample; a command's parameters are behind its name. */
bool import_hyperfine(struct import *import, const json_t *root);

/* Criterion.rs, $CRITERION_HOME or target/criterion: src/report.rs and src/analysis/mod.rs of its 0.3 to 0.7. Of each
 * benchmark new/benchmark.json and new/sample.json, links not followed. `import->file` changes. */
bool import_criterion(struct import *import, const char *folder);
