/* SPDX-License-Identifier: Apache-2.0
 *
 * anechoic.boot on a medium in memory: what a start leaves out after one that stopped, and what a file with anything in
 * it comes to.
 */
#include "boot/trail.h"

#include "host-tests/fake_medium.h"
#include "host-tests/next_random.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

enum { ROOM = 8 << 20 };

static CHAR16 trail_name[] = L"anechoic.boot";
static char said[4096];

void console_text(const struct loader *loader, const char *text) {
	(void)loader;
	strncat(said, text, sizeof(said) - strlen(said) - 1);
}

EFI_STATUS pages_allocate_boot(struct loader *loader, uint64_t bytes, void **memory) {
	return pages_allocate(loader, EfiLoaderData, bytes, memory);
}

/* One start: what the kernel gets as its command line. */
struct start {
	struct boot_info info;
	struct loader loader;
	struct trail trail;
	char words[256];
};

static void start_open(struct start *start, const char *config, const char *words, bool has_directory) {
	*start = (struct start){0};
	start->loader.info = &start->info;
	start->info.config = (struct boot_bytes){(uint64_t)(uintptr_t)config, strlen(config)};
	start->info.command_line = (struct boot_bytes){(uint64_t)(uintptr_t)words, strlen(words)};
	said[0] = '\0';
	pages.used = 0;
	trail_open(&start->loader, has_directory ? &directory : NULL, has_directory, &start->trail);
	const struct boot_bytes *line = &start->info.command_line;
	snprintf(start->words, sizeof(start->words), "%.*s", (int)line->length, (const char *)(uintptr_t)line->address);
}

static void start_over(struct start *start) {
	trail_end(&start->trail, 0);
	memset(handles, 0, sizeof(handles));
}

/* A start under handback that goes as far as `last`, where the machine is switched off. */
static void start_stops(const char *config, enum start_step last) {
	struct start start;
	start_open(&start, config, "", true);
	trail_begin(&start.loader, &directory, &start.trail);
	for (unsigned step = STEP_SERIAL; step <= last; step++)
		trail_step(&start.trail, (enum start_step)step);
	memset(handles, 0, sizeof(handles));
}

static void expect_words(const char *config, const char *words) {
	struct start start;
	start_open(&start, config, "--quick", true);
	cr_expect_str_eq(start.words, words, "%s", said);
}

static void new_medium(void) {
	medium_new(ROOM);
}

TestSuite(trail, .init = new_medium);

Test(trail, a_start_that_came_through_leaves_nothing_out) {
	expect_words("", "--quick");
	start_stops("", STEP_STARTED);
	expect_words("", "--quick");
	cr_expect_str_empty(said);
	cr_expect_eq(files_there(), 1);
	struct start start;
	start_open(&start, "", "--quick", false);
	cr_expect_str_eq(start.words, "--quick", "no directory");
	trail_begin(&start.loader, NULL, &start.trail);
	trail_step(&start.trail, STEP_PIT);
	start_over(&start);
}

struct stop {
	enum start_step step;
	const char *words;
};

/* As long as no start came through without it. */
static void expect_left_out(struct stop stop) {
	expect_words("", stop.words);
	cr_expect(strstr(said, "the last start stopped at ") && strstr(said, step_label(stop.step)), "%s", said);
	expect_words("", stop.words);
	start_stops("", STEP_PROGRAMME);
	expect_words("", stop.words);
	cr_expect(strstr(said, "left out, as anechoic.boot says"), "%s", said);
	start_stops("", STEP_STARTED);
}

static void expect_tried(void) {
	expect_words("", "--quick");
	cr_expect(strstr(said, "tried again, as only one start stopped there") && !strstr(said, "left out"), "%s",
		  said);
}

