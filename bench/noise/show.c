/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/noise/noise.h"
#include "lib/units.h"
#include "platform.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- figures ----------------------------------------------------------------------------------------------------- */

static double ns_of(const struct noise *noise, double ticks) {
	return ticks * NS_PER_SECOND / (double)noise->hz;
}

static double available(const struct noise_core *core, uint64_t lost) {
	return core->looked != 0 ? 1 - (double)lost / (double)core->looked : 0;
}

static double per_second(const struct noise *noise, const struct noise_core *core, double events) {
	return core->looked != 0 ? events * (double)noise->hz / (double)core->looked : 0;
}

/* ---- for people -------------------------------------------------------------------------------------------------- */

enum { TIME_BYTES = 24, PERIODS_SHOWN = 4 };

static const char *time_text(char bytes[TIME_BYTES], double ns) {
	static const struct {
		double ns;
		const char *name;
	} units[] = {{1, "ns"}, {NS_PER_US, "us"}, {NS_PER_MS, "ms"}, {NS_PER_SECOND, "s"}};
	unsigned unit = 0;
	while (unit + 1 < sizeof(units) / sizeof(units[0]) && ns >= units[unit + 1].ns)
		unit++;
	double value = ns / units[unit].ns;
	snprintf(bytes, TIME_BYTES, "%.*f %s",
		 value < 10     ? 3
		 : value < 100  ? 2
		 : value < 1000 ? 1
				: 0,
		 value, units[unit].name);
	return bytes;
}

static void add_core_row(struct text *text, const struct noise *noise, const struct noise_core *core) {
	char looked[TIME_BYTES], lost[TIME_BYTES], longest[TIME_BYTES] = "-";
	if (core->longest_count != 0)
		time_text(longest, ns_of(noise, (double)core->longest[0].ticks));
	text_format(text, "%4u %4" PRIu64 "  %8s  %10.6f %%  %9s  %9s %10" PRIu64 " %11" PRIu64 "  ", core->core,
		    core->cpu, time_text(looked, ns_of(noise, (double)core->looked)),
		    100 * available(core, core->lost_to_us), time_text(lost, ns_of(noise, (double)core->lost_to_us)),
		    longest, core->over_us, core->detours);
	text_format(text, "%s%.3g\n", core->over_us == 0 ? "< " : "",
		    per_second(noise, core, core->over_us == 0 ? noise_rate_upper(0) : (double)core->over_us));
}

static void add_fixed_row(struct text *text, const struct noise *noise, const struct noise_core *core) {
	const struct noise_fixed *fixed = &core->fixed;
	char least[TIME_BYTES], quantum[TIME_BYTES];
	if (fixed->works == 0 || fixed->quanta == 0)
		return;
	text_format(text,
		    "core %u: of %" PRIu64
		    " times the same work, %s at the shortest, the median takes %.2f %% longer, the longest %.1f "
		    "%%;\n        variation %.3f %%; of equal times of %s %.3f %% is not there, variation %.3f %%\n",
		    core->core, fixed->works, time_text(least, ns_of(noise, fixed->least)),
		    100 * (fixed->median / fixed->least - 1), 100 * (fixed->longest / fixed->least - 1),
		    100 * fixed->variation, time_text(quantum, ns_of(noise, fixed->quantum)), 100 * fixed->lost,
		    100 * fixed->quanta_variation);
}

static void add_period(struct text *text, const struct noise *noise, const struct noise_core *core,
		       const struct noise_period *period, const char *where) {
	char every[TIME_BYTES], length[TIME_BYTES];
	text_format(text, "core %u: every %s (%.4g Hz) %s%s", core->core, time_text(every, ns_of(noise, period->ticks)),
		    (double)noise->hz / period->ticks, time_text(length, ns_of(noise, period->length)), where);
	if (period->events != 0)
		text_format(text, ", in %.0f %% of its turns", 100 * period->turns);
	text_add_string(text, "\n");
}

static void add_periods(struct text *text, const struct noise *noise) {
	size_t before = text->length;
	text_add_string(text, "periods\n");
	size_t head = text->length;
	for (size_t i = 0; i < noise->core_count; i++) {
		const struct noise_core *core = noise->cores[i];
		for (size_t j = 0; j < core->period_count && j < PERIODS_SHOWN; j++)
			add_period(text, noise, core, &core->periods[j], "");
		for (size_t j = 0; j < core->fixed.period_count && j < PERIODS_SHOWN && core->period_count == 0; j++)
			add_period(text, noise, core, &core->fixed.periods[j], " of work in equal times");
	}
	if (text->length != head)
		return;
	text->length = before;
	text_add_string(text, "periods none that stands out\n");
}

