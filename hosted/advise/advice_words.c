/* SPDX-License-Identifier: Apache-2.0
 *
 * An advice for people, and as JSON.
 */
#include "hosted/advise/advice.h"

#include "hosted/advise/settings.h"
#include "hosted/apply/apply.h"
#include "hosted/profile/tunables.h"
#include "lib/units.h"

#include <inttypes.h>

const char *advice_part_name(enum advice_part part) {
	static const char *const names[ADVICE_PARTS] = {"memory", "allocation", "compute"};
	return names[part];
}

const char *advice_kind_name(enum advice_kind kind) {
	static const char *const names[ADVICE_KINDS] = {"memory", "allocation", "compute", "mixed"};
	return names[kind];
}

const char *advice_setting_name(enum advice_setting setting) {
	static const char *const names[ADVICE_SETTINGS] = {"kernels", "pools", "huge pages"};
	return names[setting];
}

static const char *missing_name(enum advice_missing missing) {
	static const char *const names[] = {
		[ADVICE_COMPLETE] = "",
		[ADVICE_NOTHING_RECORDED] = "no process loaded the library that counts, or had room for its counts",
		[ADVICE_TOO_SHORT] = "it ran for less than 5 ms of CPU time: starting it is all there is to see",
		[ADVICE_OTHER_MACHINE] = "it was recorded on another machine, or by another build; record it here",
	};
	return names[missing];
}

void advice_pool_sizes(const struct advice *advice, struct text *text) {
	bool any = false;
	for (uint32_t class = 0; class < COUNTS_CLASSES; class += 1) {
		if (!advice->pooled[class])
			continue;
		uint32_t end = class;
		while (end + 1 < COUNTS_CLASSES && advice->pooled[end + 1])
			end++;
		text_format(text, "%s%" PRIu64 "-%" PRIu64, any ? "," : "", counts_least(class),
			    counts_least(end + 1) - 1);
		any = true;
		class = end;
	}
}

/* For a shell; a name in quotes would be no variable to it. */
static void add_huge(const char *tunables, struct text *text) {
	struct text value = {0};
	tunables_join(tunables, SETTINGS_HUGE, &value);
	text_add(&value, "", 1);
	text_add_string(text, TUNABLES_VARIABLE "=");
	if (value.failed)
		text->failed = true;
	else
		apply_add_quoted(value.bytes, text);
	text_add_string(text, " ");
	text_free(&value);
}

void advice_command(const struct advice *advice, enum advice_setting setting, struct text *text) {
	if (setting == ADVICE_HUGE) {
		add_huge(advice->tunables, text);
	} else if (setting == ADVICE_KERNELS) {
		text_add_string(text, "anechoic apply -- ");
	} else {
		text_add_string(text, "anechoic apply --no-kernels --pools=");
		advice_pool_sizes(advice, text);
		text_add_string(text, " -- ");
	}
}

/* ---- for people -------------------------------------------------------------------------------------------------- */

void advice_show_range(const struct advice_range *range, bool is_gain, struct text *text) {
	text_format(text, is_gain ? "%+6.1f %% [%+.1f %+.1f]" : "%6.1f %% [%.1f %.1f]", 100 * range->point,
		    100 * range->lower, 100 * range->upper);
}

void advice_show_gain(const struct advice *advice, enum advice_setting setting, struct text *text) {
	if (advice->settings[setting].measured)
		advice_show_range(&advice->settings[setting].gain, true, text);
	else
		text_add_string(text, setting == ADVICE_POOLS     ? "   none for any size of block"
				      : setting == ADVICE_KERNELS ? "   none for any call"
				      : advice->huge_pages_off    ? "   none: they are off"
								  : "   not measured here");
}

static void show_settings(const struct advice *advice, struct text *text) {
	text_format(text, "%-12s %s\n", "setting", "time that it gains");
	for (enum advice_setting setting = 0; setting < ADVICE_SETTINGS; setting++) {
		text_format(text, "%-12s ", advice_setting_name(setting));
		advice_show_gain(advice, setting, text);
		text_add_string(text, "\n");
	}
}

