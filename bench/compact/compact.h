/* SPDX-License-Identifier: Apache-2.0
 *
 * Records for a console of which little is kept: the same records, byte for byte, in lines of printable ASCII without a
 * blank, none longer than a narrow console shows without breaking it. Each record is whole by itself.
 *
 *     @ kind number number payload
 *
 * without the blanks between. `kind` says whether the line is a record's Begin, Continuation, End, or the Whole of it;
 * two digits, the higher one first, number a log's compact lines from 0 on, modulo COMPACT_WINDOW. All but a record's
 * last line are COMPACT_LINE_BYTES long. The payloads of a record's lines are one text, and its last CRC32C_DIGITS
 * bytes are the CRC of the long form.
 *
 * A digit is one of 92: '!' to '}' but '@'. A count is digits of base 46 from the lowest on, all but the last one
 * greater by 46. In the payload '^' stands for a blank, and '~' begins a token; every other byte stands for itself. The
 * digit behind '~' says which:
 *
 *     0, 1, 2       '~', '@', '^' themselves
 *     3, 4          the numbers of an array, with a comma between: a count of how many, then of each, as a count, how
 *                   far it is from the one that was expected (the sign in the lowest bit). The first is expected to be
 *                   0, number i the one before it (3), or that times (i + 1) / i (4): samples of one, two, three times
 *                   as many iterations.
 *     5 to 91       so many bytes are the same as those that two digits, the higher one first, say how far back, less
 *                   1. Before the record stands compact_dictionary.
 *
 * Pure but for the heap. Why it is not one of the general compressors: each record must be readable alone, and most of
 * one is samples, which these do not see as numbers; and the image has no library but the C one.
 */
#pragma once

#include "bench/json.h"
#include "bench/text.h"

#include <stdint.h>

enum {
	COMPACT_DIGITS = 92,
	COMPACT_WINDOW = COMPACT_DIGITS * COMPACT_DIGITS,
	COMPACT_COUNT_DIGITS = COMPACT_DIGITS / 2,
	COMPACT_MATCH_LEAST = 5,
	COMPACT_MATCH_MOST = COMPACT_DIGITS - 1,
	COMPACT_HEAD_BYTES = 4, /* the mark, the kind, the number */
	COMPACT_LINE_BYTES = 79,
};

enum compact_token {
	COMPACT_TILDE,
	COMPACT_AT,
	COMPACT_CIRCUMFLEX,
	COMPACT_NUMBERS,
	COMPACT_MULTIPLES,
	COMPACT_TOKENS,
};

/* What records of this form say again and again. It is a part of the form: to change it makes old logs unreadable. */
extern const char compact_dictionary[];

/* Number `index` of an array by the one before it, by what `token` expects. */
uint64_t compact_expected(enum compact_token token, uint64_t before, uint64_t index);

/* ---- writing ----------------------------------------------------------------------------------------------------- */

/* Of one log. All zero at first. */
struct compact_writer {
	uint32_t number;     /* of the next line */
	struct text run;     /* of the run that was begun, as they were given; to be said once more at its end */
	struct text context; /* likewise */
};

/* Adds a record, given in its long form, to `lines`. What launchers and the loader look for (RUN, START, CUT, DONE,
 * SAVED, UNSAVED) stays in that form; before DONE come RUN, as one that is said `again`, CONTEXT, and a compact DONE,
 * so that a log's end is enough. What cannot be compact (no memory, a byte that is not printable ASCII) stays long. */
void compact_write(struct compact_writer *writer, const char *record, size_t length, struct text *lines);

void compact_writer_free(struct compact_writer *writer);

/* ---- reading ----------------------------------------------------------------------------------------------------- */

/* Of one log. All zero at first. */
struct compact_reader {
	struct text payload; /* of the record that was begun */
	bool is_open;        /* one was */
	bool is_numbered;    /* a line came */
	uint32_t next;       /* its number, and one more */
	uint64_t cut;        /* lines before the first one */
	uint64_t lost;       /* lines between others, and records whose CRC is not theirs */
	uint32_t doubted;    /* the number of a line that was out of turn, and one more */
};

enum compact_line {
	COMPACT_NO_LINE, /* of this form */
	COMPACT_PART,    /* or one of a record that is not whole */
	COMPACT_RECORD,  /* the last one of a record */
};

/* Takes a line, without its end, that may be anything. *record is emptied, and with COMPACT_RECORD becomes that
 * record in its long form. A line that comes twice in a row costs nothing. What looks like a record's last line, but is
 * out of turn and gives no record, is a stranger's, unless the line behind it has the number that follows. */
enum compact_line compact_read(struct compact_reader *reader, struct json_span line, struct text *record);

void compact_reader_free(struct compact_reader *reader);
