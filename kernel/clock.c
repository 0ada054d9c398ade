/* SPDX-License-Identifier: Apache-2.0
 *
 * The clock's calibrator; see clock.h.
 */
#include "kernel/clock.h"

#include "kernel/format.h"
#include "lib/units.h"

#include <stddef.h>

/* Readings of an anchor; the tightest counts, so that an interruption of one of them costs nothing. */
enum { READINGS = 3 };

/* The reference decides once its error over the span is below one part in this. */
static const uint64_t WANTED_PRECISION = 1000;

/* A first, rough measurement that is further from the stated frequency than one part in this disproves it. */
static const uint64_t STATED_TOLERANCE = 8;

uint64_t clock_scale(uint64_t a, uint64_t b, uint64_t c) {
	if (c == 0)
		return UINT64_MAX;
	unsigned __int128 result = (unsigned __int128)a * b / c;
	return result > UINT64_MAX ? UINT64_MAX : (uint64_t)result;
}

bool clock_reference_find(struct clock_candidates *candidates, unsigned index, void (*begin)(unsigned kind),
			  struct arch_reference *reference) {
	enum { FIND_MAX = sizeof(candidates->find) / sizeof(candidates->find[0]) };
	while (candidates->found_count <= index) {
		if (candidates->tried == FIND_MAX || candidates->find[candidates->tried] == NULL)
			return false;
		begin(candidates->tried);
		if (candidates->find[candidates->tried++](&candidates->found[candidates->found_count]))
			candidates->found_count++;
	}
	*reference = candidates->found[index];
	return true;
}

static uint64_t wrap_mask(const struct clock *clock) {
	return clock->reference.bits >= 64 ? UINT64_MAX : (UINT64_C(1) << clock->reference.bits) - 1;
}

static void read_pair(const struct clock *clock, uint64_t *ticks, uint64_t *raw, uint64_t *error) {
	*error = UINT64_MAX;
	for (unsigned i = 0; i < READINGS; i++) {
		uint64_t before = clock->ticks();
		uint64_t value = clock->reference.read();
		uint64_t width = clock->ticks() - before;
		if (width / 2 >= *error)
			continue;
		*ticks = before + width / 2;
		*raw = value & wrap_mask(clock);
		*error = width / 2;
	}
}

/* Ticks a second by the two anchors; 0 where they are the same. */
static uint64_t measured_hz(const struct clock *clock) {
	uint64_t reference = clock->last.reference - clock->first.reference;
	if (reference == 0)
		return 0;
	return clock_scale(clock->last.ticks - clock->first.ticks, clock->reference.hz, reference);
}

/* Whether the anchors stand far enough apart. */
static bool measured_well(const struct clock *clock) {
	uint64_t ticks = clock->last.ticks - clock->first.ticks;
	return clock->last.reference != clock->first.reference &&
	       (clock->first.error + clock->last.error) < ticks / WANTED_PRECISION;
}

void clock_start(struct clock *clock, uint64_t (*ticks)(void), const struct arch_reference *reference,
		 uint64_t stated_hz, const char *stated_name, const char *counter, bool invariant) {
	*clock = (struct clock){
		.ticks = ticks,
		.has_reference = reference != NULL,
		.stated_hz = stated_hz,
		.stated_name = stated_name,
		.counter = counter,
		.invariant = invariant,
	};
	if (reference == NULL)
		return;
	clock->reference = *reference;
	read_pair(clock, &clock->first.ticks, &clock->raw, &clock->first.error);
	clock->last = clock->first;
}

/* What unwraps the reference: as stated, unless what was measured says that this is far off. */
static uint64_t unwrapping_hz(const struct clock *clock) {
	uint64_t measured = measured_hz(clock);
	if (measured == 0 || clock->stated_hz == 0)
		return measured != 0 ? measured : clock->stated_hz;
	if (measured_well(clock))
		return measured;
	uint64_t apart = measured > clock->stated_hz ? measured - clock->stated_hz : clock->stated_hz - measured;
	return apart > clock->stated_hz / STATED_TOLERANCE ? measured : clock->stated_hz;
}

void clock_anchor_add(struct clock *clock) {
	if (!clock->has_reference)
		return;
	uint64_t ticks, raw, error;
	read_pair(clock, &ticks, &raw, &error);

	/* The low bits say where in a wrap we are, the estimate says in which. Without any estimate it is the next
	 * one. */
	uint64_t step = (raw - clock->raw) & wrap_mask(clock);
	uint64_t hz = unwrapping_hz(clock);
	if (hz != 0 && clock->reference.bits < 64) {
		uint64_t expected = clock_scale(ticks - clock->last.ticks, clock->reference.hz, hz);
		uint64_t wrap = wrap_mask(clock) + 1;
		if (expected > step)
			step += (expected - step + wrap / 2) / wrap * wrap;
	}
	clock->raw = raw;
	clock->last = (struct clock_anchor){ticks, clock->last.reference + step, error};
}

void clock_await(struct clock *clock, uint64_t counts) {
	enum { ANCHORS_MAX = 1000000 };
	clock_anchor_add(clock);
	for (unsigned i = 1; clock->has_reference && clock->last.reference < counts; i++) {
		clock->has_reference = i < ANCHORS_MAX;
		clock_anchor_add(clock);
	}
}

uint64_t clock_hz(const struct clock *clock) {
	if (clock->stated_hz == 0 || measured_well(clock))
		return measured_hz(clock);
	return clock->stated_hz;
}

void clock_describe(const struct clock *clock, const struct clock *second_clock, struct platform_clock *description) {
	bool by_reference = clock->stated_hz == 0 || measured_well(clock);
	uint64_t measured = clock->has_reference ? measured_hz(clock) : 0;
	*description = (struct platform_clock){.hz = clock_hz(clock), .invariant = clock->invariant};
	format_copy(description->counter, sizeof(description->counter), clock->counter);

	const char *first = by_reference ? clock->reference.name : clock->stated_name;
	const char *second = by_reference ? clock->stated_name : clock->reference.name;
	description->hz_second = by_reference ? clock->stated_hz : measured;
	if (by_reference) {
		description->span_ns =
			clock_scale(clock->last.reference - clock->first.reference, NS_PER_SECOND, clock->reference.hz);
	}
	if (description->hz_second == 0 && second_clock->has_reference && measured_well(second_clock)) {
		description->hz_second = measured_hz(second_clock);
		second = second_clock->reference.name;
	}
	format_copy(description->source, sizeof(description->source), first != NULL ? first : "");
	format_copy(description->source_second, sizeof(description->source_second),
		    description->hz_second != 0 && second != NULL ? second : "");
}
