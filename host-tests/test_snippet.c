/* SPDX-License-Identifier: Apache-2.0
 *
 * Snippets: what may be one, figures of made-up times, where an instruction is, and what is believed of what a process
 * wrote.
 */
#include "bench/snippet/publish.h"
#include "bench/snippet/show.h"
#include "hosted/snippet/message.h"
#include "hosted/snippet/source.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

/* ---- what was written -------------------------------------------------------------------------------------------- */

static bool reads(enum source_arch arch, const char *written, const char *lines, uint32_t copies) {
	struct text read = {0}, complaint = {0};
	uint32_t found;
	bool good = source_read(written, arch, &read, &found, &complaint) && found == copies &&
		    read.length == strlen(lines) && memcmp(read.bytes, lines, read.length) == 0;
	text_free(&read);
	text_free(&complaint);
	return good;
}

static bool refuses(enum source_arch arch, const char *written, const char *why) {
	struct text read = {0}, complaint = {0};
	uint32_t found;
	bool refused = !source_read(written, arch, &read, &found, &complaint);
	text_add(&complaint, "", 1);
	bool said = complaint.bytes != NULL && strstr(complaint.bytes, why) != NULL;
	text_free(&read);
	text_free(&complaint);
	return refused && said;
}

Test(snippet, instructions_labels_and_data_are_lines) {
	cr_expect(reads(SOURCE_X86_64, " add rax, rbx;imul rcx,rax\n\n;nop ", "add rax, rbx\nimul rcx,rax\nnop\n", 1));
	cr_expect(reads(SOURCE_X86_64, "1: dec rax; jnz 1b", "1: dec rax\njnz 1b\n", 1));
	cr_expect(reads(SOURCE_X86_64, "a: b: .byte 0x90, 1+2", "a: b: .byte 0x90, 1+2\n", 1));
	cr_expect(reads(SOURCE_X86_64, "{vex} vpdpbusd xmm0, xmm1, xmm2", "{vex} vpdpbusd xmm0, xmm1, xmm2\n", 1));
	cr_expect(reads(SOURCE_X86_64, "vaddpd zmm0{k1}{z}, zmm1, [rsi+(2*8)]",
			"vaddpd zmm0{k1}{z}, zmm1, [rsi+(2*8)]\n", 1));
	cr_expect(reads(SOURCE_AARCH64, "add x2, x2, #1; b.ne 1f; 1: tbl v0.16b, {v1.16b}, v2.16b; fmov d0, #-1.5",
			"add x2, x2, #1\nb.ne 1f\n1: tbl v0.16b, {v1.16b}, v2.16b\nfmov d0, #-1.5\n", 1));
}

Test(snippet, alternatives_make_copies) {
	cr_expect(reads(SOURCE_X86_64, "imul (rax|rcx|rdx), rbx", "imul rax, rbx\nimul rcx, rbx\nimul rdx, rbx\n", 3));
	cr_expect(reads(SOURCE_X86_64, "mov (rax|rcx), (8|9); nop", "mov rax, 8\nnop\nmov rcx, 9\nnop\n", 2));
	cr_expect(refuses(SOURCE_X86_64, "mov (rax|rcx), (8|9|10)", "as many alternatives"));
	cr_expect(refuses(SOURCE_X86_64, "mov rax|rcx, 8", "round brackets"));
	cr_expect(refuses(SOURCE_X86_64, "mov (rax|rcx, 8", "round brackets"));
	cr_expect(refuses(SOURCE_X86_64, "nop (1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17)", "16 alternatives"));
}

