/* SPDX-License-Identifier: Apache-2.0
 *
 * Filters and nearest words.
 */
#include "bench/match.h"

#include <criterion/criterion.h>

Test(match, substring_glob_and_exact) {
	static const struct {
		const char *pattern, *name;
		bool plain, exact;
	} cases[] = {
		{"pool", "pool/cycle", true, false},
		{"cycle", "pool/cycle", true, false},
		{"", "pool/cycle", true, false},
		{"pool/cycle", "pool/cycle", true, true},
		{"Pool", "pool/cycle", false, false},
		{"pool/*", "pool/cycle", true, false},
		{"*cycle", "pool/cycle", true, false},
		{"*/cyc", "pool/cycle", false, false},
		{"copy/*KiB/256bit", "copy/16KiB/256bit", true, false},
		{"copy/?KiB/*", "copy/16KiB/256bit", false, false},
		{"copy/?KiB/*", "copy/4KiB/256bit", true, false},
		{"copy/[14]*", "copy/4KiB/256bit", true, false},
		{"copy/[!4]*", "copy/4KiB/256bit", false, false},
		{"copy/[0-9]KiB*", "copy/4KiB/256bit", true, false},
		{"copy/[", "copy/[", true, true},
		{"[]]x", "]x", true, false},
		{"*", "", true, false},
		{"**a*", "bca", true, false},
		{"a*b*c", "aXbXbc", true, false},
		{"a*b*c", "aXbXb", false, false},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_expect_eq(match_name(cases[i].pattern, cases[i].name, false), cases[i].plain, "'%s' on '%s'",
			     cases[i].pattern, cases[i].name);
		cr_expect_eq(match_name(cases[i].pattern, cases[i].name, true), cases[i].exact, "'%s' is '%s'",
			     cases[i].pattern, cases[i].name);
	}
}

Test(match, many_stars_end_soon) {
	char name[4096];
	for (size_t i = 0; i + 1 < sizeof(name); i++)
		name[i] = 'a';
	name[sizeof(name) - 1] = '\0';
	cr_expect_not(match_name("*a*a*a*a*a*a*a*a*a*a*a*a*b", name, false));
}

Test(match, distance) {
	cr_expect_eq(match_distance("", ""), 0);
	cr_expect_eq(match_distance("kitten", "sitting"), 3);
	cr_expect_eq(match_distance("qick", "quick"), 1);
	cr_expect_eq(match_distance("", "seed"), 4);
	cr_expect_eq(match_distance("sample-size", "sampel-size"), 2);
}
