/* SPDX-License-Identifier: Apache-2.0
 *
 * What platform_raw_read hands over, kept for caps/: and the description that comes of it.
 */
#pragma once

#include "bench/machine/advice.h"
#include "bench/text.h"
#include "caps/machine.h"
#include "platform.h"

/* Owns all that it points to, but for `run`. */
struct facts {
	struct caps_raw raw;
	struct caps_machine *machine; /* NULL until facts_describe */
	struct facts_refusal {
		char what[32], why[64];
	} * refused;
	size_t refused_count;
	bool stays;        /* the programme's first core is known */
	uint32_t stays_on; /* its number */
	bool counts_asked; /* FACTS_WHOLE: `counts` has what this machine's counters are */
	struct platform_pmu counts;
	const struct advice_run *run; /* borrowed: what a run measured here; NULL: nothing */
	struct facts_memory *memory;
};

/* BRIEF: what can be had without a word to other cores of the image, and no CPU's clock; WHOLE: all, some ms a CPU. */
enum facts_depth { FACTS_BRIEF, FACTS_WHOLE };

/* Asks the machine that this runs on. 0, or PLATFORM_ENOMEM. */
int facts_read(struct facts *facts, enum facts_depth depth);

/* Of what is in `raw`, wherever that came from. 0, or an enum caps_error with a line in `complaint`. */
int facts_describe(struct facts *facts, struct text *complaint);

void facts_free(struct facts *facts);

/* Keep a copy, with a 0 byte behind it, or have room that is zeroed: facts_free gives both back. NULL
 * without memory. */
void *facts_keep(struct facts *facts, const void *bytes, size_t length);
void *facts_keep_room(struct facts *facts, size_t length);
