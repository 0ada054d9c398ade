/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys that leave parts of the machine out, and what is left out after which step of a start.
 */
#include "lib/escapes.h"

#include <criterion/criterion.h>
#include <string.h>

static struct escapes read_text(const char *config, const char *words) {
	struct conf_key keys[ESCAPE_COUNT];
	escapes_ask(keys);
	conf_find_all(config, strlen(config), words, strlen(words), keys, ESCAPE_COUNT);
	return escapes_read(keys);
}

Test(escapes, keys_and_their_words) {
	struct escapes all = read_text("console = screen\ntimer = hpet\npages = 4k\n", "--smp=off pool --watchdog=off");
	cr_expect_eq(all.value[ESCAPE_CONSOLE], CONSOLE_SCREEN);
	cr_expect_eq(all.value[ESCAPE_TIMER], TIMER_HPET);
	cr_expect_eq(all.value[ESCAPE_PAGES], PAGES_4K);
	cr_expect_eq(all.value[ESCAPE_SMP], SWITCH_OFF);
	cr_expect_eq(all.value[ESCAPE_WATCHDOG], SWITCH_OFF);
	cr_expect_eq(read_text("smp = off\n", "--smp=on").value[ESCAPE_SMP], SWITCH_ON, "the last counts");
	cr_expect_eq(read_text("console = none", "").value[ESCAPE_CONSOLE], CONSOLE_NONE);
	cr_expect_eq(read_text("timer = none", "").value[ESCAPE_TIMER], TIMER_NONE);
}

Test(escapes, other_words_leave_nothing_out) {
	static const char *const texts[] = {
		"smp\n",        "smp =\n",        "smp = OFF\n",          "smp = offf\n",      "smp = or\n",
		"timer = pi\n", "timer = pit,\n", "timer = \"pit or\"\n", "console = ttyS0\n", "pages = 4K\n",
		"pages = 2m\n", "watchdog = ,\n",
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct escapes escapes = read_text(texts[i], ""), none = {{0}};
		cr_expect_arr_eq(escapes.value, none.value, ESCAPE_COUNT, "%s", texts[i]);
	}
}

Test(escapes, a_value_is_read_back_from_its_word) {
	static const unsigned values[ESCAPE_COUNT] = {
		[ESCAPE_CONSOLE] = 4, [ESCAPE_WATCHDOG] = 2, [ESCAPE_TIMER] = 4, [ESCAPE_PAGES] = 2, [ESCAPE_SMP] = 2};
	for (unsigned escape = 0; escape < ESCAPE_COUNT; escape++) {
		struct conf_key keys[ESCAPE_COUNT];
		for (unsigned value = 0; value < values[escape]; value++) {
			escapes_ask(keys);
			cr_assert(conf_span_is((struct conf_span){keys[escape].key, strlen(keys[escape].key)},
					       escape_name((enum escape)escape)));
			keys[escape].value = escape_word((enum escape)escape, value);
			cr_expect_eq(escapes_read(keys).value[escape], value, "%s %u", keys[escape].key, value);
		}
		cr_expect_eq(escape_word((enum escape)escape, values[escape]).length, 0, "there is no further word");
	}
}

Test(escapes, steps_are_read_back_from_their_words) {
	for (unsigned step = STEP_SERIAL; step < STEP_COUNT; step++) {
		const char *word = step_word((enum start_step)step);
		cr_expect_eq(step_read((struct conf_span){word, strlen(word)}), step, "%s", word);
	}
	cr_expect_eq(step_read((struct conf_span){"pits", 4}), STEP_NONE);
	cr_expect_eq(step_read((struct conf_span){NULL, 0}), STEP_NONE);
}

Test(escapes, after_a_step_its_part_is_left_out_once) {
	struct escapes escapes = {{0}};
	cr_expect_eq(escapes_after(STEP_PIT, &escapes), ESCAPE_TIMER);
	cr_expect_eq(escapes.value[ESCAPE_TIMER], TIMER_HPET);
	cr_expect_eq(escapes_after(STEP_PM_TIMER, &escapes), ESCAPE_COUNT, "what comes before it is left out already");
	cr_expect_eq(escapes_after(STEP_HPET, &escapes), ESCAPE_TIMER);
	cr_expect_eq(escapes.value[ESCAPE_TIMER], TIMER_NONE);
	cr_expect_eq(escapes_after(STEP_SCREEN, &escapes), ESCAPE_CONSOLE);
	cr_expect_eq(escapes.value[ESCAPE_CONSOLE], CONSOLE_SERIAL);
	cr_expect_eq(escapes_after(STEP_SCREEN, &escapes), ESCAPE_COUNT);
	cr_expect_eq(escapes_after(STEP_SERIAL, &escapes), ESCAPE_CONSOLE);
	cr_expect_eq(escapes.value[ESCAPE_CONSOLE], CONSOLE_NONE);
	for (unsigned step = STEP_SERIAL; step < STEP_COUNT; step++)
		escapes_after((enum start_step)step, &escapes);
	for (unsigned step = STEP_NONE; step < STEP_COUNT; step++)
		cr_expect_eq(escapes_after((enum start_step)step, &escapes), ESCAPE_COUNT, "all is left out: %u", step);
}