void advice_show_notes(const struct advice *advice, struct text *text) {
	if (advice->tunables && *advice->tunables)
		text_add_string(text, TUNABLES_VARIABLE " is set, and stays in what is advised.\n");
	if (advice->huge_pages_off)
		text_add_string(text, "Huge pages are off on this machine: " SETTINGS_HUGE_SWITCH " says never.\n");
	if (advice->huge_pages_on)
		text_add_string(text,
				"Huge pages are on already for all memory: " SETTINGS_HUGE_SWITCH " says always.\n");
	if (advice->page_walks_unknown)
		text_add_string(text, "Huge pages may gain more than that: a record does not tell how often an address "
				      "misses the TLB.\n");
}

void advice_show_kind(const struct record *record, const struct advice *advice, struct text *text) {
	if (advice->missing) {
		text_format(text, "%s: no advice: %s\n", record->program, missing_name(advice->missing));
		return;
	}
	text_format(text, "%s: %s (%.0f %% sure); %.3f s of CPU time, and %.3f s that recording it took\n",
		    record->program, advice_kind_name(advice->kind), 100 * advice->sure[advice->kind],
		    advice->time_ns / (double)NS_PER_SECOND, advice->recording_ns / (double)NS_PER_SECOND);
}

void advice_show_best(const struct record *record, const struct advice *advice, struct text *text) {
	if (advice->best == ADVICE_SETTINGS) {
		text_add_string(text, "nothing to gain, not 1 % for sure");
		return;
	}
	advice_command(advice, advice->best, text);
	text_format(text, "%s ...", record->program);
}

void advice_show(const struct record *record, const struct advice *advice, struct text *text) {
	advice_show_kind(record, advice, text);
	if (advice->missing)
		return;
	for (enum advice_part part = 0; part < ADVICE_PARTS; part++) {
		text_format(text, "%-12s ", advice_part_name(part));
		advice_show_range(&advice->parts[part], false, text);
		text_add_string(text, "\n");
	}
	show_settings(advice, text);
	advice_show_notes(advice, text);
	text_add_string(text, "advice: ");
	advice_show_best(record, advice, text);
	text_add_string(text, "\n");
}

/* ---- as JSON ----------------------------------------------------------------------------------------------------- */

static void add_members(struct text *json, const struct advice_range *range) {
	text_member_double(json, "point", range->point);
	text_member_double(json, "lower", range->lower);
	text_member_double(json, "upper", range->upper);
}

static void write_settings(const struct advice *advice, struct text *json) {
	text_member_array(json, "settings");
	for (enum advice_setting setting = 0; setting < ADVICE_SETTINGS; setting++) {
		struct text command = {0};
		if (!advice->settings[setting].measured)
			continue;
		text_member_object(json, NULL);
		text_member_string(json, "name", advice_setting_name(setting));
		text_member_object(json, "gain");
		add_members(json, &advice->settings[setting].gain);
		text_add_string(json, "}");
		advice_command(advice, setting, &command);
		text_add(&command, "", 1);
		text_member_string(json, "command", command.failed ? "" : command.bytes);
		text_member_bool(json, "advised", advice->best == setting);
		text_add_string(json, "}");
		text_free(&command);
	}
	text_add_string(json, "]");
}

void advice_write(const struct record *record, const struct advice *advice, struct text *json) {
	text_add_string(json, "{");
	text_member_string(json, "schema", "anechoic-advice/1");
	text_member_string(json, "program", record->program);
	if (advice->missing) {
		text_member_string(json, "missing", missing_name(advice->missing));
		text_add_string(json, "}\n");
		return;
	}
	text_member_string(json, "kind", advice_kind_name(advice->kind));
	text_member_object(json, "sure");
	for (enum advice_kind kind = 0; kind < ADVICE_KINDS; kind++)
		text_member_double(json, advice_kind_name(kind), advice->sure[kind]);
	text_add_string(json, "}");
	text_member_double(json, "time_ns", advice->time_ns);
	text_member_double(json, "recording_ns", advice->recording_ns);
	text_member_object(json, "parts");
	for (enum advice_part part = 0; part < ADVICE_PARTS; part++) {
		text_member_object(json, advice_part_name(part));
		add_members(json, &advice->parts[part]);
		text_add_string(json, "}");
	}
	text_add_string(json, "}");
	write_settings(advice, json);
	text_member_bool(json, "huge_pages_off", advice->huge_pages_off);
	text_member_bool(json, "huge_pages_on", advice->huge_pages_on);
	text_member_bool(json, "page_walks_unknown", advice->page_walks_unknown);
	text_add_string(json, "}\n");
}