Test(trail, what_a_start_stopped_at_is_left_out_and_what_two_did_stays_so) {
	static const struct stop cases[] = {
		{STEP_SERIAL, "--console=screen"},  {STEP_SCREEN, "--console=serial"},
		{STEP_PROCESSOR, "--watchdog=off"}, {STEP_PM_TIMER, "--timer=pit"},
		{STEP_PIT, "--timer=hpet"},         {STEP_HPET, "--timer=none"},
		{STEP_PAGES, "--pages=4k"},         {STEP_CORES, "--smp=off"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char words[64];
		snprintf(words, sizeof(words), "--quick %s", cases[i].words);
		medium_new(ROOM);
		start_stops("", cases[i].step);
		expect_left_out((struct stop){cases[i].step, words});
		expect_tried();
		start_stops("", cases[i].step);
		for (unsigned later = 0; later < 3; later++) {
			expect_words("", words);
			cr_expect(strstr(said, "delete that file"), "%s", said);
			start_stops("", STEP_STARTED);
		}
	}
}

Test(trail, what_only_looked_like_a_stop_is_left_out_for_one_start) {
	start_stops("", STEP_PIT);
	start_stops("", STEP_STARTED);
	expect_tried();
	start_stops("", STEP_STARTED);
	expect_words("", "--quick");
	cr_expect_str_empty(said);
	start_stops("", STEP_PM_TIMER);
	expect_words("", "--quick --timer=pit");
}

/* Other cores have their step after the start, if one is asked for at all. */
Test(trail, other_cores_are_tried_once_one_is_asked_for) {
	start_stops("", STEP_CORES);
	start_stops("", STEP_STARTED);
	for (unsigned without = 0; without < 3; without++) {
		expect_words("", "--quick");
		cr_expect(strstr(said, "tried again"), "%s", said);
		struct start start;
		start_open(&start, "", "", true);
		trail_begin(&start.loader, &directory, &start.trail);
		trail_step(&start.trail, STEP_STARTED);
		start_over(&start);
	}
	start_stops("", STEP_STARTED); /* by way of CORES */
	expect_words("", "--quick");
	cr_expect_str_empty(said);
	start_stops("", STEP_CORES);
	start_stops("", STEP_STARTED);
	start_stops("", STEP_CORES);
	expect_words("", "--quick --smp=off");
	cr_expect(strstr(said, "delete that file"), "%s", said);
}

/* What was found in two steps is not forgotten over the first of them. */
Test(trail, a_second_stop_brings_back_all_that_was_left_out_by_the_key) {
	start_stops("", STEP_PM_TIMER);
	start_stops("", STEP_PIT);
	start_stops("", STEP_STARTED);
	expect_tried();
	start_stops("", STEP_PM_TIMER);
	expect_words("", "--quick --timer=hpet");
	cr_expect(strstr(said, "delete that file"), "%s", said);
	medium_new(ROOM);
	start_stops("", STEP_SCREEN);
	start_stops("", STEP_STARTED);
	start_stops("", STEP_SERIAL);
	expect_words("", "--quick --console=none");
}

/* Each of the two stopped one start alone. */
Test(trail, a_stop_at_another_part_of_the_same_key_is_no_second_one) {
	static const struct {
		enum start_step first, second;
		const char *words;
	} cases[] = {
		{STEP_PM_TIMER, STEP_PIT, "--quick --timer=hpet"},
		{STEP_PIT, STEP_HPET, "--quick --timer=none"},
		{STEP_SERIAL, STEP_SCREEN, "--quick --console=none"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		medium_new(ROOM);
		start_stops("", cases[i].first);
		start_stops("", STEP_STARTED);
		expect_tried();
		start_stops("", cases[i].second);
		expect_words("", cases[i].words);
		cr_expect(strstr(said, "tries it again") && !strstr(said, "delete that file"), "%s", said);
		start_stops("", STEP_STARTED);
		expect_tried();
		start_stops("", cases[i].second);
		expect_words("", cases[i].words);
		cr_expect(strstr(said, "delete that file"), "%s", said);
	}
}

/* A start that writes nothing down, under takeover, would stop there each time. */
Test(trail, nothing_is_tried_where_no_word_of_it_would_be_left) {
	start_stops("", STEP_PIT);
	start_stops("", STEP_STARTED);
	struct boot_info info = {0};
	struct loader loader = {.info = &info};
	struct trail trail;
	trail_open(&loader, &directory, false, &trail);
	cr_assert_eq(info.command_line.length, strlen(" --timer=hpet"));
	expect_tried();
	start_stops("timer = auto", STEP_STARTED);
	expect_tried();
}

Test(trail, one_after_the_other_until_nothing_more_is_left_out) {
	start_stops("", STEP_SCREEN);
	start_stops("", STEP_SERIAL);
	expect_words("", "--quick --console=none");
	start_stops("", STEP_PM_TIMER);
	start_stops("", STEP_HPET);
	expect_words("", "--quick --console=none --timer=none");
	start_stops("", STEP_PROGRAMME);
	expect_words("", "--quick --console=none --timer=none");
	cr_expect(strstr(said, "the programme's start, which nothing more leaves out"), "%s", said);
}

Test(trail, what_a_person_says_counts) {
	start_stops("timer = auto\n", STEP_PM_TIMER);
	expect_words("timer = auto\n", "--quick");
	cr_expect(strstr(said, "what would leave that out: timer = pit"), "%s", said);
	start_stops("timer = hpet\n", STEP_HPET);
	expect_words("timer = hpet\n", "--quick");
	cr_expect(strstr(said, "what would leave that out: timer = none"), "%s", said);
	medium_new(ROOM);
	start_stops("", STEP_PAGES);
	struct start start;
	start_open(&start, "", "--pages=auto", true);
	cr_expect_str_eq(start.words, "--pages=auto", "%s", said);
	start_open(&start, "pages = 8k\n", "", true);
	cr_expect_str_eq(start.words, " --pages=4k", "a word that is none says nothing");
}

Test(trail, an_end_in_words_is_no_stop_but_a_panic_is) {
	static const struct {
		int32_t status;
		enum start_step step;
		const char *words;
	} cases[] = {
		{0, STEP_PIT, "--quick"},       {2, STEP_PIT, "--quick"},     {4, STEP_PIT, "--quick --timer=hpet"},
		{4, STEP_PROGRAMME, "--quick"}, {4, STEP_STARTED, "--quick"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct start start;
		medium_new(ROOM);
		start_open(&start, "", "", true);
		trail_begin(&start.loader, &directory, &start.trail);
		trail_step(&start.trail, cases[i].step);
		trail_end(&start.trail, cases[i].status);
		expect_words("", cases[i].words);
	}
}

/* The block is torn wherever the power went: then it has this step or that one, or says nothing, but never another. */
Test(trail, a_power_cut_never_blames_another_part) {
	for (unsigned cut = 0; cut < 24; cut++) {
		medium_new(ROOM);
		start_stops("", STEP_STARTED);
		power_on(cut);
		start_stops("", STEP_PAGES);
		power_on(UINT32_MAX);
		struct start start;
		start_open(&start, "", "", true);
		cr_expect(start.trail.step <= STEP_PAGES || start.trail.step == STEP_STARTED, "cut after %u: %s", cut,
			  said);
		cr_expect_eq(lookup(trail_name)->size, 512, "cut after %u", cut);
	}
}

Test(trail, a_medium_without_room_is_passed_over) {
	medium_new(100);
	start_stops("", STEP_PIT);
	expect_words("", "--quick");
	cr_expect_eq(failures_told, 0);
	medium_new(ROOM);
	medium.full_directory = true;
	start_stops("", STEP_PIT);
	cr_expect_eq(files_there(), 0);
	cr_expect_eq(failures_told, 0);
}

static void write_bytes(const char *bytes, size_t length) {
	medium_new(ROOM);
	put_file(trail_name, "");
	memcpy(lookup(trail_name)->bytes, bytes, length);
	lookup(trail_name)->size = length;
}

Test(trail, a_file_with_anything_in_it) {
	static const char *const texts[] = {
		"step = \n",
		"step\n",
		"step = pits\ntimer = pm\nsmp = of\n",
		"step = none\n",
		"step = pit pit\n",
		"timer = auto\nconsole =\n",
		"timer = hpet twice\nsmp = off  once\npages = 4k once more\n",
		"\xff\xfe\nstep = \"pit\n",
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		write_bytes(texts[i], strlen(texts[i]));
		expect_words("", "--quick");
		cr_expect_str_empty(said, "%s", texts[i]);
	}
	static char bytes[5000];
	uint64_t state = 1;
	for (unsigned round = 0; round < 2000; round++) {
		size_t length = next_random(&state) % sizeof(bytes);
		for (size_t i = 0; i < length; i++)
			bytes[i] = "step=timr pihc\n\"#\0\xff"[next_random(&state) % 19];
		write_bytes(bytes, length);
		struct start start;
		start_open(&start, "", "--quick", true);
		cr_expect_lt(start.trail.step, STEP_COUNT);
		cr_expect(strncmp(start.words, "--quick", 7) == 0);
	}
}
