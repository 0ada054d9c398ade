/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/snippet/source.h"

#include <ctype.h>
#include <string.h>

enum { SAID_BYTES = 100 };

/* What an instruction, a label or data is made of. No '/', '"', ''', '\\', '@', '$', '%', '=': comments,
 * strings, macros' arguments, relocations and assignments. '#' begins a comment on one architecture and a
 * number on the other. */
static const char punctuation[] = " \t_.,[]{}+-*:#!()<>&|^~";

static const char *const data_directives[] = {".byte",  ".2byte", ".4byte",  ".8byte",  ".short", ".hword",
					      ".word",  ".long",  ".int",    ".quad",   ".octa",  ".dword",
					      ".xword", ".float", ".single", ".double", ".inst"};

/* The loop's own. */
static const char *const counters[SOURCE_ARCHES][4] = {
	[SOURCE_X86_64] = {"r15", "r15d", "r15w", "r15b"},
	[SOURCE_AARCH64] = {"x28", "w28"},
};

static const char *const arches[SOURCE_ARCHES] = {[SOURCE_X86_64] = "x86_64", [SOURCE_AARCH64] = "aarch64"};

struct statement {
	const char *bytes;
	size_t length;
};

struct reader {
	enum source_arch arch;
	uint32_t copies; /* of the alternatives so far; 1: there are none */
	struct text *complaint;
};

bool source_arch_of(const char *name, enum source_arch *arch) {
	for (int i = 0; i < SOURCE_ARCHES; i++)
		if (strcmp(name, arches[i]) == 0) {
			*arch = (enum source_arch)i;
			return true;
		}
	return false;
}

const char *source_arch_name(enum source_arch arch) {
	return arches[arch];
}

static bool is_word(char c) {
	return isalnum((unsigned char)c) || c == '_';
}

static bool is_blank(char c) {
	return c == ' ' || c == '\t';
}

/* Always false. */
static bool refuse(const struct reader *reader, struct statement statement, const char *why) {
	int length = statement.length < SAID_BYTES ? (int)statement.length : SAID_BYTES;
	text_format(reader->complaint, "'%.*s': %s\n", length, statement.bytes, why);
	return false;
}

static struct statement trimmed(const char *begin, const char *end) {
	while (begin < end && is_blank(*begin))
		begin++;
	while (end > begin && is_blank(end[-1]))
		end--;
	return (struct statement){begin, (size_t)(end - begin)};
}

static bool word_is(const char *bytes, size_t length, const char *word) {
	if (word == NULL || strlen(word) != length)
		return false;
	for (size_t i = 0; i < length; i++)
		if (tolower((unsigned char)bytes[i]) != word[i])
			return false;
	return true;
}

/* ---- one statement ----------------------------------------------------------------------------------------------- */

static bool check_characters(const struct reader *reader, struct statement statement) {
	for (size_t i = 0; i < statement.length; i++) {
		char c = statement.bytes[i], next = i + 1 < statement.length ? statement.bytes[i + 1] : ' ';
		if (c == '#' && reader->arch == SOURCE_AARCH64 && i > 0 &&
		    (isalnum((unsigned char)next) || next == '-'))
			continue;
		if (c == '#' || (!isalnum((unsigned char)c) && strchr(punctuation, c) == NULL))
			return refuse(reader, statement,
				      "a snippet has no comments, strings, assignments or signs that no instruction "
				      "needs");
	}
	return true;
}

static bool check_words(const struct reader *reader, struct statement statement) {
	for (size_t i = 0, length; i < statement.length; i += length) {
		for (length = 0; i + length < statement.length && is_word(statement.bytes[i + length]);)
			length++;
		for (size_t k = 0; length != 0 && k < sizeof(counters[0]) / sizeof(counters[0][0]); k++)
			if (word_is(statement.bytes + i, length, counters[reader->arch][k]))
				return refuse(reader, statement,
					      reader->arch == SOURCE_X86_64 ? "r15 counts the loop's turns"
									    : "x28 counts the loop's turns");
		length += length == 0;
	}
	return true;
}

/* A directive may stand behind another word, too ("name .req x0"). */
static bool check_dots(const struct reader *reader, struct statement statement) {
	for (size_t i = 1; i < statement.length; i++)
		if (statement.bytes[i] == '.' && !is_word(statement.bytes[i - 1]))
			return refuse(reader, statement, "a snippet has no directives but those of data");
	return true;
}

