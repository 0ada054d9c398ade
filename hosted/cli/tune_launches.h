/* SPDX-License-Identifier: Apache-2.0
 *
 * `tune` in several launches of this programme, each of which measures some of the rounds into memory that all share.
 */
#pragma once

#include "bench/tune/make.h"

struct tune_launches {
	int file; /* what they share; -1: not yet */
	void *memory;
	size_t bytes;
	uint64_t timeout_ns; /* between two checkpoints */
	struct tune_launcher launcher;
};

/* `launches` must outlive what is made of its launcher. */
void tune_launches_open(struct tune_launches *launches, uint64_t timeout_ns);
void tune_launches_close(struct tune_launches *launches);

/* Whether those are the words of a launch, which people do not type. */
bool tune_launches_are_words(int argc, char **argv);

/* In the launch: the exit status. */
int tune_launches_measure(char **argv, struct tune_request *request);
