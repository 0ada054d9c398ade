/* SPDX-License-Identifier: Apache-2.0
 *
 * A snippet as somebody wrote it, of either architecture: what comes through is instructions, labels and data to any
 * assembler. And bytes in hexadecimal, as the image reads them.
 */
#include "bench/snippet/publish.h"
#include "fuzz/fuzz.h"
#include "hosted/snippet/source.h"

/* Nothing that an assembler reads as more than a statement a line, or as a file's name. */
static void check_lines(const struct text *lines) {
	need(lines->length > 0 && lines->bytes[lines->length - 1] == '\n');
	for (size_t i = 0; i < lines->length; i++)
		need(strchr(";/\"'\\@$%=|", lines->bytes[i]) == NULL);
	for (const char *at = lines->bytes, *end = at + lines->length; at < end;) {
		need(*at != '#');
		at = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
	static uint8_t code[SNIPPET_BYTES_MOST];
	char *written = malloc(length + 1);
	need(written != NULL);
	for (size_t i = 0; i < length; i++)
		written[i] = (char)bytes[i];
	written[length] = '\0';
	for (int arch = 0; arch < SOURCE_ARCHES; arch++) {
		struct text lines = {0}, complaint = {0};
		uint32_t copies = 0, count;
		if (source_read(written, (enum source_arch)arch, &lines, &copies, &complaint)) {
			need(copies >= 1 && copies <= SOURCE_COPIES_MOST && complaint.length == 0);
			check_lines(&lines);
		} else {
			need(complaint.length > 0);
		}
		need(!snippet_bytes_of(written, code, &count) || (count > 0 && count * 2 == strlen(written)));
		text_free(&lines);
		text_free(&complaint);
	}
	free(written);
	return 0;
}
