/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/stream/read.h"

#include "bench/plain.h"
#include "hosted/watch/bytes.h"
#include "lib/crc32.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct stream_reader {
	FILE *file;
	const char *name;
	enum stream_reading how;
	struct stream_note note;
	struct stream_note seen; /* counts and spaces as they are so far */
	uint64_t before[2];      /* the last address of data, of fetches, in this block */
	uint32_t left;           /* events of the block */
	uint64_t blocks;
	struct bytes_reader next;
	uint8_t block[STREAM_BLOCK_MOST];
};

/* ---- the head ---------------------------------------------------------------------------------------------------- */

bool stream_is_one(FILE *file) {
	char magic[STREAM_MAGIC_BYTES];
	bool is = fread(magic, 1, sizeof(magic), file) == sizeof(magic) &&
		  memcmp(magic, STREAM_MAGIC, sizeof(magic)) == 0;
	rewind(file);
	return is;
}

static bool is_name(const char *source) {
	size_t length = strnlen(source, STREAM_SOURCE_BYTES);
	for (size_t i = 0; i < length; i++)
		if (source[i] < ' ' || source[i] > '~')
			return false;
	return length < STREAM_SOURCE_BYTES;
}

/* What is wrong with it, or NULL. */
static const char *head_fault(const struct stream_note *note, uint64_t flags) {
	if (note->address_bits < STREAM_PAGE_SHIFT_LEAST || note->address_bits > 64)
		return "addresses have 12 to 64 bits";
	if (note->page_shift != 0 &&
	    (note->page_shift < STREAM_PAGE_SHIFT_LEAST || note->page_shift > STREAM_PAGE_SHIFT_MOST))
		return "pages have 2^12 to 2^40 bytes";
	if (note->spaces == 0 || note->spaces > STREAM_SPACES_MOST)
		return "there are 1 to 65536 address spaces";
	if (flags & ~(uint64_t)(STREAM_FINISHED | STREAM_HAS_FETCHES | STREAM_THINNED_MOST << STREAM_THINNED_SHIFT))
		return "it has a flag that nobody knows";
	if (!note->finished && (note->accesses != 0 || note->others != 0))
		return "it has counts, and is not finished";
	return is_name(note->source) ? NULL : "its source is no name";
}

static const char *parse_head(const uint8_t head[STREAM_HEAD_BYTES], struct stream_note *note) {
	struct bytes_reader from = {head + STREAM_MAGIC_BYTES, head + STREAM_HEAD_BYTES, true};
	if (bytes_get(&from, 2) != STREAM_VERSION)
		return "another version of the format than 1";
	note->address_bits = (uint8_t)bytes_get(&from, 1);
	note->page_shift = (uint8_t)bytes_get(&from, 1);
	note->spaces = (uint32_t)bytes_get(&from, 4);
	note->accesses = bytes_get(&from, 8);
	note->others = bytes_get(&from, 8);
	memcpy(note->source, from.at, STREAM_SOURCE_BYTES);
	from.at += STREAM_SOURCE_BYTES;
	uint64_t flags = bytes_get(&from, 4);
	note->finished = flags & STREAM_FINISHED;
	note->has_fetches = flags & STREAM_HAS_FETCHES;
	note->thinned = flags >> STREAM_THINNED_SHIFT & STREAM_THINNED_MOST;
	if (bytes_get(&from, 4) != crc32c(0, head, STREAM_HEAD_BYTES - 4))
		return "its head is damaged: the checksum is another";
	return head_fault(note, flags);
}

static bool take_head(struct stream_reader *reader, struct text *complaint) {
	uint8_t head[STREAM_HEAD_BYTES];
	size_t length = fread(head, 1, sizeof(head), reader->file);
	const char *fault = NULL;
	if (length < STREAM_MAGIC_BYTES || memcmp(head, STREAM_MAGIC, STREAM_MAGIC_BYTES) != 0)
		fault = "no address stream: it does not begin as one; `anechoic stream convert` makes one of lackey's "
			"lines";
	else if (length < sizeof(head))
		fault = "cut off in its head";
	else
		fault = parse_head(head, &reader->note);
	if (!fault && !reader->note.finished && reader->how == STREAM_WHOLE)
		fault = "it was not finished: who wrote it is still writing, or was killed; `anechoic stream convert` "
			"keeps "
			"what is whole";
	if (fault)
		plain_format(complaint, "%s: %s\n", reader->name, fault);
	return fault == NULL;
}

struct stream_reader *stream_open(FILE *file, const char *name, enum stream_reading how, struct text *complaint) {
	struct stream_reader *reader = calloc(1, sizeof(*reader));
	if (!reader) {
		plain_format(complaint, "%s: out of memory\n", name);
		return NULL;
	}
	reader->file = file;
	reader->name = name;
	reader->how = how;
	reader->next.good = true;
	if (take_head(reader, complaint))
		return reader;
	free(reader);
	return NULL;
}

