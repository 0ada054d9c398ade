/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/suites/noise_crew.h"

#include "bench/suites/crew.h"

struct noise_crew {
	struct crew crew;
	struct crew_member members[];
};

size_t noise_crew_bytes(unsigned cores) {
	return sizeof(struct noise_crew) + cores * sizeof(struct crew_member);
}

struct noise_crew *noise_crew_make(void *memory, unsigned cores, void *arguments, size_t stride) {
	struct noise_crew *crew = memory;
	crew->crew.members = crew->members;
	crew->crew.count = cores;
	for (unsigned i = 0; i < cores; i++)
		crew->members[i].argument = (char *)arguments + i * stride;
	return crew;
}

unsigned noise_crew_start(struct noise_crew *crew, bool *lost) {
	unsigned missing;
	while (crew_start(&crew->crew, &missing) != 0) {
		*lost |= !crew_end(&crew->crew);
		crew->crew.count = missing;
	}
	return crew->crew.count;
}

void noise_crew_run(struct noise_crew *crew, void (*work)(void *argument, uint64_t passes), uint64_t passes) {
	for (unsigned i = 0; i < crew->crew.count; i++)
		crew->members[i].work = work;
	crew_run(&crew->crew, passes);
}

bool noise_crew_end(struct noise_crew *crew) {
	return crew_end(&crew->crew);
}
