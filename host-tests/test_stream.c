/* SPDX-License-Identifier: Apache-2.0
 *
 * Address streams: what was written is what is read, and what is wrong with one is said by name.
 */
#include "hosted/stream/filter.h"
#include "hosted/stream/lackey.h"
#include "hosted/stream/pages.h"
#include "hosted/stream/read.h"
#include "hosted/stream/write.h"
#include "lib/crc32.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { MANY = 100000 };

static struct stream_writer writer;
static const struct stream_note plain = {.address_bits = 64, .page_shift = 12, .has_fetches = true, .source = "test"};

static const struct stream_event few[] = {
	{0x1000, STREAM_READ},
	{0x1008, STREAM_WRITE},
	{UINT64_MAX, STREAM_EXECUTE},
	{0, STREAM_EXECUTE},
	{UINT64_C(1) << 63, STREAM_READ},
	{7, STREAM_SWITCH},
	{0xfffffffffffff000, STREAM_FLUSH_PAGE},
	{3, STREAM_FLUSH_SPACE},
	{0, STREAM_FLUSH_ALL},
	{0x12345, STREAM_WRITE},
};
enum { FEW = sizeof(few) / sizeof(few[0]), FEW_ACCESSES = 6 };

/* A file with these events, at its start. */
static FILE *written(const struct stream_note *note, const struct stream_event *events, size_t count) {
	FILE *file = tmpfile();
	cr_assert(file != NULL);
	stream_writer_start(&writer, file, note);
	for (size_t i = 0; i < count; i++)
		stream_write(&writer, events[i]);
	cr_assert(stream_writer_end(&writer));
	rewind(file);
	return file;
}

/* That it says so, opened or read; closes the file. */
static void expect_refused(FILE *file, enum stream_reading how, const char *what) {
	struct text complaint = {0};
	struct stream_event events[16];
	struct stream_reader *reader = stream_open(file, "a.stream", how, &complaint);
	while (reader && stream_read(reader, events, 16, &complaint) > 0)
		continue;
	text_add(&complaint, "", 1);
	cr_expect(strstr(complaint.bytes, "a.stream: ") == complaint.bytes && strstr(complaint.bytes, what),
		  "%s, not: %s", complaint.bytes, what);
	text_free(&complaint);
	stream_close(reader);
	fclose(file);
}

/* Writes `bytes` at `offset` of the file, and puts the head's checksum right. */
static FILE *changed(FILE *file, long offset, const void *bytes, size_t length) {
	uint8_t head[STREAM_HEAD_BYTES];
	fseek(file, offset, SEEK_SET);
	fwrite(bytes, 1, length, file);
	rewind(file);
	cr_assert_eq(fread(head, 1, sizeof(head), file), sizeof(head));
	uint32_t crc = crc32c(0, head, sizeof(head) - 4);
	fseek(file, sizeof(head) - 4, SEEK_SET);
	fwrite(&crc, 1, 4, file);
	rewind(file);
	return file;
}

static FILE *changed_byte(long offset, uint8_t byte) {
	return changed(written(&plain, few, FEW), offset, &byte, 1);
}

Test(stream, what_was_written_is_read) {
	struct text complaint = {0};
	struct stream_event events[FEW + 1];
	FILE *file = written(&plain, few, FEW);
	cr_expect(stream_is_one(file));
	struct stream_reader *reader = stream_open(file, "a.stream", STREAM_WHOLE, &complaint);
	cr_assert(reader != NULL);
	const struct stream_note *note = stream_note(reader);
	cr_expect(note->accesses == FEW_ACCESSES && note->others == FEW - FEW_ACCESSES && note->spaces == 8);
	cr_expect(note->address_bits == 64 && note->page_shift == 12 && note->has_fetches && note->finished);
	cr_expect_str_eq(note->source, "test");
	cr_assert_eq(stream_read(reader, events, FEW + 1, &complaint), FEW);
	for (size_t i = 0; i < FEW; i++)
		cr_expect(events[i].address == few[i].address && events[i].kind == few[i].kind, "event %zu", i);
	cr_expect_eq(stream_read(reader, events, 1, &complaint), 0);
	cr_expect_eq(complaint.length, 0);
	stream_close(reader);
	fclose(file);
}

