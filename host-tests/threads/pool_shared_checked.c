/* SPDX-License-Identifier: Apache-2.0
 *
 * The checked shared pool under the thread sanitizer: a plain programme, since the test framework does not work with it. Exit status 1 and a
 * line for what the model saw; the sanitizer's own status for a data race.
 */
#define POOL_CHECKED
#include "host-tests/pool_shared_stress.h"

#include <stdio.h>

int main(void) {
	enum { OPERATIONS = 100000 };
	static const struct stress_plan plans[] = {
		{4, 4 * STRESS_HELD_MAX + 2000, OPERATIONS, false, false, 1},
		{4, 150, OPERATIONS / 10, true, false, 2},
		{4, 200, OPERATIONS / 2, false, true, 3},
	};
	const char *error = NULL;
	for (size_t i = 0; i < sizeof plans / sizeof plans[0] && error == NULL; i++)
		error = stress_run(&plans[i]);
	if (error != NULL)
		printf("%s\n", error);
	return error != NULL;
}
