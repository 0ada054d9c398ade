/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/stream/write.h"

#include "hosted/watch/bytes.h"
#include "lib/crc32.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static void put(struct stream_writer *writer, const void *bytes, size_t length) {
	if (writer->failed || fwrite(bytes, 1, length, writer->file) == length)
		return;
	writer->failed = true;
	writer->error = errno;
}

static void put_head(struct stream_writer *writer) {
	uint8_t head[STREAM_HEAD_BYTES] = {0};
	const struct stream_note *note = &writer->note;
	struct bytes_writer to = {head, head + sizeof(head), true};
	memcpy(to.at, STREAM_MAGIC, STREAM_MAGIC_BYTES);
	to.at += STREAM_MAGIC_BYTES;
	bytes_put(&to, STREAM_VERSION, 2);
	bytes_put(&to, note->address_bits, 1);
	bytes_put(&to, note->page_shift, 1);
	bytes_put(&to, note->finished ? note->spaces : STREAM_SPACES_MOST, 4);
	bytes_put(&to, note->finished ? note->accesses : 0, 8);
	bytes_put(&to, note->finished ? note->others : 0, 8);
	memcpy(to.at, note->source, STREAM_SOURCE_BYTES);
	to.at += STREAM_SOURCE_BYTES;
	bytes_put(&to,
		  (unsigned)(note->thinned << STREAM_THINNED_SHIFT) | (note->has_fetches ? STREAM_HAS_FETCHES : 0) |
			  (note->finished ? STREAM_FINISHED : 0),
		  4);
	bytes_put(&to, crc32c(0, head, (size_t)(to.at - head)), 4);
	put(writer, head, sizeof(head));
}

static void start_block(struct stream_writer *writer) {
	writer->before[0] = writer->before[1] = 0;
	writer->events = 0;
	writer->next = (struct bytes_writer){writer->block, writer->block + sizeof(writer->block), true};
}

void stream_writer_start(struct stream_writer *writer, FILE *file, const struct stream_note *note) {
	writer->file = file;
	writer->note = *note;
	writer->note.accesses = writer->note.others = 0;
	writer->note.spaces = 1;
	writer->note.finished = false;
	start_block(writer);
	writer->begun = false;
	writer->failed = false;
	writer->error = 0;
}

static void begin(struct stream_writer *writer) {
	int file = fileno(writer->file);
	writer->begun = true;
	/* EINVAL: a device. */
	if (file >= 0 && ftruncate(file, 0) != 0 && errno != EINVAL) {
		writer->failed = true;
		writer->error = errno;
	}
	put_head(writer);
}

static void put_block(struct stream_writer *writer) {
	uint8_t head[STREAM_BLOCK_HEAD_BYTES];
	struct bytes_writer to = {head, head + sizeof(head), true};
	size_t length = (size_t)(writer->next.at - writer->block);
	if (writer->events == 0)
		return;
	bytes_put(&to, length, 4);
	bytes_put(&to, writer->events, 4);
	bytes_put(&to, crc32c(crc32c(0, head, (size_t)(to.at - head)), writer->block, length), 4);
	put(writer, head, sizeof(head));
	put(writer, writer->block, length);
	start_block(writer);
}

static void append(struct stream_writer *writer, uint64_t value, unsigned kind) {
	bytes_put_number(&writer->next, value << STREAM_KIND_BITS | kind);
}

static void append_access(struct stream_writer *writer, struct stream_event event) {
	unsigned bits = writer->note.address_bits;
	uint64_t address = bits < 64 ? event.address & ((UINT64_C(1) << bits) - 1) : event.address;
	uint64_t *before = &writer->before[event.kind == STREAM_EXECUTE];
	uint64_t difference = address - *before, zigzag = difference << 1 ^ -(difference >> 63);
	*before = address;
	if (zigzag >> (64 - STREAM_KIND_BITS) == 0) {
		append(writer, zigzag, event.kind);
	} else {
		append(writer, event.kind, STREAM_FAR);
		bytes_put_number(&writer->next, address);
	}
	writer->note.accesses++;
}

static void append_other(struct stream_writer *writer, struct stream_event event) {
	uint64_t value = event.kind == STREAM_FLUSH_PAGE ? event.address >> STREAM_PAGE_SHIFT_LEAST : event.address;
	if ((event.kind == STREAM_SWITCH || event.kind == STREAM_FLUSH_SPACE) && value >= writer->note.spaces)
		writer->note.spaces = (uint32_t)value + 1;
	append(writer, value, event.kind);
	writer->note.others++;
}

void stream_write(struct stream_writer *writer, struct stream_event event) {
	if (!writer->begun)
		begin(writer);
	if (event.kind < STREAM_ACCESS_KINDS)
		append_access(writer, event);
	else
		append_other(writer, event);
	writer->events++;
	if (writer->next.end - writer->next.at < STREAM_EVENT_MOST)
		put_block(writer);
}

static void write_given(void *owner, const struct stream_event *event) {
	stream_write(owner, *event);
}

void stream_write_thin(struct stream_writer *writer, const struct stream_thin *thin) {
	unsigned thinned = writer->note.thinned + thin->shift;
	writer->note.thinned = (uint8_t)(thinned < STREAM_THINNED_MOST ? thinned : STREAM_THINNED_MOST);
	stream_thin_give(thin, write_given, writer);
}

bool stream_writer_end(struct stream_writer *writer) {
	if (!writer->begun)
		begin(writer);
	put_block(writer);
	writer->note.finished = true;
	if (!writer->failed && fseek(writer->file, 0, SEEK_SET) == 0) {
		put_head(writer);
	} else if (!writer->failed) {
		writer->failed = true;
		writer->error = errno;
	}
	if (!writer->failed && fflush(writer->file) != 0) {
		writer->failed = true;
		writer->error = errno;
	}
	return !writer->failed;
}
