/* SPDX-License-Identifier: Apache-2.0
 *
 * The calibrator, with a world of its own: time passes only as the fake counters are read, and as a test says.
 */
#include "kernel/clock.h"
#include "lib/units.h"

#include <criterion/criterion.h>
#include <string.h>

static const uint64_t MS = NS_PER_MS;

/* The world. */
static uint64_t now_ns;
static uint64_t true_hz;        /* of the ticks */
static uint64_t reference_hz;   /* as it really runs */
static unsigned reference_bits; /* what is read of it */
static uint64_t read_ns;        /* a reading of the reference takes so long */
static uint64_t slow_reading;   /* this one takes a millisecond; 0: none */
static uint64_t readings;

static uint64_t count_at(uint64_t hz) {
	return (uint64_t)((unsigned __int128)now_ns * hz / NS_PER_SECOND);
}

static uint64_t fake_ticks(void) {
	now_ns += 10;
	return count_at(true_hz);
}

static uint64_t fake_reference(void) {
	uint64_t cost = ++readings == slow_reading ? MS : read_ns;
	now_ns += cost / 2;
	uint64_t value = count_at(reference_hz);
	now_ns += cost - cost / 2;
	return reference_bits < 64 ? value & ((UINT64_C(1) << reference_bits) - 1) : value;
}

static struct arch_reference world(uint64_t hz, uint64_t counter_hz, unsigned bits) {
	now_ns = 123456789;
	true_hz = hz;
	reference_hz = counter_hz;
	reference_bits = bits;
	read_ns = 2000;
	slow_reading = readings = 0;
	return (struct arch_reference){"fake", counter_hz, bits, fake_reference};
}

static const struct clock no_second;

static void assert_near(uint64_t value, uint64_t expected, uint64_t parts_per_million) {
	uint64_t difference = value > expected ? value - expected : expected - value;
	cr_assert_leq(difference, expected / 1000000 * parts_per_million, "%lu, expected %lu", (unsigned long)value,
		      (unsigned long)expected);
}

Test(clock, scale_does_not_overflow) {
	cr_assert_eq(clock_scale(UINT64_MAX, UINT64_MAX, UINT64_MAX), UINT64_MAX);
	cr_assert_eq(clock_scale(UINT64_MAX, 2, 1), UINT64_MAX, "does not fit");
	cr_assert_eq(clock_scale(1, 1, 0), UINT64_MAX);
	cr_assert_eq(clock_scale(3000000000u, 5000000000u, 7000000000u), 2142857142u);
	cr_assert_eq(clock_scale(0, 5, 3), 0);
}

Test(clock, measures_over_the_whole_span) {
	struct arch_reference reference = world(2596144000, 3579545, 24);
	struct clock clock;
	clock_start(&clock, fake_ticks, &reference, 0, "", "TSC", false);
	now_ns += 10 * MS;
	clock_anchor_add(&clock);
	assert_near(clock_hz(&clock), true_hz, 300);
	now_ns += 3 * NS_PER_SECOND;
	clock_anchor_add(&clock);
	assert_near(clock_hz(&clock), true_hz, 2);

	struct platform_clock description;
	clock_describe(&clock, &no_second, &description);
	cr_assert_str_eq(description.source, "fake");
	cr_assert_str_eq(description.source_second, "");
	cr_assert_str_eq(description.counter, "TSC");
	cr_assert_eq(description.hz_second, 0);
	assert_near(description.span_ns, 3010 * MS, 100);
}

static uint64_t dead_reference(void) {
	now_ns += 2000;
	return 17;
}

Test(clock, awaits_the_reference_and_gives_up_a_dead_one) {
	struct arch_reference reference = world(2596144000, 1193182, 16);
	struct clock clock;
	clock_start(&clock, fake_ticks, &reference, 0, "", "TSC", false);
	clock_await(&clock, 1193);
	cr_assert(clock.has_reference);
	cr_assert_geq(clock.last.reference, 1193);
	cr_assert_leq(clock.last.reference, 1193 + 10, "it waits no longer");
	/* What was seen in a millisecond carries it over more than a wrap. */
	now_ns += 400 * MS;
	clock_await(&clock, 11931);
	assert_near(clock_hz(&clock), true_hz, 100);
	unsigned before = readings;
	clock_await(&clock, 11931);
	cr_assert_eq(readings, before + 3, "one anchor, as it has come so far");

	reference.read = dead_reference;
	clock_start(&clock, fake_ticks, &reference, 0, "", "TSC", false);
	clock_await(&clock, 1);
	cr_assert_not(clock.has_reference);
	cr_assert_eq(clock_hz(&clock), 0);
}

