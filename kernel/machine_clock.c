/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/machine_clock.h"

#include "kernel/end.h"
#include "kernel/machine.h"
#include "kernel/step.h"
#include "lib/units.h"

#include <stddef.h>

/* How long the reference is looked at before anybody is told a frequency where the machine states none; and where that
 * only has to be seen not to be far off. So long, too, until a reference that wraps in a few ms may be left for a
 * while. */
static const uint64_t CLOCK_MEASURE_NS = 10 * NS_PER_MS;
static const uint64_t CLOCK_DOUBT_NS = NS_PER_MS;

static uint64_t reference_counts(const struct arch_reference *reference, uint64_t ns) {
	return clock_scale(ns, reference->hz, NS_PER_SECOND);
}

static void reference_begin(unsigned kind) {
	step_begin((enum start_step)(STEP_PM_TIMER + kind));
}

void machine_clock_begin(void) {
	const char *name = "", *counter = "";
	bool invariant = false;
	uint64_t stated = arch_clock_stated_hz(&name, &counter, &invariant);
	struct arch_reference reference;
	bool found = arch_clock_reference(0, reference_begin, &reference);
	clock_start(&machine.clock, arch_ticks, found ? &reference : NULL, stated, name, counter, invariant);
	if (found)
		machine.clock_wanted = reference_counts(&reference, stated != 0 ? CLOCK_DOUBT_NS : CLOCK_MEASURE_NS);
	if (found && stated == 0)
		clock_await(&machine.clock, reference_counts(&reference, CLOCK_DOUBT_NS));
	if (stated == 0 && arch_clock_reference(1, reference_begin, &reference))
		clock_start(&machine.clock_second, arch_ticks, &reference, clock_hz(&machine.clock), "", counter,
			    invariant);
}

void machine_clock_read(void) {
	clock_await(&machine.clock, machine.clock_wanted);
	machine.clock_wanted = 0;
	if (clock_hz(&machine.clock) == 0)
		refuse("no clock: the processor states no frequency and there is no reference counter that counts");
	machine.clock_second.stated_hz = clock_hz(&machine.clock);
	clock_anchor_add(&machine.clock_second);
}
