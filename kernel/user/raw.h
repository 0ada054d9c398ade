/* SPDX-License-Identifier: Apache-2.0
 *
 * What one core says of itself, gathered where it runs: supplied by kernel/user/<arch>/.
 */
#pragma once

#include "kernel/gate.h"

enum { RAW_LEAVES_MAX = 400 };

struct raw_core {
	unsigned core; /* platform.h's number */
	const struct platform_raw_reader *reader;
	uint64_t probed;
	struct raw_leaf {
		uint32_t leaf, subleaf, registers[4];
	} leaves[RAW_LEAVES_MAX];
	size_t leaf_count;
};

/* On the core itself, without a call into the kernel. */
void raw_core_ask(struct raw_core *core);

/* Afterwards, on the first core: hands over what was gathered, and what only the kernel knows of that core. */
void raw_core_tell(const struct raw_core *core, uint32_t cpu);