static const struct {
	const char *shown, *name; /* for people; in the file */
} counts[PLATFORM_COUNTS] = {
	[PLATFORM_COUNT_INTERRUPTS] = {"interrupts", "interrupts"},
	[PLATFORM_COUNT_NMIS] = {"NMIs", "nmis"},
	[PLATFORM_COUNT_SMIS] = {"SMIs", "smis"},
	[PLATFORM_COUNT_SWITCHES] = {"switches", "context_switches"},
	[PLATFORM_COUNT_STOLEN_NS] = {"taken by the host", "stolen_ns"},
};

static void add_count(struct text *text, enum platform_count number, const struct platform_counted *counted) {
	char time[TIME_BYTES];
	if (counted->counting == PLATFORM_COUNTING_NOT)
		return;
	if (number == PLATFORM_COUNT_STOLEN_NS)
		text_format(text, "; %s %s", counts[number].shown, time_text(time, (double)counted->value));
	else
		text_format(text, "; %s %" PRIu64, counts[number].shown, counted->value);
}

static void add_causes(struct text *text, const struct noise *noise, const struct noise_core *core) {
	const struct platform_witness *witness = &core->witness;
	char time[TIME_BYTES];
	bool at_most;
	text_format(text, "core %u: ", core->core);
	if (noise->core_count > 1)
		text_format(text, "%" PRIu64 " of %" PRIu64 " over 1 us on all cores at once", core->together,
			    core->over_us);
	else
		text_add_string(text, "one core: nothing to compare with");
	if (noise->core_count > 1 && core == noise->cores[0])
		text_format(text, " (%.0f by chance)", core->by_chance);
	for (unsigned i = 0; i < PLATFORM_COUNTS; i++)
		add_count(text, (enum platform_count)i, &witness->counts[i]);
	double unknown = noise_unknown_ns(core, noise->hz, &at_most);
	text_format(text, "; unknown %s%s", at_most ? "at most " : "", time_text(time, unknown));
	if (core->backs != 0)
		text_format(text, "; its clock went back %" PRIu64 " times: do not trust its times", core->backs);
	if (witness->elsewhere != 0)
		text_add_string(text, "; it was not always on this core, which went away or is forbidden");
	text_add_string(text, "\n");
}

static void add_plant(struct text *text, const struct noise *noise, const struct noise_core *core) {
	const struct noise_plant *plant = &core->plant;
	char every[TIME_BYTES], length[TIME_BYTES], measured[TIME_BYTES], way[TIME_BYTES];
	if (plant->every_ns == 0)
		return;
	text_format(text,
		    "planted on core %u every %s %s: %" PRIu64
		    " times, %s long as measured where it was done, of which "
		    "%s are the way there and back\n",
		    core->core, time_text(every, (double)plant->every_ns), time_text(length, (double)plant->length_ns),
		    plant->times, time_text(measured, ns_of(noise, plant->measured)),
		    time_text(way, ns_of(noise, plant->way)));
	double found_ns = ns_of(noise, plant->period.ticks), found_length = plant->period.length;
	if (!plant->found || plant->measured <= 0)
		text_add_string(text, "        not found: none of the periods is within 1 % of it\n");
	else
		text_format(text, "        found every %s (%+.2f %%), %s (%+.1f %% of what was measured)\n",
			    time_text(every, found_ns), 100 * (found_ns / (double)plant->every_ns - 1),
			    time_text(length, ns_of(noise, found_length)), 100 * (found_length / plant->measured - 1));
}

/* As those of the first core have it: reasons are the machine's. */
static void add_reasons(struct text *text, const struct noise_core *core) {
	const char *before = "not counted here: ";
	for (unsigned i = 0; i < PLATFORM_COUNTS; i++) {
		const struct platform_counted *counted = &core->witness.counts[i];
		if (counted->counting != PLATFORM_COUNTING_NOT)
			continue;
		text_format(text, "%s%s (%s)", before, counts[i].shown, counted->reason);
		before = "\n                  ";
	}
	text_add_string(text, before[0] == '\n' ? "\n" : "");
}