Test(snippet, what_an_assembler_would_do_else_is_refused) {
	static const char *const directives[] = {".incbin x",  ".include x", ".macro f",       ".rept 9",
						 ".fill 9",    ".align 4",   ".section .data", ".att_syntax",
						 ".if 1",      ".set a, 1",  "1: .incbin x",   "a:.incbin x",
						 ".bytes 1",   "x .req y",   "nop .incbin x",  "{vex} .incbin x",
						 "nop;.org 9", ".",          "nop (.incbin|x)"};
	for (size_t i = 0; i < sizeof(directives) / sizeof(directives[0]); i++)
		for (int arch = 0; arch < SOURCE_ARCHES; arch++)
			cr_expect(refuses((enum source_arch)arch, directives[i], "directives"), "%s", directives[i]);
	static const char *const signs[] = {"nop # x", "# 1 \"f\"",   "#1",          "nop /* x */", "nop // x",
					    "/ x",     "nop \"x\"",   "nop 'x'",     "nop \\x",     "a = 1",
					    "nop @x",  "mov $1, rax", "mov %rax, 1", "nop \x80",    "nop \x01"};
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		cr_expect(refuses(SOURCE_X86_64, signs[i], "comments"), "%s", signs[i]);
	cr_expect(refuses(SOURCE_AARCH64, "#1", "comments"));
	cr_expect(refuses(SOURCE_AARCH64, "add x0, x0, #:lo12:x", "comments"));
	cr_expect(refuses(SOURCE_X86_64, "(nop|nop)", "not an instruction"));
	cr_expect(refuses(SOURCE_X86_64, "8", "not an instruction"));
}

Test(snippet, the_loops_counter_may_not_be_named) {
	cr_expect(refuses(SOURCE_X86_64, "add R15d, 1", "counts"));
	cr_expect(refuses(SOURCE_AARCH64, "add w28, w28, #1", "counts"));
	cr_expect(reads(SOURCE_AARCH64, "add x15, x15, #1", "add x15, x15, #1\n", 1));
}

Test(snippet, empty_and_too_long_are_said) {
	static char lengthy[SOURCE_BYTES_MOST + 2];
	cr_expect(refuses(SOURCE_X86_64, "", "empty"));
	cr_expect(refuses(SOURCE_X86_64, " ; \n;\t", "empty"));
	memset(lengthy, 'n', sizeof(lengthy) - 1);
	cr_expect(refuses(SOURCE_X86_64, lengthy, "4096"));
}

Test(snippet, bytes_are_pairs_of_digits) {
	static uint8_t bytes[SNIPPET_BYTES_MOST];
	static char digits[2 * SNIPPET_BYTES_MOST + 3];
	uint32_t count;
	cr_expect(snippet_bytes_of("4801d8", bytes, &count) && count == 3 && bytes[0] == 0x48 && bytes[2] == 0xd8);
	for (const char *const *word = (const char *const[]){"", "4", "48x1", "4801d", "0x48", "48 ", "4X", NULL};
	     *word; word++)
		cr_expect_not(snippet_bytes_of(*word, bytes, &count), "%s", *word);
	memset(digits, '9', 2 * SNIPPET_BYTES_MOST);
	cr_expect(snippet_bytes_of(digits, bytes, &count) && count == SNIPPET_BYTES_MOST);
	memset(digits, '9', 2 * SNIPPET_BYTES_MOST + 2);
	cr_expect_not(snippet_bytes_of(digits, bytes, &count));
}

/* ---- figures ----------------------------------------------------------------------------------------------------- */

enum { TURNS = 1000, UNROLL = 64, END = 50, HZ = 1000000000 };

/* Two instructions of `ticks` and an addition of 2 ticks, the loops' ends and noise that only adds. */
static struct snippet_times made_up(double ticks, uint32_t rounds) {
	struct snippet_times times = {
		.rounds = rounds, .unroll = {UNROLL, 2 * UNROLL, 128, 256}, .turns = {TURNS, TURNS, TURNS, TURNS}};
	uint32_t random = 1;
	for (uint32_t i = 0; i < rounds; i++)
		for (int loop = 0; loop < SNIPPET_LOOPS; loop++) {
			random = random * 1664525 + 1013904223;
			double once = loop < SNIPPET_ADDS ? 2 * ticks : 2;
			times.ticks[loop][i] = (uint64_t)(TURNS * (END + once * times.unroll[loop])) + (random >> 24) +
					       (random % 7 == 0 ? 100000 : 0);
		}
	return times;
}