/* 16 bits of a PIT wrap every 55 ms; anchors come when they come. */
Test(clock, unwraps_by_the_estimate_so_far) {
	struct arch_reference reference = world(3000000000, 1193182, 16);
	struct clock clock;
	clock_start(&clock, fake_ticks, &reference, 0, "", "TSC", false);
	now_ns += 10 * MS;
	clock_anchor_add(&clock);
	const uint64_t steps_ms[] = {50, 400, 1, 5000, 54, 55, 56, 27, 28, 9000};
	for (size_t i = 0; i < sizeof(steps_ms) / sizeof(steps_ms[0]); i++) {
		now_ns += steps_ms[i] * MS;
		clock_anchor_add(&clock);
		assert_near(clock_hz(&clock), true_hz, 500);
	}
	assert_near(clock_hz(&clock), true_hz, 2);
}

Test(clock, a_stated_frequency_unwraps_from_the_start) {
	struct arch_reference reference = world(3000000000, 1193182, 16);
	struct clock clock;
	clock_start(&clock, fake_ticks, &reference, 3000300000u, "stated", "TSC", true);
	cr_assert_eq(clock_hz(&clock), 3000300000u, "nothing else is known yet");
	now_ns += 20 * NS_PER_SECOND;
	clock_anchor_add(&clock);
	assert_near(clock_hz(&clock), true_hz, 2);

	struct platform_clock description;
	clock_describe(&clock, &no_second, &description);
	cr_assert_str_eq(description.source, "fake");
	cr_assert_str_eq(description.source_second, "stated");
	cr_assert_eq(description.hz_second, 3000300000u);
	cr_assert(description.invariant);
}

/* As Bochs does: what the processor says of itself is not how fast its emulator makes it run. */
Test(clock, a_stated_frequency_that_is_far_off_does_not_unwrap) {
	struct arch_reference reference = world(200000000, 1193182, 16);
	struct clock clock;
	clock_start(&clock, fake_ticks, &reference, 1498000000, "stated", "TSC", true);
	now_ns += MS;
	clock_anchor_add(&clock);
	for (unsigned i = 0; i < 20; i++) {
		now_ns += 170 * MS;
		clock_anchor_add(&clock);
	}
	assert_near(clock_hz(&clock), true_hz, 5);
}

Test(clock, stays_with_the_stated_frequency_until_the_reference_is_better) {
	struct arch_reference reference = world(2000000000, 1000000, 32);
	read_ns = 30000;
	struct clock clock;
	clock_start(&clock, fake_ticks, &reference, 2000000000, "stated", "TSC", true);
	now_ns += MS;
	clock_anchor_add(&clock);
	cr_assert_eq(clock_hz(&clock), 2000000000u);
	struct platform_clock description;
	clock_describe(&clock, &no_second, &description);
	cr_assert_str_eq(description.source, "stated");
	cr_assert_str_eq(description.source_second, "fake");
	cr_assert_eq(description.span_ns, 0);
	assert_near(description.hz_second, 2000000000, 50000);
}

Test(clock, an_interrupted_reading_costs_nothing) {
	struct arch_reference reference = world(2000000000, 1000000, 32);
	struct clock clock;
	slow_reading = 1;
	clock_start(&clock, fake_ticks, &reference, 0, "", "TSC", false);
	cr_assert_lt(clock.first.error, 10000);
	now_ns += 100 * MS;
	slow_reading = readings + 2;
	clock_anchor_add(&clock);
	cr_assert_lt(clock.last.error, 10000);
	assert_near(clock_hz(&clock), true_hz, 20);
}

Test(clock, another_reference_is_the_second_source) {
	struct arch_reference reference = world(2596144000, 1193182, 16);
	struct clock first, second;
	clock_start(&first, fake_ticks, &reference, 0, "", "TSC", false);
	now_ns += 10 * MS;
	clock_anchor_add(&first);
	reference.name = "another";
	clock_start(&second, fake_ticks, &reference, clock_hz(&first), "", "TSC", false);
	struct platform_clock description;
	clock_describe(&first, &second, &description);
	cr_assert_eq(description.hz_second, 0, "nothing is known by it yet");
	now_ns += 4 * NS_PER_SECOND;
	clock_anchor_add(&first);
	second.stated_hz = clock_hz(&first);
	clock_anchor_add(&second);
	clock_describe(&first, &second, &description);
	cr_assert_str_eq(description.source, "fake");
	cr_assert_str_eq(description.source_second, "another");
	assert_near(description.hz_second, true_hz, 2);
}

