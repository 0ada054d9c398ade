/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/verdict/gap.h"

#include <stdio.h>

bool gap_outcome_add(struct gap_outcome *outcome, enum bench_status status, const char *reason) {
	static const int weight[] = {
		[BENCH_STATUS_HUNG] = 4, [BENCH_STATUS_FAILED] = 3, [BENCH_STATUS_OK] = 2, [BENCH_STATUS_SKIPPED] = 1};
	if (outcome->seen && weight[status] <= weight[outcome->status])
		return false;
	*outcome = (struct gap_outcome){true, status, reason};
	return true;
}

static bool is_broken(const struct gap_outcome *side) {
	return side->seen && (side->status == BENCH_STATUS_FAILED || side->status == BENCH_STATUS_HUNG);
}

bool gap_find(const struct gap_outcome *a, const struct gap_outcome *b, struct gap *gap) {
	const struct gap_outcome *at = is_broken(b) || (!is_broken(a) && a->status == BENCH_STATUS_OK) ? b : a;
	gap->side = at == b ? 'B' : 'A';
	gap->reason = at->reason ? at->reason : "";
	if (is_broken(at)) {
		gap->kind = at->status == BENCH_STATUS_HUNG ? GAP_HUNG : GAP_FAILED;
	} else if (a->seen != b->seen) {
		gap->kind = a->seen ? GAP_ONLY_IN_A : GAP_ONLY_IN_B;
		gap->side = a->seen ? 'A' : 'B';
		gap->reason = "";
	} else {
		gap->kind = GAP_SKIPPED;
		return a->status != b->status;
	}
	return true;
}

bool gap_any_broken(const struct gap *gaps, size_t count) {
	bool broken = false;
	for (size_t i = 0; i < count; i++)
		broken |= gaps[i].kind == GAP_FAILED || gaps[i].kind == GAP_HUNG;
	return broken;
}

const char *gap_text(const struct gap *gap) {
	static const char *const words[] = {[GAP_FAILED] = "failed",
					    [GAP_HUNG] = "hung",
					    [GAP_SKIPPED] = "skipped",
					    [GAP_ONLY_IN_A] = "only",
					    [GAP_ONLY_IN_B] = "only"};
	static char text[24];
	snprintf(text, sizeof(text), "%s in %c", words[gap->kind], gap->side);
	return text;
}
