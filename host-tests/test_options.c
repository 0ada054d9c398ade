/* SPDX-License-Identifier: Apache-2.0
 *
 * Options of the command line and of anechoic.conf: values, precedence, and what is said of mistakes.
 */
#include "bench/options.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct platform_option extra[] = {
	{"out", "FILE", "", NULL, NULL},
	{"cpu", "N", "", NULL, NULL},
	{"duration", "SECONDS", "", NULL, "noise"},
	{.name = NULL},
};

static struct options options;
static struct text complaints;

static void start(void) {
	options_start(&options);
	complaints.length = 0;
}

static bool parse(int argc, const char *const *argv) {
	char *copies[16] = {NULL};
	static char storage[16][64];
	for (int i = 0; i < argc; i++)
		copies[i] = strcpy(storage[i], argv[i]);
	bool good = options_command_line(&options, extra, argc, copies, &complaints);
	text_add(&complaints, "", 1);
	return good;
}

#define PARSE(...)                                                                            \
	parse((int)(sizeof((const char *const[]){"anechoic", __VA_ARGS__}) / sizeof(char *)), \
	      (const char *const[]){"anechoic", __VA_ARGS__})

static bool config(const char *text) {
	bool good = options_config(&options, extra, (struct platform_text){text, strlen(text)}, &complaints);
	text_add(&complaints, "", 1);
	return good;
}

Test(options, defaults) {
	start();
	options_settle(&options, 100000, 10000);
	cr_expect_eq(options.command, OPTIONS_RUN);
	cr_expect_eq(options.sample_size, 100);
	cr_expect_eq(options.warm_up_ns, 100000000);
	cr_expect_eq(options.measurement_ns, 400000000);
	cr_expect_eq(options.resamples, 100000);
	cr_expect_eq(options.confidence_level, 0.95);
	cr_expect_eq(options.filter_count, 0);
}

Test(options, values_in_both_spellings) {
	start();
	cr_assert(PARSE("run", "--sample-size", "50", "--warm-up-time=0.25", "--measurement-time", "1.5",
			"--nresamples=2000", "--confidence-level", "0.99", "--seed=16", "--timeout=3", "pool",
			"copy/*"));
	cr_expect_eq(options.sample_size, 50);
	cr_expect_eq(options.warm_up_ns, 250000000);
	cr_expect_eq(options.measurement_ns, 1500000000);
	cr_expect_eq(options.resamples, 2000);
	cr_expect_eq(options.confidence_level, 0.99);
	cr_expect_eq(options.seed, 16);
	cr_expect_eq(options.timeout_ns, 3000000000);
	cr_assert_eq(options.filter_count, 2);
	cr_expect_str_eq(options.filters[0], "pool");
	cr_expect_str_eq(options.filters[1], "copy/*");
}

Test(options, quick_gives_way_to_what_is_named) {
	start();
	cr_assert(PARSE("--sample-size=70", "--quick"));
	options_settle(&options, 100000, 10000);
	cr_expect_eq(options.sample_size, 70);
	cr_expect_eq(options.measurement_ns, 100000000);
	cr_expect_eq(options.resamples, 10000);
}

Test(options, commands_are_the_first_word_only) {
	start();
	cr_assert(PARSE("list", "list"));
	cr_expect_eq(options.command, OPTIONS_LIST);
	cr_expect_eq(options.filter_count, 1);
	start();
	cr_assert(PARSE("run", "--list"));
	cr_expect_eq(options.command, OPTIONS_LIST);
	start();
	cr_assert(PARSE("tlb", "run"));
	cr_expect_eq(options.command, OPTIONS_RUN);
	cr_expect_eq(options.filter_count, 2, "a word after a filter is a filter");
}

Test(options, all_benchmarks_are_asked_for) {
	start();
	cr_assert(PARSE("run"));
	cr_expect_not(options.all);
	start();
	cr_assert(PARSE("run", "--all"));
	cr_expect(options.all);
	cr_expect_eq(options.filter_count, 0);
}

Test(options, unknown_ones_name_the_nearest) {
	start();
	cr_expect_not(PARSE("--qick"));
	cr_expect(strstr(complaints.bytes, "'qick'") && strstr(complaints.bytes, "--quick"), "%s", complaints.bytes);
	start();
	cr_expect_not(PARSE("--otu=x"));
	cr_expect(strstr(complaints.bytes, "--out"), "%s", complaints.bytes);
	start();
	cr_expect_not(PARSE("--arguments=x"), "belongs to the file only");
}

