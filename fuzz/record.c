/* SPDX-License-Identifier: Apache-2.0
 *
 * Records, whatever they are: refused with a word, or one that is written and read as the same, shown, and advised on.
 * The same bytes as a program that is to be recorded, and as costs.
 */
#include "hosted/record/record.h"

#include "fuzz/fuzz.h"
#include "host-tests/advise_fixture.h"
#include "hosted/advise/advice.h"
#include "hosted/preload/program.h"

#include <math.h>
#include <string.h>

/* What is played back of any record comes through a command line as it was. */
static void check_mixture(const struct record *record) {
	struct replay_mixture mixture, again;
	struct text word = {0};
	if (!replay_mixture_of(record, &mixture))
		return;
	replay_mixture_write(&mixture, &word);
	text_add(&word, "", 1);
	need(replay_mixture_read(word.bytes, &again));
	need(mixture.blocks == again.blocks && mixture.group_count == again.group_count &&
	     memcmp(mixture.sizes, again.sizes, sizeof(again.sizes)) == 0 &&
	     memcmp(mixture.groups, again.groups, again.group_count * sizeof(again.groups[0])) == 0);
	text_free(&word);
}

static void check_advice(struct record *record) {
	static struct costs costs;
	struct advice advice;
	struct text json = {0}, shown = {0};
	advise_fixture_costs(&costs);
	record->machine = costs.machine;
	check_mixture(record);
	advice_make(record, &costs, NULL, &advice);
	advice_write(record, &advice, &json);
	advice_show(record, &advice, &shown);
	for (int setting = 0; setting < ADVICE_SETTINGS; setting++)
		need(isfinite(advice.settings[setting].gain.lower) && isfinite(advice.settings[setting].gain.upper));
	for (int part = 0; part < ADVICE_PARTS; part++)
		need(advice.parts[part].lower >= 0 && advice.parts[part].upper <= 1);
	text_free(&json);
	text_free(&shown);
}

static void check_costs(const uint8_t *bytes, size_t length) {
	static struct costs costs, back;
	struct text complaint = {0}, json = {0};
	bool good = costs_read((const char *)bytes, length, "input", &costs, &complaint);
	need(good == (complaint.length == 0));
	if (good) {
		costs_write(&costs, &json);
		need(costs_read(json.bytes, json.length, "written", &back, &complaint));
	}
	text_free(&complaint);
	text_free(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
	static struct record record, back;
	struct text complaint = {0}, json = {0}, table = {0}, why = {0};
	bool good = record_read((const char *)bytes, length, "input", &record, &complaint);
	need(good == (complaint.length == 0));
	if (good) {
		record_write(&record, &json);
		need(record_read(json.bytes, json.length, "written", &back, &complaint));
		need(memcmp(&record, &back, sizeof(record)) == 0);
		record_show(&record, &table);
		check_advice(&record);
	}
	check_costs(bytes, length);
	need(program_refuse(bytes, length, &why) == (why.length != 0));
	text_free(&complaint);
	text_free(&json);
	text_free(&table);
	text_free(&why);
	return 0;
}