static const struct snippet two = {.code_bytes = 7, .instructions = 2, .copies = 1};

Test(snippet, figures_are_what_the_longer_loop_has_more) {
	struct snippet_times times = made_up(6, SNIPPET_ROUNDS);
	struct snippet_figures figures;
	cr_assert(snippet_times_are_sane(&times));
	cr_assert(snippet_figures_of(&two, &times, HZ, 1, 1000, &figures));
	cr_expect_float_eq(figures.ns.point, 6, 0.01);
	cr_expect_float_eq(figures.cycles.point, 3, 0.01);
	cr_expect_float_eq(figures.ghz, 0.5, 0.001);
	cr_expect(figures.cycles.lower <= figures.cycles.point && figures.cycles.point <= figures.cycles.upper);
	cr_expect(figures.cycles.upper - figures.cycles.lower < 0.05 && figures.cycles.standard_error > 0);
}

Test(snippet, what_takes_nothing_has_no_figure) {
	struct snippet_times times = made_up(0, SNIPPET_ROUNDS);
	struct snippet_figures figures;
	for (uint32_t i = 0; i < times.rounds; i++)
		times.ticks[SNIPPET_LONG][i] = times.ticks[SNIPPET_SHORT][i] - 1;
	cr_expect_not(snippet_figures_of(&two, &times, HZ, 1, 100, &figures));
	times = made_up(6, SNIPPET_ROUNDS_LEAST - 1);
	cr_expect_not(snippet_figures_of(&two, &times, HZ, 1, 100, &figures));
}

Test(snippet, a_latency_is_a_cycle_a_copy_at_the_least) {
	struct snippet_result result = {.snippet = &two, .status = BENCH_STATUS_OK, .hz = HZ, .seed = 1};
	struct snippet chain = two;
	chain.latency = true;
	/* Of a copy: 1.2 cycles, 0.8 cycles. */
	for (int i = 0; i < 2; i++) {
		struct snippet_times times = made_up(i == 0 ? 1.2 : 0.8, SNIPPET_ROUNDS);
		result.times = &times;
		result.snippet = &chain;
		snippet_result_figure(&result);
		cr_expect_eq(snippet_result_status(&result), i == 0 ? 0 : 3);
		result.snippet = &two;
		cr_expect_eq(snippet_result_status(&result), 0);
	}
	result.status = BENCH_STATUS_HUNG;
	cr_expect_eq(snippet_result_status(&result), 4);
}

Test(snippet, times_of_strangers_are_looked_at) {
	struct snippet_times good = made_up(6, SNIPPET_ROUNDS), times = good;
	times.rounds = SNIPPET_ROUNDS + 1;
	cr_expect_not(snippet_times_are_sane(&times));
	times = good;
	times.turns[SNIPPET_LONG]++;
	cr_expect_not(snippet_times_are_sane(&times));
	times = good;
	times.unroll[SNIPPET_LONG] = times.unroll[SNIPPET_SHORT];
	cr_expect_not(snippet_times_are_sane(&times));
	times = good;
	times.ticks[SNIPPET_ADDS][SNIPPET_ROUNDS - 1] = UINT64_MAX;
	cr_expect_not(snippet_times_are_sane(&times));
	memset(&times, 0xff, sizeof(times));
	cr_expect_not(snippet_times_are_sane(&times));
	memset(&times, 0, sizeof(times));
	cr_expect_not(snippet_times_are_sane(&times));
}