Test(options, bad_values_are_refused) {
	static const char *const bad[] = {
		"--sample-size=many",
		"--sample-size=9",
		"--sample-size=-50",
		"--sample-size=100001",
		"--seed=18446744073709551616x",
		"--warm-up-time=0",
		"--warm-up-time=nan",
		"--measurement-time=inf",
		"--measurement-time=-1",
		"--timeout=1e9",
		"--confidence-level=1",
		"--confidence-level=0",
		"--nresamples=0",
		"--inject=bang",
		"--inject=ud,,x",
		"--quick=maybe",
		"--sample-size",
		"--sample-size=",
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		start();
		cr_expect_not(PARSE(bad[i]), "%s was taken", bad[i]);
		cr_expect_gt(strlen(complaints.bytes), 1, "%s: nothing is said", bad[i]);
	}
}

Test(options, a_refused_value_is_told_what_may_be) {
	static const char *const cases[][2] = {
		{"--sample-size=3", "--sample-size '3': not a valid value, 10 to 100000\n"},
		{"--layouts=1", "--layouts '1': not a valid value, 3 to 1000\n"},
		{"--nresamples=x", "--nresamples 'x': not a valid value, 100 to 10000000\n"},
		{"--seed=18446744073709551616",
		 "--seed '18446744073709551616': not a valid value, 0 to 18446744073709551615\n"},
		{"--warm-up-time=0", "--warm-up-time '0': not a valid value, 0.001 to 86400 seconds\n"},
		{"--measurement-time=x", "--measurement-time 'x': not a valid value, 0.001 to 86400 seconds\n"},
		{"--time-budget=x", "--time-budget 'x': not a valid value, 0.001 to 86400 seconds\n"},
		{"--timeout=1e9", "--timeout '1e9': not a valid value, 0.001 to 86400 seconds\n"},
		{"--confidence-level=1", "--confidence-level '1': not a valid value, more than 0 and less than 1\n"},
		{"--format=xml", "--format 'xml': not a valid value, table, json or csv\n"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		start();
		cr_expect_not(PARSE(cases[i][0]));
		cr_expect_str_eq(complaints.bytes, cases[i][1]);
	}
	start();
	config("sample-size = 3\n");
	cr_expect_str_eq(complaints.bytes,
			 "anechoic.conf line 1 ignored: sample-size '3': not a valid value, 10 to 100000\n");
}

Test(options, two_dashes_end_the_options) {
	start();
	cr_assert(PARSE("run", "-o", "r.json", "--", "--quick", "list", "--", "-h"));
	cr_expect_str_eq(options.extra[0], "r.json");
	cr_expect_not(options.quick);
	cr_expect_eq(options.command, OPTIONS_RUN);
	cr_assert_eq(options.filter_count, 4);
	cr_expect_str_eq(options.filters[0], "--quick");
	cr_expect_str_eq(options.filters[1], "list");
	cr_expect_str_eq(options.filters[2], "--");
	cr_expect_str_eq(options.filters[3], "-h");
}

Test(options, inject) {
	start();
	cr_assert(PARSE("--inject=hang,ud"));
	cr_assert_eq(options.inject_count, 2);
	cr_expect_str_eq(options.inject[0], "hang");
	cr_expect_str_eq(options.inject[1], "ud");
	start();
	cr_assert(PARSE("--inject", "all"));
	cr_expect_eq(options.inject_count, 7);
}

Test(options, platform_and_machine_options) {
	start();
	cr_assert(PARSE("--out", "r.json", "--mode=handback", "--exit=isa-debug-exit", "--console=serial"));
	cr_expect_str_eq(options.extra[0], "r.json");
	cr_expect_null(options.extra[1]);
	cr_expect_eq(options.filter_count, 0);
}

Test(options, words_for_the_machine_are_looked_at) {
	static const char *const wrong[] = {"--mode=foo", "--cores=9", "--exit=or", "--exit=semi",
					    "--mode=takeover or"};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		start();
		cr_expect_not(PARSE(wrong[i]), "%s", wrong[i]);
		cr_expect(strstr(complaints.bytes, "not a valid value"), "%s", complaints.bytes);
	}
	start();
	cr_expect(PARSE("--cores=started", "--exit=reset", "--mode=takeover", "--accelerator=anything"));
	start();
	cr_expect(config("mode = foo\nexit = reset\n"), "a line of the file is passed over");
	cr_expect_str_eq(complaints.bytes, "anechoic.conf line 1 ignored: mode 'foo': not a valid value, takeover or "
					   "handback\n");
}