const struct stream_note *stream_note(const struct stream_reader *reader) {
	return &reader->note;
}

void stream_close(struct stream_reader *reader) {
	free(reader);
}

/* ---- blocks ------------------------------------------------------------------------------------------------------ */

static long refuse(const struct stream_reader *reader, const char *what, struct text *complaint) {
	plain_format(complaint, "%s: block %" PRIu64 ": %s\n", reader->name, reader->blocks, what);
	return -1;
}

/* 0, or -1: it has not as many events as its head says. */
static long refuse_counts(const struct stream_reader *reader, struct text *complaint) {
	const struct stream_note *note = &reader->note, *seen = &reader->seen;
	if (!note->finished || (note->accesses == seen->accesses && note->others == seen->others))
		return 0;
	plain_format(complaint,
		     "%s: cut off: of %" PRIu64 " accesses and %" PRIu64 " other events it has %" PRIu64 " and %" PRIu64
		     "\n",
		     reader->name, note->accesses, note->others, seen->accesses, seen->others);
	return -1;
}

/* Of one that is not finished, what is cut off is the end. */
static long cut_off(const struct stream_reader *reader, struct text *complaint) {
	return reader->note.finished ? refuse(reader, "cut off", complaint) : 0;
}

/* 1: there is a block; 0: the end; -1: damaged. */
static long next_block(struct stream_reader *reader, struct text *complaint) {
	uint8_t head[STREAM_BLOCK_HEAD_BYTES];
	struct bytes_reader from = {head, head + sizeof(head), true};
	size_t got = fread(head, 1, sizeof(head), reader->file);
	if (got == 0 && !ferror(reader->file))
		return refuse_counts(reader, complaint);
	reader->blocks++;
	if (got < sizeof(head))
		return cut_off(reader, complaint);
	uint64_t length = bytes_get(&from, 4), events = bytes_get(&from, 4), crc = bytes_get(&from, 4);
	if (length == 0 || length > STREAM_BLOCK_MOST || events == 0 || events > length)
		return refuse(reader, "damaged: it has no such length", complaint);
	if (fread(reader->block, 1, length, reader->file) < length)
		return cut_off(reader, complaint);
	if (crc32c(crc32c(0, head, 8), reader->block, length) != crc)
		return refuse(reader, "damaged: the checksum is another", complaint);
	reader->next = (struct bytes_reader){reader->block, reader->block + length, true};
	reader->left = (uint32_t)events;
	reader->before[0] = reader->before[1] = 0;
	return 1;
}

/* ---- events ------------------------------------------------------------------------------------------------------ */

static bool take_access(struct stream_reader *reader, unsigned kind, uint64_t address, struct stream_event *event) {
	unsigned bits = reader->note.address_bits;
	if (bits < 64 && address >> bits != 0)
		return false;
	reader->before[kind == STREAM_EXECUTE] = address;
	reader->seen.accesses++;
	*event = (struct stream_event){address, (uint8_t)kind};
	return kind != STREAM_EXECUTE || reader->note.has_fetches;
}

static bool take_other(struct stream_reader *reader, unsigned kind, uint64_t value, struct stream_event *event) {
	reader->seen.others++;
	*event = (struct stream_event){value, (uint8_t)kind};
	if (kind == STREAM_FLUSH_ALL)
		return value == 0;
	if (kind != STREAM_FLUSH_PAGE)
		return value < reader->note.spaces;
	event->address = value << STREAM_PAGE_SHIFT_LEAST;
	return reader->note.address_bits >= 64 ? value >> (64 - STREAM_PAGE_SHIFT_LEAST) == 0
					       : event->address >> reader->note.address_bits == 0;
}

static bool take_event(struct stream_reader *reader, struct stream_event *event) {
	uint64_t number = bytes_get_number(&reader->next), value = number >> STREAM_KIND_BITS;
	unsigned kind = number & ((1u << STREAM_KIND_BITS) - 1);
	if (kind == STREAM_FAR) {
		uint64_t address = bytes_get_number(&reader->next);
		return value < STREAM_ACCESS_KINDS && take_access(reader, (unsigned)value, address, event);
	}
	if (kind >= STREAM_ACCESS_KINDS)
		return take_other(reader, kind, value, event);
	uint64_t difference = value >> 1 ^ -(value & 1);
	return take_access(reader, kind, reader->before[kind == STREAM_EXECUTE] + difference, event);
}

long stream_read(struct stream_reader *reader, struct stream_event *events, size_t most, struct text *complaint) {
	size_t count = 0;
	while (count < most) {
		long more = reader->left > 0 ? 1 : next_block(reader, complaint);
		if (more < 0)
			return more;
		if (more == 0)
			break;
		bool good = take_event(reader, &events[count++]) && reader->next.good;
		reader->left--;
		if (!good || (reader->left == 0 && reader->next.at != reader->next.end))
			return refuse(reader, "an event that cannot be", complaint);
	}
	return (long)count;
}
