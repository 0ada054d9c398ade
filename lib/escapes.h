/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys that leave out a part of the machine which a start came to grief on, read in one way by the loader and the
 * kernel, and what to leave out after a start that stopped. Pure.
 *
 * A word that a key does not have counts as none; the programme names it (bench/options.c).
 */
#pragma once

#include "lib/conf.h"

#include <stdbool.h>
#include <stdint.h>

enum escape {
	ESCAPE_CONSOLE,
	ESCAPE_WATCHDOG,
	ESCAPE_TIMER,
	ESCAPE_PAGES,
	ESCAPE_SMP,
	ESCAPE_COUNT,
};

/* What a key may say, as people are told it; by their order, from 0 on, the words are the enumerations below. The
 * first is what it is without the key. */
#define ESCAPE_CONSOLE_WORDS "auto, serial, screen or none"
#define ESCAPE_SWITCH_WORDS  "on or off"
#define ESCAPE_TIMER_WORDS   "auto, pit, hpet or none"
#define ESCAPE_PAGES_WORDS   "auto or 4k"

enum escape_console { CONSOLE_AUTO, CONSOLE_SERIAL, CONSOLE_SCREEN, CONSOLE_NONE };
enum escape_switch { SWITCH_ON, SWITCH_OFF }; /* WATCHDOG, SMP */
/* The first of the reference counters that is looked for, in the order in which a PC's are: ACPI's, the PIT, the HPET;
 * NONE: the processor's own word for its frequency has to do. */
enum escape_timer { TIMER_AUTO, TIMER_PIT, TIMER_HPET, TIMER_NONE };
enum escape_pages { PAGES_AUTO, PAGES_4K };

struct escapes {
	uint8_t value[ESCAPE_COUNT];
};

const char *escape_name(enum escape escape);

/* The word of a value that it has; its length is in the span. */
struct conf_span escape_word(enum escape escape, unsigned value);

/* The parts of a start, in their order, each of which may be the machine's last word; what the loader writes down as
 * each begins (boot/trail.h). CORES: of another core, the first that is asked for. STARTED: all of them are over. */
enum start_step {
	STEP_NONE,
	STEP_SERIAL,
	STEP_SCREEN,
	STEP_PROCESSOR,
	STEP_PM_TIMER, /* the reference counters, in the order of enum escape_timer */
	STEP_PIT,
	STEP_HPET,
	STEP_PAGES,
	STEP_PROGRAMME,
	STEP_CORES,
	STEP_STARTED,
	STEP_COUNT,
};

/* "pit", one word; and "the PIT". */
const char *step_word(enum start_step step);
const char *step_label(enum start_step step);

/* STEP_NONE where it is no such word. */
enum start_step step_read(struct conf_span word);

/* The key that is about that step; ESCAPE_COUNT: none is. */
enum escape step_escape(enum start_step step);

/* What is to be left out after a start with `escapes` that stopped at `step`; ESCAPE_COUNT: nothing leaves that out, or
 * it is left out already. */
enum escape escapes_after(enum start_step step, struct escapes *escapes);

/* false: the key has no such word; an absent one is none either. */
bool escape_read(enum escape escape, struct conf_span word, unsigned *value);

/* To be looked for with conf_find_all, and what was found. */
void escapes_ask(struct conf_key keys[ESCAPE_COUNT]);
struct escapes escapes_read(const struct conf_key keys[ESCAPE_COUNT]);
