/* SPDX-License-Identifier: Apache-2.0
 *
 * `make fleet-check`: how often `history fleet` names a machine that is slow, and how often one that is not, in N
 * made-up fleets a case.
 */
#include "host-tests/fleet_model.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const noises[] = {
	[FLEET_NORMAL] = "normal",
	[FLEET_SHARED] = "shared",
	[FLEET_SKEWED] = "skewed",
	[FLEET_HEAVY] = "heavy",
};

static void show(struct fleet_model model, size_t fleets) {
	for (int threshold = 0; threshold <= 1; threshold++) {
		model.rules = (struct fleet_rules){0.05, threshold * 0.01};
		struct fleet_answers answers = fleet_model_judge(&model, fleets, 1);
		printf("%8zu %10zu %4zu  %-6s %5.0f %% %8d %% %9.1f %% %9.2f %%\n", model.machines, model.benchmarks,
		       model.runs, noises[model.noise], (model.slow - 1) * 100, threshold, answers.found * 100,
		       answers.wrong * 100);
	}
}

int main(int argc, char **argv) {
	size_t fleets = argc > 1 ? strtoul(argv[1], NULL, 10) : 500;
	printf("%zu fleets a case, a run's noise 2 %%, rate 5 %%\n", fleets);
	printf("machines benchmarks runs  noise    slow threshold     found  of named\n");
	printf("                                                              wrong\n");
	static const size_t sizes[][3] = {{10, 5, 3},  {20, 1, 3},  {20, 17, 3}, {100, 17, 1},
					  {500, 1, 5}, {500, 9, 1}, {500, 17, 1}};
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (int noise = FLEET_NORMAL; noise <= FLEET_HEAVY; noise++)
			for (int slow = 0; slow <= 7; slow += 7)
				show((struct fleet_model){.machines = sizes[i][0],
							  .benchmarks = sizes[i][1],
							  .runs = sizes[i][2],
							  .deviation = 0.02,
							  .slow = 1 + slow / 100.0,
							  .noise = (enum fleet_noise)noise},
				     fleets);
	return 0;
}