void noise_show_table(const struct noise *noise, struct text *text) {
	const struct noise_core *first = noise->cores[0];
	char least[TIME_BYTES], threshold[TIME_BYTES];
	if (platform_describe()->emulated[0] != '\0')
		text_format(text, "FUNCTIONAL ONLY, no figure is the hardware's: %s\n", platform_describe()->emulated);
	text_format(text,
		    "room    %zu core%s at once%s; a look every %s (%" PRIu64
		    " ticks) at the best, a detour is over %s\n",
		    noise->core_count, noise->core_count == 1 ? "" : "s", noise->cut ? ", cut off" : "",
		    time_text(least, ns_of(noise, (double)first->least)), first->least,
		    time_text(threshold, ns_of(noise, (double)first->threshold)));
	if (noise->held != NULL)
		text_format(text, "held    %s\n", noise->held);
	if (noise->cores_not != 0)
		text_format(text, "        %u more could not be looked at: they do not start, or there was no memory\n",
			    noise->cores_not);
	text_add_string(text,
			"core  cpu    looked     available       lost    longest  over 1 us     detours  a second\n");
	for (size_t i = 0; i < noise->core_count; i++)
		add_core_row(text, noise, noise->cores[i]);
	text_add_string(text,
			"        available, lost, longest and a second are of those over 1 us, as Linux's hwnoise "
			"counts;\n        \"<\": none was seen, and this many a second would have been, with 95 %\n");
	text_add_string(text, noise->cores[0]->fixed.works != 0 ? "fixed\n" : "");
	for (size_t i = 0; i < noise->core_count; i++)
		add_fixed_row(text, noise, noise->cores[i]);
	add_periods(text, noise);
	add_plant(text, noise, first);
	text_add_string(text, "causes, as far as they can be told\n");
	for (size_t i = 0; i < noise->core_count; i++)
		add_causes(text, noise, noise->cores[i]);
	add_reasons(text, first);
}

/* ---- for programs ------------------------------------------------------------------------------------------------ */

static void add_period_json(struct text *text, const struct noise *noise, const struct noise_period *period) {
	text_member_object(text, NULL);
	text_member_double(text, "every_ns", ns_of(noise, period->ticks));
	text_member_double(text, "length_ns", ns_of(noise, period->length));
	if (period->events != 0) {
		text_member_u64(text, "events", period->events);
		text_member_double(text, "turns", period->turns);
	}
	text_add_string(text, "}");
}

static void add_periods_json(struct text *text, const struct noise *noise, const struct noise_period *periods,
			     size_t count) {
	text_member_array(text, "periods");
	for (size_t i = 0; i < count; i++)
		add_period_json(text, noise, &periods[i]);
	text_add_string(text, "]");
}

static void add_histogram(struct text *text, const struct noise *noise, const struct noise_core *core) {
	text_member_array(text, "histogram");
	for (unsigned i = 0; i < NOISE_BUCKETS; i++) {
		if (core->histogram[i] == 0)
			continue;
		text_member_object(text, NULL);
		text_member_double(text, "from_ns", ns_of(noise, (double)noise_bucket_from(i)));
		text_member_double(text, "below_ns", ns_of(noise, (double)noise_bucket_from(i + 1)));
		text_member_u64(text, "count", core->histogram[i]);
		text_add_string(text, "}");
	}
	text_add_string(text, "]");
}

static void add_longest(struct text *text, const struct noise *noise, const struct noise_core *core) {
	text_member_array(text, "longest");
	for (unsigned i = 0; i < core->longest_count; i++) {
		text_member_object(text, NULL);
		text_member_double(text, "at_ns", ns_of(noise, (double)core->longest[i].begin));
		text_member_double(text, "ns", ns_of(noise, (double)core->longest[i].ticks));
		text_add_string(text, "}");
	}
	text_add_string(text, "]");
}

