/* SPDX-License-Identifier: Apache-2.0
 *
 * Initialisers by position, each with its name beside it: C++ has no others for arrays.
 */
#include "bench/tune/profile_c.h"

#include <inttypes.h>
#include <string.h>

/* Within a comment that it cannot end, and a line. */
static void add_word(struct text *text, const char *before, const char *word) {
	if (!word[0])
		return;
	text_add_string(text, before);
	for (; *word; word++) {
		char c = *word < ' ' || *word > '~' || *word == '*' || *word == '\\' ? '?' : *word;
		text_add(text, &c, 1);
	}
}

static void add_head(struct text *text, const struct profile_about *about) {
	const struct tune_signature *signature = about->signature;
	text_format(text, "/* Methods of simd/ by size for %s use, as they were measured",
		    tune_for_name(about->what_for));
	add_word(text, " on ", about->date);
	add_word(text, " by `", about->command);
	text_format(text, "%s.\n *\n", about->command[0] ? "`" : "");
	add_word(text, " * CPU         ", signature->cpu);
	add_word(text, "\n *             ", signature->model);
	add_word(text, "\n * core type   ", signature->core_type);
	add_word(text, "\n * microcode   ", signature->microcode);
	add_word(text, "\n * hypervisor  ", signature->hypervisor);
	add_word(text, "\n * kernels     ", signature->kernels);
	text_add_string(text, "\n *\n * Elsewhere it costs speed, never a fault: a method that is not there leaves the "
			      "built-in choice. */\n");
}

static void add_bytes(struct text *text, size_t bytes) {
	if (bytes == SIZE_MAX)
		text_add_string(text, "SIZE_MAX");
	else
		text_format(text, "%zu", bytes);
}

static bool is_same(const char *method, const char *other) {
	return method && other ? strcmp(method, other) == 0 : method == other;
}

struct simd_choice profile_c_merged(const struct simd_choice *choice) {
	struct simd_choice merged = {.method = {choice->method[0]}};
	size_t last = 0, least = 0;
	for (size_t i = 1; i < SIMD_BANDS && choice->below[i - 1] > least; i++) {
		least = choice->below[i - 1];
		if (is_same(choice->method[i], merged.method[last]))
			continue;
		merged.below[last++] = least;
		merged.method[last] = choice->method[i];
	}
	return merged;
}

static void add_choice(struct text *text, enum simd_operation operation, const struct simd_choice *all) {
	const struct simd_choice merged = profile_c_merged(all), *choice = &merged;
	text_add_string(text, "\t\t{{");
	for (int i = 0; i < SIMD_BANDS; i++) {
		text_add_string(text, i ? ", " : "");
		if (choice->method[i])
			text_add_json(text, choice->method[i]);
		else
			text_add_string(text, "NULL");
	}
	text_add_string(text, "}, {");
	for (int i = 0; i < SIMD_BANDS - 1; i++) {
		text_add_string(text, i ? ", " : "");
		add_bytes(text, choice->below[i]);
	}
	text_format(text, "}}, /* %s */\n", simd_operation_name(operation));
}

void profile_c_write(struct text *text, const struct profile_about *about, const struct simd_profile *profile) {
	add_head(text, about);
	text_add_string(text,
			"#pragma once\n\n#include \"simd/profile.h\"\n\n#include <stddef.h>\n#include <stdint.h>\n\n"
			"static const struct simd_profile simd_profile_tuned = {\n\t");
	add_bytes(text, profile->copy_stream_bytes);
	text_add_string(text, ", /* copy_stream_bytes */\n\t");
	add_bytes(text, profile->zero_stream_bytes);
	text_add_string(text, ", /* zero_stream_bytes */\n\t{\n");
	for (int i = 0; i < SIMD_OPERATION_COUNT; i++)
		add_choice(text, (enum simd_operation)i, &profile->choice[i]);
	text_add_string(text, "\t},\n};\n");
}
