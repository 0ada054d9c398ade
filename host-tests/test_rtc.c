/* SPDX-License-Identifier: Apache-2.0
 *
 * lib/rtc.c on a clock that is made up.
 */
#include "lib/rtc.h"

#include <criterion/criterion.h>

static struct {
	uint8_t registers[128], index;
	unsigned accesses, updating; /* reads of register A that say so */
} clock;

static uint8_t read8(uint16_t port) {
	cr_assert_eq(port, 0x71);
	clock.accesses++;
	if ((clock.index & 0x7f) == 0x0a && clock.updating) {
		clock.updating--;
		clock.registers[0]++;
		return 0x80;
	}
	return clock.registers[clock.index & 0x7f];
}

static void write8(uint16_t port, uint8_t value) {
	cr_assert_eq(port, 0x70);
	clock.accesses++;
	clock.index = value;
}

static const struct port_io io = {.read8 = read8, .write8 = write8};

static void set(uint8_t second, uint8_t minute, uint8_t hour, uint8_t day, uint8_t month, uint8_t year, uint8_t status,
		uint8_t century) {
	memset(&clock, 0, sizeof(clock));
	clock.registers[0] = second;
	clock.registers[2] = minute;
	clock.registers[4] = hour;
	clock.registers[7] = day;
	clock.registers[8] = month;
	clock.registers[9] = year;
	clock.registers[0xb] = status;
	clock.registers[0x32] = century;
}

static const char *date(void) {
	static char text[CIVIL_TEXT_BYTES];
	uint64_t seconds = 0;
	civil_text(rtc_read(&io, &seconds) ? seconds : 0, text);
	cr_assert_lt(clock.accesses, 1000);
	cr_assert_eq(clock.index, 0x0d, "NMI is let through again");
	return text;
}

Test(rtc, reads_every_form) {
	set(0x06, 0x05, 0x16, 0x03, 0x02, 0x31, 0x02, 0x20);
	cr_assert_str_eq(date(), "2031-02-03T16:05:06Z", "decimal digits, 24 hours");
	set(0x06, 0x05, 0x84, 0x03, 0x02, 0x31, 0x00, 0x20);
	cr_assert_str_eq(date(), "2031-02-03T16:05:06Z", "12 hours, afternoon");
	set(0x06, 0x05, 0x12, 0x03, 0x02, 0x31, 0x00, 0x20);
	cr_assert_str_eq(date(), "2031-02-03T00:05:06Z", "12 at night");
	set(6, 5, 0x8c, 3, 2, 31, 0x04, 20);
	cr_assert_str_eq(date(), "2031-02-03T12:05:06Z", "binary, noon");
	set(6, 5, 16, 3, 2, 31, 0x06, 0xff);
	cr_assert_str_eq(date(), "2031-02-03T16:05:06Z", "no century");
	set(6, 5, 16, 3, 2, 5, 0x06, 21);
	cr_assert_str_eq(date(), "2105-02-03T16:05:06Z", "another century");
}

Test(rtc, does_not_believe_what_is_no_date) {
	set(0x06, 0x05, 0x16, 0x03, 0x02, 0x19, 0x02, 0x20);
	cr_assert_str_eq(date(), "unknown", "before any clock of ours");
	set(0x6a, 0x05, 0x16, 0x03, 0x02, 0x31, 0x02, 0x20);
	cr_assert_str_eq(date(), "unknown", "no decimal digit");
	set(0x06, 0x05, 0x13, 0x03, 0x02, 0x31, 0x00, 0x20);
	cr_assert_str_eq(date(), "unknown", "13 of 12 hours");
	memset(&clock, 0xff, sizeof(clock));
	clock.accesses = clock.updating = 0;
	cr_assert_str_eq(date(), "unknown", "nothing answers");
	set(0, 0, 0, 0, 0, 0, 0, 0);
	cr_assert_str_eq(date(), "unknown", "a clock that was never set");
}

Test(rtc, waits_for_an_update_and_not_for_ever) {
	set(0x00, 0x05, 0x16, 0x03, 0x02, 0x31, 0x02, 0x20);
	clock.updating = 5;
	cr_assert_str_eq(date(), "2031-02-03T16:05:05Z");
	set(0x00, 0x05, 0x16, 0x03, 0x02, 0x31, 0x06, 0x20);
	clock.updating = 100000;
	cr_assert_str_eq(date(), "unknown", "it never ends, and two readings differ");
}
