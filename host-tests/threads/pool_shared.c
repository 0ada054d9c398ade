/* SPDX-License-Identifier: Apache-2.0
 *
 * The shared pool under the thread sanitizer: a plain programme, since the test framework does not work with it. Exit status 1 and a
 * line for what the model saw; the sanitizer's own status for a data race.
 */
#include "host-tests/pool_shared_stress.h"

#include <stdio.h>

int main(void) {
	enum { OPERATIONS = 100000 };
	const char *error = stress_run(4, 4 * STRESS_HELD_MAX + 2000, OPERATIONS, false, 1);
	if (error == NULL)
		error = stress_run(4, 150, OPERATIONS / 10, true, 2);
	if (error != NULL)
		printf("%s\n", error);
	return error != NULL;
}
