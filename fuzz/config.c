/* SPDX-License-Identifier: Apache-2.0
 *
 * anechoic.conf over any bytes, as the programme reads it and as the loader and the kernel do; and the same
 * bytes as a command line.
 */
#include "bench/options.h"
#include "boot/options.h"
#include "fuzz/fuzz.h"
#include "lib/conf.h"
#include "lib/unicode.h"

#include <stdlib.h>

static int set(const char *value) {
	(void)value;
	return 0;
}

static const struct platform_option extra[] = {{"out", "FILE", "", set, NULL}, {.name = NULL}};

static void check(const struct options *options) {
	if (options->filter_count > OPTIONS_FILTERS_MAX || options->inject_count > OPTIONS_FILTERS_MAX ||
	    options->words_used > OPTIONS_WORDS_BYTES || options->sample_size < 10 ||
	    !(options->confidence_level > 0 && options->confidence_level < 1))
		abort();
}

/* What the loader makes of a file fits the room that it has, and no mark is left. Malloced to the byte: a
 * sanitizer sees one too far. */
static char *decode(const uint8_t *bytes, size_t *length) {
	char *text = malloc(UNICODE_UTF8_BYTES_MAX(*length));
	size_t cut = *length / 2;
	char *half = malloc(cut + 1);
	if (text == NULL || half == NULL || unicode_to_utf8(bytes, *length, half, cut) > cut)
		abort();
	free(half);
	*length = unicode_to_utf8(bytes, *length, text, UNICODE_UTF8_BYTES_MAX(*length));
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
	static struct options options;
	struct text complaints = {0};
	char ascii[256], own_name[] = "anechoic";
	options_to_ascii(bytes, length, NULL, ascii, sizeof(ascii));
	char *text = decode(bytes, &length);
	options_start(&options);
	options_config(&options, extra, (struct platform_text){text, length}, &complaints);
	check(&options);
	conf_find(text, length, text, length, "arguments");

	char *words[17] = {own_name}, *copies[17] = {0};
	struct conf_cursor cursor = conf_open(text, length);
	struct conf_span word;
	int count = 1;
	while (count < 16 && conf_next_word(&cursor, &word)) {
		copies[count] = words[count] = calloc(1, word.length + 1);
		for (size_t i = 0; i < word.length; i++)
			words[count][i] = word.bytes[i];
		count++;
	}
	options_start(&options);
	options_command_line(&options, extra, count, words, &complaints);
	check(&options);
	options_settle(&options, 2000, 1000);
	for (int i = 1; i < count; i++)
		free(copies[i]);
	text_free(&complaints);
	free(text);
	return 0;
}
