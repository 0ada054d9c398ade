/* SPDX-License-Identifier: Apache-2.0
 */
#include "boot/hold.h"

#include <criterion/criterion.h>
#include <string.h>

Test(hold, is_as_asked_else_as_files_can_be_kept) {
	const enum boot_hold T = BOOT_HOLD_TAKEOVER, H = BOOT_HOLD_HANDBACK;
	const struct {
		const char *mode; /* NULL: not given */
		bool virtual, writable;
		enum boot_hold hold;
		bool understood;
	} rows[] = {
		{"takeover", false, false, T, true}, {"takeover", true, true, T, true},
		{"takeover", false, true, T, true},  {"handback", true, false, H, true},
		{"handback", true, true, H, true},   {"handback", false, false, H, true},
		{NULL, true, true, H, true},         {NULL, true, false, T, true},
		{NULL, false, true, H, true},        {NULL, false, false, H, true},
		{"takeoff", true, true, H, false},   {"", true, false, T, false},
		{"Handback", false, true, H, false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct conf_span mode = {rows[i].mode, rows[i].mode ? strlen(rows[i].mode) : 0};
		bool understood;
		cr_expect_eq(hold_choose(mode, rows[i].virtual, rows[i].writable, &understood), rows[i].hold, "row %zu",
			     i);
		cr_expect_eq(understood, rows[i].understood, "row %zu", i);
	}
}
