/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/plant.h"

#include "kernel/machine.h"
#include "lib/units.h"

/* A timer whose own steps are coarser than ticks may fire this part of an interval early. */
enum { EARLY_PART = 64 };

static uint64_t ticks_of(uint64_t ns) {
	return clock_scale(ns, clock_hz(&machine.clock), NS_PER_SECOND);
}

int plant_set(uint64_t every_ns, uint64_t length_ns, struct platform_planted *planted) {
	if (every_ns != 0 && !(every_ns >= PLATFORM_PLANT_LEAST_NS && every_ns <= PLATFORM_PLANT_MOST_NS &&
			       length_ns != 0 && length_ns <= every_ns / 2))
		return PLATFORM_EINVAL;
	*planted = machine.plant.planted;
	machine.plant.planted.times = 0;
	machine.plant.every_ticks = ticks_of(every_ns);
	machine.plant.length_ticks = ticks_of(length_ns);
	machine.plant.next = arch_ticks() + machine.plant.every_ticks;
	return 0;
}

uint64_t plant_left(uint64_t now) {
	if (machine.plant.every_ticks == 0)
		return UINT64_MAX;
	return machine.plant.next > now ? machine.plant.next - now : 1;
}

bool plant_is_due(uint64_t now) {
	uint64_t every = machine.plant.every_ticks;
	if (every == 0 || now + every / EARLY_PART < machine.plant.next)
		return false;
	do
		machine.plant.next += every;
	while (machine.plant.next <= now);
	return true;
}

void plant_stay(uint64_t begin) {
	struct platform_planted *planted = &machine.plant.planted;
	uint64_t end;
	do
		end = arch_ticks();
	while (end - begin < machine.plant.length_ticks);
	planted->ticks[planted->times % PLATFORM_PLANTED_KEPT] =
		end - begin < UINT32_MAX ? (uint32_t)(end - begin) : UINT32_MAX;
	planted->times++;
}

void plant_end(void) {
	machine.plant.every_ticks = 0;
}
