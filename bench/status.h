/* SPDX-License-Identifier: Apache-2.0
 *
 * What became of a benchmark: the one word that runner, records, results and verdicts share.
 */
#pragma once

enum bench_status { BENCH_STATUS_OK, BENCH_STATUS_FAILED, BENCH_STATUS_SKIPPED, BENCH_STATUS_HUNG };

/* "ok", "failed", "skipped", "hung" */
const char *bench_status_name(enum bench_status status);
