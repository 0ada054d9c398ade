/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/status.h"

const char *bench_status_name(enum bench_status status) {
	static const char *const names[] = {[BENCH_STATUS_OK] = "ok",
					    [BENCH_STATUS_FAILED] = "failed",
					    [BENCH_STATUS_SKIPPED] = "skipped",
					    [BENCH_STATUS_HUNG] = "hung"};
	return names[status];
}