static bool is_data(struct statement statement) {
	size_t length = 0;
	while (length < statement.length && !is_blank(statement.bytes[length]))
		length++;
	for (size_t i = 0; i < sizeof(data_directives) / sizeof(data_directives[0]); i++)
		if (word_is(statement.bytes, length, data_directives[i]))
			return true;
	return false;
}

/* What stands behind labels. */
static struct statement behind_labels(struct statement statement) {
	const char *begin = statement.bytes, *end = begin + statement.length;
	for (;;) {
		const char *at = begin;
		while (at < end && is_word(*at))
			at++;
		if (at == begin || at == end || *at != ':')
			return trimmed(begin, end);
		struct statement rest = trimmed(at + 1, end);
		begin = rest.bytes;
		end = rest.bytes + rest.length;
	}
}

/* The alternatives of the bracket that opens at `at`, 0 where it has none. *length: of the bracket. */
static uint32_t count_alternatives(struct statement statement, size_t at, size_t *length) {
	uint32_t bars = 0;
	for (size_t i = at + 1; i < statement.length; i++) {
		bars += statement.bytes[i] == '|';
		if (statement.bytes[i] == '(')
			break;
		if (statement.bytes[i] == ')') {
			*length = i + 1 - at;
			return bars != 0 ? bars + 1 : 0;
		}
	}
	*length = 1;
	return 0;
}

static bool check_alternatives(struct reader *reader, struct statement statement) {
	size_t length;
	for (size_t i = 0; i < statement.length; i += length) {
		length = 1;
		if (statement.bytes[i] == '|')
			return refuse(reader, statement, "alternatives stand in round brackets: (rax|rcx)");
		if (statement.bytes[i] != '(')
			continue;
		uint32_t count = count_alternatives(statement, i, &length);
		if (count > SOURCE_COPIES_MOST)
			return refuse(reader, statement, "more than 16 alternatives");
		if (count != 0 && reader->copies != 1 && reader->copies != count)
			return refuse(reader, statement, "all brackets have as many alternatives");
		reader->copies = count != 0 ? count : reader->copies;
	}
	return true;
}

static bool check(struct reader *reader, struct statement statement) {
	if (!check_characters(reader, statement) || !check_words(reader, statement) ||
	    !check_alternatives(reader, statement))
		return false;
	struct statement rest = behind_labels(statement);
	if (rest.length == 0)
		return true;
	if (rest.bytes[0] == '.' && !is_data(rest))
		return refuse(reader, statement, "a snippet has no directives but those of data");
	if (rest.bytes[0] != '.' && rest.bytes[0] != '{' && !isalpha((unsigned char)rest.bytes[0]))
		return refuse(reader, statement, "not an instruction, a label or data");
	return check_dots(reader, rest);
}

/* ---- all of them ------------------------------------------------------------------------------------------------- */

/* The next that is not empty; false: past the last. */
static bool next_statement(const char **at, struct statement *statement) {
	while (**at) {
		const char *end = *at + strcspn(*at, ";\n");
		*statement = trimmed(*at, end);
		*at = *end ? end + 1 : end;
		if (statement->length != 0)
			return true;
	}
	return false;
}

/* With the n-th of its alternatives. */
static void write_statement(struct statement statement, uint32_t copy, struct text *lines) {
	size_t length;
	for (size_t i = 0; i < statement.length; i += length) {
		length = 1;
		if (statement.bytes[i] != '(' || count_alternatives(statement, i, &length) == 0) {
			text_add(lines, statement.bytes + i, length);
			continue;
		}
		const char *begin = statement.bytes + i + 1;
		for (uint32_t k = 0; k < copy; k++)
			begin += strcspn(begin, "|") + 1;
		text_add(lines, begin, strcspn(begin, "|)"));
	}
	text_add_string(lines, "\n");
}

bool source_read(const char *written, enum source_arch arch, struct text *lines, uint32_t *copies,
		 struct text *complaint) {
	struct reader reader = {.arch = arch, .copies = 1, .complaint = complaint};
	struct statement statement;
	const char *at = written;
	bool any = false;
	if (strlen(written) > SOURCE_BYTES_MOST) {
		text_format(complaint, "a snippet of more than %d characters\n", SOURCE_BYTES_MOST);
		return false;
	}
	while (next_statement(&at, &statement)) {
		if (!check(&reader, statement))
			return false;
		any = true;
	}
	if (!any)
		text_add_string(complaint, "an empty snippet\n");
	for (uint32_t copy = 0; copy < reader.copies; copy++)
		for (at = written; next_statement(&at, &statement);)
			write_statement(statement, copy, lines);
	*copies = reader.copies;
	return any;
}