/* Blocks of a stream of many: read in pieces that fit none of them. */
Test(stream, many_blocks_are_read_in_pieces_of_any_size) {
	struct stream_event *events = calloc(MANY, sizeof(*events)), got[777];
	struct text complaint = {0};
	uint64_t seed = 1;
	for (size_t i = 0; i < MANY; i++) {
		seed = seed * UINT64_C(6364136223846793005) + 1;
		events[i] = (struct stream_event){seed >> 16, (uint8_t)(seed >> 62 & 1)};
	}
	FILE *file = written(&plain, events, MANY);
	struct stream_reader *reader = stream_open(file, "a.stream", STREAM_WHOLE, &complaint);
	size_t at = 0;
	for (long count; (count = stream_read(reader, got, 777, &complaint)) > 0; at += (size_t)count)
		for (long i = 0; i < count; i++)
			cr_assert(got[i].address == events[at + (size_t)i].address &&
				  got[i].kind == events[at + (size_t)i].kind);
	cr_expect_eq(at, MANY);
	cr_expect_eq(complaint.length, 0);
	stream_close(reader);
	fclose(file);
	free(events);
}

Test(stream, the_layout_is_the_one_that_is_documented) {
	static const uint8_t wanted[] = {0x89, 'A', 'N', 'S', 'T', '\r', '\n', '\n', 1, 0, 64, 12, 1, 0, 0, 0, 2};
	static const struct stream_event two[] = {{0x1000, STREAM_READ}, {0xff8, STREAM_WRITE}};
	uint8_t bytes[128];
	FILE *file = written(&plain, two, 2);
	size_t length = fread(bytes, 1, sizeof(bytes), file);
	cr_assert_eq(length, STREAM_HEAD_BYTES + STREAM_BLOCK_HEAD_BYTES + 3 + 1);
	cr_expect_eq(memcmp(bytes, wanted, sizeof(wanted)), 0);
	/* 0x1000 is 8192 in zigzag, 65536 with its kind; -8 is 15, 121. */
	static const uint8_t events[] = {0x80, 0x80, 0x04, 15 << 3 | 1};
	cr_expect_eq(memcmp(bytes + length - 4, events, 4), 0);
	fclose(file);
}

Test(stream, what_is_none_or_damaged_is_refused_by_name) {
	static const char text[] = "I  04016a70,3\n";
	FILE *file = tmpfile();
	fwrite(text, 1, sizeof(text) - 1, file);
	rewind(file);
	cr_expect_not(stream_is_one(file));
	expect_refused(file, STREAM_WHOLE, "no address stream");
	expect_refused(tmpfile(), STREAM_WHOLE, "no address stream");
	expect_refused(changed_byte(8, 2), STREAM_WHOLE, "another version");
	expect_refused(changed_byte(10, 65), STREAM_WHOLE, "12 to 64 bits");
	expect_refused(changed_byte(11, 41), STREAM_WHOLE, "2^12 to 2^40");
	expect_refused(changed_byte(12, 0), STREAM_WHOLE, "1 to 65536 address spaces");
	expect_refused(changed_byte(32, '\n'), STREAM_WHOLE, "its source is no name");
	expect_refused(changed_byte(56, 7), STREAM_WHOLE, "flag that nobody knows");
	expect_refused(changed_byte(57, 64), STREAM_WHOLE, "flag that nobody knows");
	expect_refused(changed_byte(16, 200), STREAM_WHOLE, "cut off: of 200 accesses");
	expect_refused(changed_byte(STREAM_HEAD_BYTES + STREAM_BLOCK_HEAD_BYTES, 1), STREAM_WHOLE, "block 1: damaged");
	expect_refused(changed_byte(STREAM_HEAD_BYTES + 2, 9), STREAM_WHOLE, "no such length");
	file = written(&plain, few, FEW);
	fseek(file, 20, SEEK_SET);
	fputc(1, file);
	rewind(file);
	expect_refused(file, STREAM_WHOLE, "its head is damaged");
}

/* What a space, an execution or an address may not be: the head says less than the events have. */
Test(stream, events_beyond_what_the_head_says_are_refused) {
	expect_refused(changed_byte(12, 7), STREAM_WHOLE, "an event that cannot be");
	expect_refused(changed_byte(56, 1), STREAM_WHOLE, "an event that cannot be");
	expect_refused(changed_byte(10, 48), STREAM_WHOLE, "an event that cannot be");
}