Test(options, an_option_of_one_command_is_noted) {
	start();
	cr_assert(config("duration = 3\n"));
	cr_expect_null(options.of, "a line of the file is for whoever wants it");
	cr_assert(config("arguments = --duration=3\n"));
	cr_assert_not_null(options.of);
	start();
	cr_assert(PARSE("--cpu=1", "--duration=3"));
	cr_assert_not_null(options.of);
	cr_expect_str_eq(options.of->name, "duration");
}

Test(options, config_first_then_command_line) {
	start();
	config("# measured on the bench\r\nsample-size = 40\nquick\nmode = handback\narguments = --seed 9 pool "
	       "\"tlb\"\n");
	cr_expect_eq(complaints.length, 1, "%s", complaints.bytes);
	cr_assert(PARSE("--seed=3", "copy"));
	cr_expect_eq(options.sample_size, 40);
	cr_expect(options.quick);
	cr_expect_eq(options.seed, 3);
	cr_assert_eq(options.filter_count, 3);
	cr_expect_str_eq(options.filters[1], "tlb");
	cr_expect_str_eq(options.filters[2], "copy");
}

Test(options, bad_config_lines_are_named_and_ignored) {
	start();
	cr_expect(config("quick\nsampel-size = 4\n\nsample-size = many\n=\nseed = 5\narguments = copy\n"));
	cr_expect(strstr(complaints.bytes, "line 2 ") && strstr(complaints.bytes, "--sample-size"), "%s",
		  complaints.bytes);
	cr_expect(strstr(complaints.bytes, "line 4 "), "%s", complaints.bytes);
	cr_expect(strstr(complaints.bytes, "line 5 "), "%s", complaints.bytes);
	cr_expect_null(strstr(complaints.bytes, "line 1 "));
	cr_expect_eq(options.sample_size, 100);
	cr_expect_eq(options.seed, 5);
	cr_expect_eq(options.filter_count, 1);
}

Test(options, a_bad_word_of_arguments_is_refused_as_on_a_command_line) {
	start();
	cr_expect_not(config("quick\narguments = --qick copy\nseed = 5\n"));
	cr_expect(strstr(complaints.bytes, "anechoic.conf line 2: unknown option 'qick'"), "%s", complaints.bytes);
	start();
	cr_expect_not(config("arguments = --seed=many\narguments = copy\n"));
	start();
	cr_expect(config("seed = many\narguments = --quick\n"), "a line, not a word");
	cr_expect(strstr(complaints.bytes, "line 1 ignored: "), "%s", complaints.bytes);
}

Test(options, too_many_words_are_refused) {
	start();
	char *words[1 + OPTIONS_FILTERS_MAX + 1];
	char word[] = "filter";
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		words[i] = word;
	cr_expect(options_command_line(&options, extra, 1 + OPTIONS_FILTERS_MAX, words, &complaints));
	start();
	cr_expect_not(options_command_line(&options, extra, 1 + OPTIONS_FILTERS_MAX + 1, words, &complaints));
	start();
	char *long_words[2] = {word, malloc(OPTIONS_WORDS_BYTES + 1)};
	memset(long_words[1], 'x', OPTIONS_WORDS_BYTES);
	long_words[1][OPTIONS_WORDS_BYTES] = '\0';
	cr_expect_not(options_command_line(&options, extra, 2, long_words, &complaints));
	free(long_words[1]);
}

Test(options, seconds_may_carry_their_unit) {
	start();
	cr_expect_eq(options.time_budget_ns, 0);
	cr_assert(PARSE("run", "--time-budget", "60s", "--warm-up-time=0.25s"));
	cr_expect_eq(options.time_budget_ns, UINT64_C(60000000000));
	cr_expect_eq(options.warm_up_ns, 250000000);
	start();
	cr_expect_not(PARSE("--time-budget=s"));
}

Test(options, layouts_are_three_at_least) {
	start();
	cr_assert(PARSE("--layouts", "8"));
	cr_expect_eq(options.layouts, 8);
	start();
	cr_expect_eq(options.layouts, 0);
	cr_expect_not(PARSE("--layouts=2"));
	cr_expect(strstr(complaints.bytes, "layouts"));
}
