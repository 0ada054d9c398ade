/* SPDX-License-Identifier: Apache-2.0
 *
 * Address streams, whatever they are: refused with a line, or events that can be written and are read back as the same.
 * The checksums are put right first, or nothing would get past them. The same bytes as lackey's lines.
 */
#include "hosted/stream/lackey.h"
#include "hosted/stream/pages.h"
#include "hosted/stream/read.h"
#include "hosted/stream/write.h"

#include "fuzz/fuzz.h"

static void put_crc(uint8_t *to, uint32_t crc) {
	for (size_t i = 0; i < CRC_BYTES; i++)
		to[i] = (uint8_t)(crc >> (8 * i));
}

static void put_right(uint8_t *bytes, size_t length) {
	if (length < STREAM_HEAD_BYTES)
		return;
	put_crc(bytes + STREAM_HEAD_BYTES - CRC_BYTES, crc32c(0, bytes, STREAM_HEAD_BYTES - CRC_BYTES));
	for (size_t at = STREAM_HEAD_BYTES; at + STREAM_BLOCK_HEAD_BYTES <= length;) {
		uint8_t *head = bytes + at;
		size_t block = head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16;
		at += STREAM_BLOCK_HEAD_BYTES;
		if (block > length - at)
			return;
		uint32_t crc = crc32c(0, head, STREAM_BLOCK_HEAD_BYTES - CRC_BYTES);
		put_crc(head + STREAM_BLOCK_HEAD_BYTES - CRC_BYTES, crc32c(crc, bytes + at, block));
		at += block;
	}
}

/* Of as many events as are read at once. */
enum { MOST = 512 };

/* Whether it could be read to its end; how many events there were. */
static bool read_all(FILE *file, struct stream_writer *writer, uint64_t *events) {
	struct text complaint = {0};
	struct stream_event event[MOST];
	struct stream_reader *reader = stream_open(file, "input", STREAM_SALVAGE, &complaint);
	struct pages pages;
	long count = reader ? 0 : -1;
	need((reader == NULL) == (complaint.length != 0));
	pages_start(&pages, STREAM_PAGE_SHIFT_LEAST);
	while (reader && (count = stream_read(reader, event, MOST, &complaint)) > 0)
		for (long i = 0; i < count; i++) {
			if (writer)
				stream_write(writer, event[i]);
			pages_take(&pages, &event[i]);
			++*events;
		}
	need((count < 0) == (complaint.length != 0));
	need(pages.count <= *events);
	stream_close(reader);
	pages_free(&pages);
	text_free(&complaint);
	return count == 0;
}

static const struct stream_note note = {.address_bits = 64, .has_fetches = true, .source = "fuzz"};

/* What is written is as long as what was read but for addresses that stand first in a block there and not here. */
enum { WRITTEN_MOST = 4 * STREAM_BLOCK_MOST };

static void use(uint8_t *bytes, size_t length) {
	static struct stream_writer writer;
	static uint8_t written[WRITTEN_MOST];
	uint64_t events = 0, again = 0;
	FILE *from = fmemopen(bytes, length, "rb"), *to = fmemopen(written, sizeof(written), "w+b");
	need(from != NULL && to != NULL);
	stream_writer_start(&writer, to, &note);
	bool whole = read_all(from, &writer, &events);
	need(stream_writer_end(&writer) && fseek(to, 0, SEEK_END) == 0);
	long end = ftell(to);
	need(end >= STREAM_HEAD_BYTES && fclose(from) == 0 && fclose(to) == 0);
	if (whole) {
		from = fmemopen(written, (size_t)end, "rb");
		need(from != NULL && read_all(from, NULL, &again) && again == events);
		fclose(from);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
	struct stream_event event;
	uint8_t *copy = with_crc(bytes, length);
	if (lackey_parse((const char *)bytes, length, &event))
		need(event.kind < STREAM_ACCESS_KINDS);
	if (length > 0) {
		use(copy, length);
		put_right(copy, length);
		use(copy, length);
	}
	free(copy);
	return 0;
}
