/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/escapes.h"

static const struct {
	const char *name, *words;
} table[ESCAPE_COUNT] = {
	[ESCAPE_CONSOLE] = {"console", ESCAPE_CONSOLE_WORDS}, [ESCAPE_WATCHDOG] = {"watchdog", ESCAPE_SWITCH_WORDS},
	[ESCAPE_TIMER] = {"timer", ESCAPE_TIMER_WORDS},       [ESCAPE_PAGES] = {"pages", ESCAPE_PAGES_WORDS},
	[ESCAPE_SMP] = {"smp", ESCAPE_SWITCH_WORDS},
};

const char *escape_name(enum escape escape) {
	return table[escape].name;
}

/* The next word of a list, the commas and the last "or" passed over; empty at its end. */
static struct conf_span word_next(const char **list) {
	struct conf_span word;
	do {
		while (**list == ' ' || **list == ',')
			++*list;
		word = (struct conf_span){*list, 0};
		for (; **list != '\0' && **list != ' ' && **list != ','; ++*list)
			word.length++;
	} while (conf_span_is(word, "or"));
	return word;
}

struct conf_span escape_word(enum escape escape, unsigned value) {
	const char *list = table[escape].words;
	struct conf_span word = word_next(&list);
	for (unsigned i = 0; i < value; i++)
		word = word_next(&list);
	return word;
}

void escapes_ask(struct conf_key keys[ESCAPE_COUNT]) {
	for (unsigned i = 0; i < ESCAPE_COUNT; i++)
		keys[i] = (struct conf_key){.key = table[i].name};
}

static bool spans_equal(struct conf_span a, struct conf_span b) {
	size_t i = 0;
	while (i < a.length && i < b.length && a.bytes[i] == b.bytes[i])
		i++;
	return i == a.length && i == b.length;
}

bool escape_read(enum escape escape, struct conf_span word, unsigned *value) {
	const char *list = table[escape].words;
	*value = 0;
	for (struct conf_span next; (next = word_next(&list)).length > 0; ++*value) {
		if (spans_equal(next, word))
			return true;
	}
	return false;
}

struct escapes escapes_read(const struct conf_key keys[ESCAPE_COUNT]) {
	struct escapes escapes = {{0}};
	for (unsigned i = 0; i < ESCAPE_COUNT; i++) {
		unsigned value;
		if (keys[i].value.length > 0 && escape_read((enum escape)i, keys[i].value, &value))
			escapes.value[i] = (uint8_t)value;
	}
	return escapes;
}

/* ---- steps ------------------------------------------------------------------------------------------------------- */

static const struct {
	const char *word, *label;
} steps[STEP_COUNT] = {
	[STEP_NONE] = {"none", "nothing"},
	[STEP_SERIAL] = {"serial", "the serial port"},
	[STEP_SCREEN] = {"screen", "the screen"},
	[STEP_PROCESSOR] = {"processor", "the processor and its watchdog"},
	[STEP_PM_TIMER] = {"pm-timer", "the ACPI PM timer"},
	[STEP_PIT] = {"pit", "the PIT"},
	[STEP_HPET] = {"hpet", "the HPET"},
	[STEP_PAGES] = {"pages", "the page tables"},
	[STEP_PROGRAMME] = {"programme", "the programme's start"},
	[STEP_CORES] = {"cores", "another core"},
	[STEP_STARTED] = {"started", "nothing"},
};

const char *step_word(enum start_step step) {
	return steps[step].word;
}

const char *step_label(enum start_step step) {
	return steps[step].label;
}

enum start_step step_read(struct conf_span word) {
	unsigned step = STEP_COUNT - 1;
	while (step > STEP_NONE && !conf_span_is(word, steps[step].word))
		step--;
	return (enum start_step)step;
}

/* The other console, where that is not left out as well. */
static unsigned console_without(unsigned now, unsigned other) {
	return now == CONSOLE_AUTO ? other : now == other ? now : CONSOLE_NONE;
}

static enum escape escape_of(enum start_step step, unsigned *value, const struct escapes *escapes) {
	switch (step) {
	case STEP_SERIAL:
		*value = console_without(escapes->value[ESCAPE_CONSOLE], CONSOLE_SCREEN);
		return ESCAPE_CONSOLE;
	case STEP_SCREEN:
		*value = console_without(escapes->value[ESCAPE_CONSOLE], CONSOLE_SERIAL);
		return ESCAPE_CONSOLE;
	case STEP_PROCESSOR:
		*value = SWITCH_OFF;
		return ESCAPE_WATCHDOG;
	case STEP_PM_TIMER:
	case STEP_PIT:
	case STEP_HPET:
		*value = (unsigned)(step - STEP_PM_TIMER) + TIMER_PIT;
		return ESCAPE_TIMER;
	case STEP_PAGES:
		*value = PAGES_4K;
		return ESCAPE_PAGES;
	case STEP_CORES:
		*value = SWITCH_OFF;
		return ESCAPE_SMP;
	default:
		return ESCAPE_COUNT;
	}
}

enum escape step_escape(enum start_step step) {
	const struct escapes none = {{0}};
	unsigned value;
	return escape_of(step, &value, &none);
}

enum escape escapes_after(enum start_step step, struct escapes *escapes) {
	unsigned value = 0;
	enum escape escape = escape_of(step, &value, escapes);
	if (escape == ESCAPE_COUNT || escapes->value[escape] >= value)
		return ESCAPE_COUNT;
	escapes->value[escape] = (uint8_t)value;
	return escape;
}