static void add_fixed_json(struct text *text, const struct noise *noise, const struct noise_fixed *fixed) {
	if (fixed->works == 0)
		return;
	text_member_object(text, "fixed_work");
	text_member_u64(text, "count", fixed->works);
	text_member_double(text, "least_ns", ns_of(noise, fixed->least));
	text_member_double(text, "median_ns", ns_of(noise, fixed->median));
	text_member_double(text, "longest_ns", ns_of(noise, fixed->longest));
	text_member_double(text, "variation", fixed->variation);
	text_add_string(text, "}");
	text_member_object(text, "fixed_time");
	text_member_u64(text, "count", fixed->quanta);
	text_member_double(text, "quantum_ns", ns_of(noise, fixed->quantum));
	text_member_double(text, "lost", fixed->lost);
	text_member_double(text, "variation", fixed->quanta_variation);
	add_periods_json(text, noise, fixed->periods, fixed->period_count);
	text_add_string(text, "}");
}

static void add_witness(struct text *text, const struct platform_witness *witness) {
	text_member_object(text, "counted");
	for (unsigned i = 0; i < PLATFORM_COUNTS; i++)
		if (witness->counts[i].counting != PLATFORM_COUNTING_NOT)
			text_member_u64(text, counts[i].name, witness->counts[i].value);
	text_add_string(text, "}");
	text_member_object(text, "not_counted");
	for (unsigned i = 0; i < PLATFORM_COUNTS; i++)
		if (witness->counts[i].counting == PLATFORM_COUNTING_NOT)
			text_member_string(text, counts[i].name, witness->counts[i].reason);
	text_add_string(text, "}");
	text_member_u64(text, "elsewhere", witness->elsewhere);
}

static void add_plant_json(struct text *text, const struct noise *noise, const struct noise_plant *plant) {
	if (plant->every_ns == 0)
		return;
	text_member_object(text, "planted");
	text_member_u64(text, "every_ns", plant->every_ns);
	text_member_u64(text, "length_ns", plant->length_ns);
	text_member_u64(text, "times", plant->times);
	text_member_double(text, "way_ns", ns_of(noise, plant->way));
	text_member_double(text, "measured_ns", ns_of(noise, plant->measured));
	if (plant->found) {
		text_member_object(text, "found");
		text_member_double(text, "every_ns", ns_of(noise, plant->period.ticks));
		text_member_double(text, "length_ns", ns_of(noise, plant->period.length));
		text_add_string(text, "}");
	}
	text_add_string(text, "}");
}

static void add_over(struct text *text, const struct noise *noise, const struct noise_core *core, const char *name,
		     uint64_t count, uint64_t lost) {
	text_member_object(text, name);
	text_member_u64(text, "count", count);
	text_member_double(text, "lost_ns", ns_of(noise, (double)lost));
	text_member_double(text, "available", available(core, lost));
	text_member_double(text, "a_second_upper", per_second(noise, core, noise_rate_upper(count)));
	text_add_string(text, "}");
}

void noise_write_core(const struct noise *noise, const struct noise_core *core, struct text *text) {
	bool at_most;
	text_member_u64(text, "core", core->core);
	text_member_u64(text, "cpu", core->cpu);
	text_member_double(text, "looked_ns", ns_of(noise, (double)core->looked));
	text_member_u64(text, "looks", core->looks);
	text_member_double(text, "least_look_ns", ns_of(noise, (double)core->least));
	text_member_double(text, "threshold_ns", ns_of(noise, (double)core->threshold));
	text_member_double(text, "longest_ns",
			   core->longest_count != 0 ? ns_of(noise, (double)core->longest[0].ticks) : 0);
	add_over(text, noise, core, "over_1us", core->over_us, core->lost_to_us);
	add_over(text, noise, core, "over_threshold", core->detours, core->lost);
	text_member_u64(text, "length_unknown", core->unseen);
	text_member_u64(text, "clock_went_back", core->backs);
	if (noise->core_count > 1)
		text_member_u64(text, "on_all_cores", core->together);
	if (noise->core_count > 1 && core == noise->cores[0])
		text_member_double(text, "on_all_cores_by_chance", core->by_chance);
	text_member_object(text, "unknown");
	text_member_double(text, "ns", noise_unknown_ns(core, noise->hz, &at_most));
	text_member_bool(text, "at_most", at_most);
	text_add_string(text, "}");
	add_witness(text, &core->witness);
	add_plant_json(text, noise, &core->plant);
	add_periods_json(text, noise, core->periods, core->period_count);
	add_fixed_json(text, noise, &core->fixed);
	add_histogram(text, noise, core);
	add_longest(text, noise, core);
}
