/* SPDX-License-Identifier: Apache-2.0
 *
 * A folder for what a process makes on its way, which goes with it whatever ends it, kill -9 included: a process of its
 * own waits for that, and removes it.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct scratch {
	char folder[4096];
	int alive;    /* the keeper waits for this to be closed */
	pid_t keeper; /* who removes it */
};

/* NAME-XXXXXX in $TMPDIR, or in /tmp. false: it cannot be made, errno says why. Before there are threads. */
bool scratch_make(struct scratch *scratch, const char *name);

/* Once what writes into it has ended. */
void scratch_remove(const struct scratch *scratch);