Test(stream, one_that_is_not_finished_is_refused_or_salvaged) {
	struct text complaint = {0};
	struct stream_event *events = calloc(MANY, sizeof(*events));
	FILE *file = tmpfile();
	stream_writer_start(&writer, file, &plain);
	stream_write(&writer, (struct stream_event){7, STREAM_SWITCH});
	for (uint64_t i = 0; i < MANY; i++)
		stream_write(&writer, (struct stream_event){i << 20, STREAM_READ});
	fputs("\1\2\3", file); /* as of a block that was cut off */
	rewind(file);
	struct stream_reader *reader = stream_open(file, "a.stream", STREAM_SALVAGE, &complaint);
	cr_assert(reader != NULL);
	cr_expect_not(stream_note(reader)->finished);
	long count = stream_read(reader, events, MANY, &complaint);
	cr_assert(count > MANY / 2 && count < MANY, "%ld", count);
	cr_expect(events[0].kind == STREAM_SWITCH && events[0].address == 7);
	for (long i = 1; i < count; i++)
		cr_assert_eq(events[i].address, (uint64_t)(i - 1) << 20);
	cr_expect_eq(complaint.length, 0);
	stream_close(reader);
	rewind(file);
	free(events);
	expect_refused(file, STREAM_WHOLE, "was not finished");
}

Test(stream, what_was_in_the_file_stays_until_the_first_event) {
	struct text complaint = {0};
	FILE *file = written(&plain, few, FEW);
	stream_writer_start(&writer, file, &plain);
	fflush(file);
	rewind(file);
	struct stream_reader *reader = stream_open(file, "a.stream", STREAM_WHOLE, &complaint);
	cr_assert(reader != NULL && stream_note(reader)->accesses == FEW_ACCESSES);
	stream_close(reader);
	rewind(file);
	stream_write(&writer, few[0]);
	cr_assert(stream_writer_end(&writer) && fseek(file, 0, SEEK_END) == 0);
	cr_expect_eq(ftell(file), STREAM_HEAD_BYTES + STREAM_BLOCK_HEAD_BYTES + 3);
	fclose(file);
}

Test(stream, writing_fails_where_the_file_takes_no_more) {
	FILE *full = fopen("/dev/full", "wb");
	stream_writer_start(&writer, full, &plain);
	for (uint64_t i = 0; i < MANY; i++)
		stream_write(&writer, (struct stream_event){i << 40, STREAM_READ});
	cr_expect_not(stream_writer_end(&writer));
	cr_expect_neq(writer.error, 0);
	fclose(full);
}

static void expect_line(const char *line, bool is_one, enum stream_kind kind, uint64_t address) {
	struct stream_event event = {0};
	cr_expect_eq(lackey_parse(line, strlen(line), &event), is_one, "'%s'", line);
	if (is_one)
		cr_expect(event.kind == kind && event.address == address, "'%s'", line);
}

Test(stream, lines_of_lackey) {
	expect_line("I  04016a70,3", true, STREAM_EXECUTE, 0x4016a70);
	expect_line(" L 1ffeffe828,8", true, STREAM_READ, 0x1ffeffe828);
	expect_line(" S 1ffeffe820,8", true, STREAM_WRITE, 0x1ffeffe820);
	expect_line(" M 04232a10,4", true, STREAM_WRITE, 0x4232a10);
	expect_line(" L ffffffffffffffff,1", true, STREAM_READ, UINT64_MAX);
	static const char *const others[] = {"",
					     "I",
					     "I  ",
					     "I  ,3",
					     "I  04,",
					     "I  04",
					     "I  04,3x",
					     " L 1ffg,8",
					     " X 1,1",
					     "==12== Lackey",
					     " L 11111111111111111,1"};
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		expect_line(others[i], false, STREAM_READ, 0);
}

Test(stream, a_part_is_counted_in_accesses) {
	static const struct stream_event events[] = {{1, STREAM_EXECUTE}, {1, STREAM_SWITCH}, {2, STREAM_READ},
						     {3, STREAM_EXECUTE}, {4, STREAM_WRITE},  {0, STREAM_FLUSH_ALL},
						     {5, STREAM_READ},    {6, STREAM_READ},   {0, STREAM_FLUSH_ALL}};
	static const bool all[] = {false, true, false, true, true, true, true, false, false};
	static const bool data[] = {false, true, false, false, true, true, true, true, false};
	struct stream_filter of_all = {.skip = 1, .count = 3}, of_data = {.skip = 1, .count = 3, .data_only = true};
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		cr_expect_eq(stream_filter_takes(&of_all, &events[i]), all[i], "all, %zu", i);
		cr_expect_eq(stream_filter_takes(&of_data, &events[i]), data[i], "data, %zu", i);
	}
}

Test(stream, pages_are_those_of_each_space) {
	struct pages pages;
	pages_start(&pages, 12);
	for (uint64_t space = 0; space < 3; space++) {
		pages_take(&pages, &(struct stream_event){space, STREAM_SWITCH});
		for (uint64_t i = 0; i < 10000; i++)
			pages_take(&pages, &(struct stream_event){i * 2048, STREAM_READ});
	}
	cr_expect(pages.count == 15000 && !pages.full, "%lu", (unsigned long)pages.count);
	pages_free(&pages);
}
