/* SPDX-License-Identifier: Apache-2.0
 *
 * The checked shared pool under the thread sanitizer: a plain programme, since the test framework does not work with
 * it. Exit status 1 and a line for what the model saw; the sanitizer's own status for a data race.
 */
#define POOL_CHECKED
#include "host-tests/pool_shared_stress.h"

#include <stdio.h>

int main(void) {
	const char *error = stress_run_all();
	if (error != NULL)
		printf("%s\n", error);
	return error != NULL;
}
