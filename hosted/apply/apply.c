/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/apply/apply.h"

#include "hosted/apply/crossing.h"

#include <stdio.h>
#include <string.h>

const enum simd_operation apply_served[APPLY_SERVED] = {SIMD_OPERATION_COPY, SIMD_OPERATION_FILL, SIMD_OPERATION_ZERO,
							SIMD_OPERATION_COMPARE, SIMD_OPERATION_FIND_BYTE};

/* Bands of a choice, the last one where nothing follows; `write` is told of each. */
static void each_band(const struct simd_choice *choice, void (*write)(const char *method, size_t below, void *to),
		      void *to) {
	for (size_t i = 0; i < SIMD_BANDS; i++) {
		size_t below = i < SIMD_BANDS - 1 ? choice->below[i] : 0;
		write(choice->method[i], below, to);
		if (below == 0)
			return;
	}
}

static void write_band(const char *method, size_t below, void *to) {
	text_format(to, "%s", method ? method : "-");
	if (below)
		text_format(to, "<%zu:", below);
}

static void show_band(const char *method, size_t below, void *to) {
	text_format(to, " %s", method ? method : "as built in");
	if (below)
		text_format(to, " below %zu,", below);
}

void apply_add_kernels(const struct simd_profile *profile, struct text *setting) {
	for (size_t i = 0; i < APPLY_SERVED; i++) {
		text_format(setting, "%s%s=", setting->length ? "," : "", simd_operation_name(apply_served[i]));
		each_band(&profile->choice[apply_served[i]], write_band, setting);
	}
	if (profile->copy_stream_bytes)
		text_format(setting, ",copy_stream=%zu", profile->copy_stream_bytes);
	if (profile->zero_stream_bytes)
		text_format(setting, ",zero_stream=%zu", profile->zero_stream_bytes);
}

void apply_add_sizes(const struct crossings *crossings, struct text *setting) {
	for (size_t i = 0; i < APPLY_SERVED; i++) {
		const struct crossing *of = &crossings->of[apply_served[i]];
		text_format(setting, ",%s_sizes=", simd_operation_name(apply_served[i]));
		if (of->below != 0)
			text_format(setting, "%zu", of->from);
		text_add_string(setting, "-");
		if (of->below != 0 && of->below != SIZE_MAX)
			text_format(setting, "%zu", of->below);
	}
}

bool apply_serves(const char *setting) {
	char none[64];
	for (size_t i = 0; i < APPLY_SERVED; i++) {
		int length = snprintf(none, sizeof(none), "%s_sizes=-", simd_operation_name(apply_served[i]));
		const char *found = strstr(setting, none);
		if (!found || (found[length] && found[length] != ','))
			return true;
	}
	return false;
}

static void show_sizes(const struct crossing *of, struct text *text) {
	if (of->below == SIZE_MAX)
		text_format(text, "from %zu bytes on:", of->from);
	else
		text_format(text, "from %zu to %zu bytes:", of->from, of->below - 1);
}

void apply_show_kernels(const struct simd_profile *profile, const struct crossings *crossings, struct text *text) {
	for (size_t i = 0; i < APPLY_SERVED; i++) {
		const struct crossing *of = &crossings->of[apply_served[i]];
		text_format(text, "  %-9s ", simd_operation_name(apply_served[i]));
		if (of->below == 0) {
			text_add_string(text, "the C library's, which is no slower at any size\n");
			continue;
		}
		show_sizes(of, text);
		each_band(&profile->choice[apply_served[i]], show_band, text);
		text_add_string(text, "\n");
	}
}

/* The number at *at, which then stands behind it; 0: none that is a size. */
static size_t read_size(const char **at) {
	size_t size = 0;
	while (**at >= '0' && **at <= '9') {
		unsigned digit = (unsigned)(*(*at)++ - '0');
		size = size < SIZE_MAX / 16 ? size * 10 + digit : size;
	}
	return size;
}

bool apply_add_pools(const char *sizes, struct text *setting) {
	text_add_string(setting, setting->length ? ",pools=" : "pools=");
	for (const char *at = sizes; at;) {
		size_t first = read_size(&at), last = *at == '-' ? (at++, read_size(&at)) : first;
		if (first == 0 || first > APPLY_POOL_BYTES_MOST || last < first || (*at && *at != ','))
			return false;
		text_format(setting, "%zu-%zu", first, last);
		text_add_string(setting, *at ? ":" : "");
		at = *at ? at + 1 : NULL;
	}
	return true;
}

void apply_add_quoted(const char *word, struct text *text) {
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789%+,-./:=@_";
	if (*word && strspn(word, plain) == strlen(word)) {
		text_add_string(text, word);
		return;
	}
	text_add_string(text, "'");
	for (; *word; word++)
		text_add(text, *word == '\'' ? "'\\''" : word, *word == '\'' ? 4 : 1);
	text_add_string(text, "'");
}