Test(clock, without_a_reference_the_stated_frequency_is_all) {
	struct clock clock;
	world(1000, 1000, 32);
	clock_start(&clock, fake_ticks, NULL, 62500000, "CNTFRQ", "CNTVCT", true);
	clock_anchor_add(&clock);
	cr_assert_eq(clock_hz(&clock), 62500000);
	cr_assert_eq(readings, 0);
	struct platform_clock description;
	clock_describe(&clock, &no_second, &description);
	cr_assert_str_eq(description.source, "CNTFRQ");
	cr_assert_eq(description.hz_second, 0);
	cr_assert_eq(description.span_ns, 0);
	cr_assert_str_eq(description.source_second, "");
}

Test(clock, without_anything_it_says_so) {
	struct clock clock;
	world(1000, 1000, 32);
	clock_start(&clock, fake_ticks, NULL, 0, "", "TSC", false);
	cr_assert_eq(clock_hz(&clock), 0);
}

Test(clock, a_64_bit_reference_never_wraps) {
	struct arch_reference reference = world(2596144000, 1000000000, 64);
	struct clock clock;
	clock_start(&clock, fake_ticks, &reference, 0, "", "TSC", false);
	now_ns += 3600 * NS_PER_SECOND;
	clock_anchor_add(&clock);
	assert_near(clock_hz(&clock), true_hz, 1);
}

/* ---- which reference --------------------------------------------------------------------------------------------- */

static unsigned pm_timers, pits, hpets; /* how often each was looked for */
static bool has_pm_timer, has_pit, has_hpet;

static bool pm_timer_find(struct arch_reference *reference) {
	pm_timers++;
	*reference = (struct arch_reference){"ACPI PM timer", 3579545, 24, fake_reference};
	return has_pm_timer;
}

static bool pit_find(struct arch_reference *reference) {
	pits++;
	*reference = (struct arch_reference){"PIT", 1193182, 16, fake_reference};
	return has_pit;
}

static bool hpet_find(struct arch_reference *reference) {
	hpets++;
	*reference = (struct arch_reference){"HPET", 14318180, 32, fake_reference};
	return has_hpet;
}

/* Said of each kind before anything of it is touched. */
static void begins(unsigned kind) {
	const unsigned found[] = {pm_timers, pits, hpets};
	cr_assert_lt(kind, 3);
	cr_expect_eq(found[kind], 0, "kind %u was looked for before", kind);
}

static void expect_references(bool pm_timer, bool pit, bool hpet, const char *first, const char *second) {
	struct clock_candidates candidates = {.find = {pm_timer_find, pit_find, hpet_find}};
	struct arch_reference reference;
	pm_timers = pits = hpets = 0;
	has_pm_timer = pm_timer, has_pit = pit, has_hpet = hpet;
	bool found = clock_reference_find(&candidates, 0, begins, &reference);
	cr_assert_eq(found, first != NULL);
	if (found)
		cr_expect_str_eq(reference.name, first);
	if (found && pm_timer)
		cr_expect_eq(pits + hpets, 0, "nothing is started that nobody asked for");
	found = clock_reference_find(&candidates, 1, begins, &reference);
	cr_assert_eq(found, second != NULL);
	if (found)
		cr_expect_str_eq(reference.name, second);
	clock_reference_find(&candidates, 1, begins, &reference);
	cr_expect(pm_timers <= 1 && pits <= 1 && hpets <= 1, "one that counts must not be started again");
}

Test(clock, references_in_their_order) {
	expect_references(true, true, true, "ACPI PM timer", "PIT");
	expect_references(true, false, true, "ACPI PM timer", "HPET");
	expect_references(false, true, false, "PIT", NULL);
	expect_references(false, false, true, "HPET", NULL);
	expect_references(false, false, false, NULL, NULL);
}

/* What a hypervisor passes through of the processor's own words is not how fast it lets the TSC count. */
Test(clock, a_reference_decides_against_what_is_stated_and_is_named) {
	world(2500000000u, 14318180, 32);
	struct clock_candidates candidates = {.find = {pm_timer_find, pit_find, hpet_find}};
	has_pm_timer = has_pit = false, has_hpet = true;
	struct arch_reference reference;
	cr_assert(clock_reference_find(&candidates, 0, begins, &reference));
	struct clock clock;
	clock_start(&clock, fake_ticks, &reference, 2100000000u, "CPUID 0x15", "TSC", true);
	now_ns += 500 * MS;
	clock_anchor_add(&clock);
	struct platform_clock description;
	clock_describe(&clock, &no_second, &description);
	assert_near(description.hz, true_hz, 5);
	cr_expect_str_eq(description.source, "HPET");
	cr_expect_eq(description.hz_second, 2100000000u);
	cr_expect_str_eq(description.source_second, "CPUID 0x15");
}
