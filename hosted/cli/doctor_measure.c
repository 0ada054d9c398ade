/* SPDX-License-Identifier: Apache-2.0
 *
 * `doctor --measure`: `noise` in pieces, without and with what --still changes.
 */
#include "hosted/cli/doctor_measure.h"

#include "bench/noise/noise.h"
#include "hosted/cli/output.h"
#include "hosted/platform/pin.h"
#include "hosted/still/hold.h"
#include "lib/units.h"

#include <stdio.h>
#include <unistd.h>

struct pieces {
	double lost_us[HELPED_PAIRS], looked_us[HELPED_PAIRS];
};

/* The first core, the one that is pinned to. */
static int look(uint64_t duration_ns, struct pieces *pieces, int at) {
	struct noise_request request = {.duration_ns = duration_ns,
					.timeout_ns = NOISE_TIMEOUT_NS,
					.first_cpu = pin_cpu() >= 0 ? (uint64_t)pin_cpu() : 0};
	struct text complaint = {0};
	struct noise *noise = NULL;
	int status = noise_make(&request, &noise, &complaint);
	if (status == 0 && noise_has_looked(noise)) {
		double us = (double)noise->hz / (NS_PER_SECOND / NS_PER_US);
		pieces->lost_us[at] = (double)noise->cores[0]->lost / us;
		pieces->looked_us[at] = (double)noise->cores[0]->looked / us;
	}
	noise_free(noise);
	(void)output_complain(&complaint);
	return status;
}

/* What is said is said once. */
static int look_still(const struct tree *tree, uint64_t duration_ns, struct pieces *pieces, int at) {
	struct text said = {0};
	hold_begin(tree, true, &said);
	int status = look(duration_ns, pieces, at);
	hold_end();
	if (said.length != 0)
		fprintf(stderr, "\rstill: %.*s", (int)said.length, said.bytes);
	text_free(&said);
	return status;
}

int doctor_measure(const struct tree *tree, uint64_t duration_ns, struct helped *helped) {
	struct pieces plain = {0}, still = {0};
	uint64_t piece_ns = duration_ns / HELPED_PAIRS;
	bool shows = isatty(STDERR_FILENO);
	int status = 0;
	(void)platform_describe(); /* pins the process */
	for (int i = 0; i < HELPED_PAIRS && status == 0; i++) {
		if (shows)
			fprintf(stderr, "\r\033[Kmeasuring, pair %d of %d", i + 1, HELPED_PAIRS);
		/* Each first in turn, so that what grows over the time is no difference. */
		if (i % 2 == 0)
			status = look(piece_ns, &plain, i);
		if (status == 0)
			status = look_still(tree, piece_ns, &still, i);
		if (status == 0 && i % 2 != 0)
			status = look(piece_ns, &plain, i);
	}
	if (shows)
		fputs("\r\033[K", stderr);
	helped_judge(plain.lost_us, still.lost_us, plain.looked_us, still.looked_us, helped);
	return status;
}
