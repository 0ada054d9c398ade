/* SPDX-License-Identifier: Apache-2.0
 *
 * anechoic.log as the loader reads it at the next boot.
 */
#include "boot/log_text.h"
#include "lib/crc32.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static size_t record(char *line, size_t size, const char *payload) {
	return (size_t)snprintf(line, size, "@anechoic %s %08x\n", payload,
				(unsigned)crc32c(0, payload, strlen(payload)));
}

Test(boot_log, used_part_ends_with_its_last_line) {
	cr_expect_eq(log_used_bytes("", 0), 0);
	cr_expect_eq(log_used_bytes("\n\n\n", 3), 0);
	cr_expect_eq(log_used_bytes("abc\n\n\n", 6), 4);
	cr_expect_eq(log_used_bytes("abc\n", 4), 4);
	cr_expect_eq(log_used_bytes("abc", 3), 3);
	cr_expect_eq(log_used_bytes("a\n\nb\n\n", 6), 5);
	cr_expect_eq(log_used_bytes("abc\n\0\0", 6), 4); /* a tail that was never written */
	cr_expect_eq(log_used_bytes("abc\0\0\0", 6), 3);
}

Test(boot_log, a_saved_record_finishes_it) {
	char log[512];
	size_t length = record(log, sizeof(log), "RUN {\"schema\":\"anechoic/1\"}");
	cr_expect_not(log_is_finished(log, length));
	length += record(log + length, sizeof(log) - length, "DONE {\"status\":0}");
	cr_expect_not(log_is_finished(log, length), "its results are not saved");
	length += record(log + length, sizeof(log) - length, "UNSAVED {\"reason\":\"full\"}");
	cr_expect_not(log_is_finished(log, length), "they could not be");
	length += record(log + length, sizeof(log) - length, "SAVED {}");
	cr_expect(log_is_finished(log, length));
	cr_expect_not(log_is_finished(log, length - 1), "its line end is missing");
	cr_expect(log_is_finished("\n", 1) == false);
}

Test(boot_log, cut_at_every_byte_is_unfinished) {
	char log[512];
	size_t length = record(log, sizeof(log), "START {\"name\":\"copy/4KiB\",\"index\":0}");
	length += record(log + length, sizeof(log) - length, "SAVED {\"status\":0}");
	for (size_t cut = 0; cut < length; cut++) {
		char tail[512];
		memset(tail, LOG_FILLER, sizeof(tail));
		memcpy(tail, log, cut);
		size_t used = log_used_bytes(tail, sizeof(tail));
		/* The filler stands for the line end that was cut off last. */
		cr_expect_eq(log_is_finished(tail, used), cut == length - 1, "cut at %zu", cut);
		cr_expect_leq(used, cut + 1);
		cr_expect_eq(memcmp(tail, log, used ? used - 1 : 0), 0);
	}
}

Test(boot_log, a_broken_done_record_does_not_count) {
	char line[256];
	size_t length = record(line, sizeof(line), "SAVED {\"status\":0}");
	for (size_t i = 0; i + 1 < length; i++) {
		char broken[256];
		memcpy(broken, line, length);
		broken[i] ^= 0x20;
		cr_expect_not(log_is_finished(broken, length), "byte %zu", i);
	}
	cr_expect_not(log_is_finished("x@anechoic SAVED {} 00000000\n", 28));
	cr_expect_not(log_is_finished("@anechoic SAVED \n", 16));
	cr_expect_not(log_is_finished("@anechoic SAVED 00000000\n", 24));
}

Test(boot_log, carriage_returns_are_passed_over) {
	char line[256];
	size_t length = record(line, sizeof(line), "SAVED {\"status\":0}");
	line[length - 1] = '\r';
	line[length++] = '\n';
	cr_expect(log_is_finished(line, length));
}