/* An empty message of a run that is done, but for its times. */
static enum cage_end take(const struct message *message, struct room_seen *seen) {
	static uint64_t gaps[SNIPPET_ROUNDS];
	static double sorted[SNIPPET_ROUNDS];
	struct room_watch watch = {.gaps = gaps, .sorted = sorted};
	struct snippet_job job = {.hz = HZ, .watch = &watch};
	struct cage_run run = {.job = &job, .watched = true};
	const struct room_counted before = {.whole = false}, after = {.thread = {.switches_known = true, .waits = 2}};
	enum cage_end end = message_take(message, &before, &after, &run);
	*seen = run.seen;
	return end;
}

Test(snippet, a_forged_message_is_no_message) {
	static struct message good, forged;
	struct room_seen seen;
	good = (struct message){.end = CAGE_DONE, .times = made_up(6, SNIPPET_ROUNDS)};
	good.before.switches_known = true;
	cr_expect_eq(take(&good, &seen), CAGE_DONE);
	cr_expect(seen.counted[ROOM_WAITS] && seen.counts[ROOM_WAITS] == 2);
	forged = good;
	forged.before.waits = 3; /* more than there were later */
	cr_expect_eq(take(&forged, &seen), CAGE_DONE);
	cr_expect_eq(seen.counts[ROOM_WAITS], 0);
	forged = good;
	memset(&forged.seen.counted, 2, 1);
	cr_expect_eq(take(&forged, &seen), CAGE_GONE);
	forged = good;
	memset(&forged.before.ran_known, 0xff, 1);
	cr_expect_eq(take(&forged, &seen), CAGE_GONE);
	forged = good;
	forged.seen.ratio_low = NAN;
	cr_expect_eq(take(&forged, &seen), CAGE_GONE);
	forged = good;
	forged.gaps[SNIPPET_ROUNDS - 1] = UINT64_MAX;
	cr_expect_eq(take(&forged, &seen), CAGE_GONE);
	forged = good;
	forged.end = 99;
	cr_expect_eq(take(&forged, &seen), CAGE_GONE);
}

/* ---- the loops --------------------------------------------------------------------------------------------------- */

Test(snippet, an_instruction_is_found_in_its_copy) {
	struct snippet snippet = {.code = {0x90, 0x90, 0x90, 0x90},
				  .init = {0x90, 0x90, 0x90, 0x90},
				  .code_bytes = 4,
				  .init_bytes = 4,
				  .instructions = 1,
				  .copies = 1,
				  .unroll = 3};
	struct snippet_area area;
	size_t offset = 0;
	cr_assert_eq(snippet_area_make(&snippet, simd_features_detect(), &area), 0);
	for (int loop = SNIPPET_SHORT; loop <= SNIPPET_LONG; loop++) {
		uintptr_t begin = (uintptr_t)area.loops[loop].begin, init = (uintptr_t)area.loops[loop].init;
		cr_expect_eq(begin % 64, 0);
		cr_expect_eq(snippet_area_find(&area, &snippet, begin + 6, &offset), SNIPPET_IN_CODE);
		cr_expect_eq(offset, 2);
		cr_expect_eq(snippet_area_find(&area, &snippet, init + 3, &offset), SNIPPET_IN_INIT);
		cr_expect_eq(offset, 3);
		cr_expect_eq((uintptr_t)area.loops[loop].end, begin + 4 * area.loops[loop].unroll);
		cr_expect_eq(snippet_area_find(&area, &snippet, begin + 4 * area.loops[loop].unroll, &offset),
			     SNIPPET_ELSEWHERE);
	}
	snippet_area_free(&area);
	snippet.code_bytes = 0;
	cr_expect_eq(snippet_area_make(&snippet, simd_features_detect(), &area), PLATFORM_EINVAL);
	snippet.code_bytes = SNIPPET_BYTES_MOST;
	snippet.unroll = SNIPPET_UNROLL_MOST;
	cr_expect_eq(snippet_area_make(&snippet, simd_features_detect(), &area), PLATFORM_EINVAL);
}
