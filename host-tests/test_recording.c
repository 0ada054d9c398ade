/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/record/record.h"

#include "host-tests/guarded.h"
#include "hosted/preload/program.h"
#include "preload/record/few.h"
#include "preload/record/huge.h"

#include <criterion/criterion.h>
#include <dlfcn.h>
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct record_room room;

Test(recording, classes_of_sizes_are_two_an_octave) {
	cr_assert(counts_class(0) == 0 && counts_class(1) == 1 && counts_class(2) == 2 && counts_class(3) == 3);
	cr_assert(counts_class(5) == 4 && counts_class(6) == 5 && counts_class(SIZE_MAX) == COUNTS_CLASSES - 1);
	for (uint32_t class = 0; class + 1 < COUNTS_CLASSES; class ++) {
		cr_assert_eq(counts_class(counts_least(class)), class);
		cr_assert_eq(counts_class(counts_least(class + 1) - 1), class);
	}
}

static void expect_few_moved(unsigned char *at, size_t to, size_t from, size_t length) {
	unsigned char expected[64];
	for (size_t i = 0; i < sizeof(expected); i++)
		at[i] = (unsigned char)(i + 1);
	memcpy(expected, at, sizeof(expected));
	for (size_t i = 0; i < length; i++)
		expected[to + i] = (unsigned char)(from + i + 1);
	few_move(at + to, at + from, length);
	cr_expect_arr_eq(at, expected, sizeof(expected), "%zu bytes from %zu to %zu", length, from, to);
	memset(expected + to, 0xa5, length);
	few_set(at + to, 0x7a5, length);
	cr_expect_arr_eq(at, expected, sizeof(expected), "%zu bytes at %zu", length, to);
}

Test(recording, few_bytes_are_moved_and_set_wherever_they_lie) {
	const struct guarded memory = guarded_map(GUARD_BYTES);
	unsigned char *begin = memory.bytes, *end = begin + memory.size;
	for (size_t length = 0; length <= FEW_BYTES; length++)
		for (size_t from = 0; from + length <= 64; from++) {
			expect_few_moved(begin, 0, from, length);
			expect_few_moved(end - 64, 64 - length, from, length);
			expect_few_moved(begin, 20, from, length);
		}
	guarded_unmap(memory);
}

Test(recording, few_bytes_are_compared_up_to_the_first_that_differ) {
	const struct guarded one = guarded_map(GUARD_BYTES), other = guarded_map(GUARD_BYTES);
	unsigned char *a = one.bytes, *end = other.bytes + other.size;
	for (size_t length = 0; length <= FEW_BYTES; length++) {
		unsigned char *b = end - length;
		memset(a, 0x80, length);
		memset(b, 0x80, length);
		cr_expect_eq(few_compare(a, b, length), 0);
		for (size_t first = 0; first < length; first++)
			for (size_t later = first; later < length; later++) {
				b[later] = 0xff;
				b[first] = 0x01;
				cr_expect_eq(few_compare(a, b, length), 0x7f, "%zu, %zu of %zu", first, later, length);
				cr_expect_eq(few_compare(b, a, length), -0x7f, "%zu, %zu of %zu", first, later, length);
				b[first] = b[later] = 0x80;
			}
	}
	guarded_unmap(one);
	guarded_unmap(other);
}

/* What a look counts over all places of a huge page, one after the other. */
static struct huge_look counted(const bool *touched, size_t pages) {
	struct huge_look look = {.pages = pages};
	for (size_t i = 0; i < pages; i++)
		look.touched += touched[i];
	for (size_t first = 0; first + HUGE_PLACES <= pages; first++) {
		uint64_t in = 0;
		for (size_t i = first; i < first + HUGE_PLACES; i++)
			in += touched[i];
		look.within += in;
		look.huge_pages += in > 0;
	}
	return look;
}

Test(recording, pages_lie_in_whole_huge_pages_wherever_those_begin) {
	static const struct {
		size_t pages, begin, end, from; /* touched: before `begin`, and from `from` to before `end` */
	} cases[] = {{512, 512, 0, 0}, {513, 1, 0, 0},        {700, 0, 0, 0},          {1024, 1024, 0, 0},
		     {2000, 3, 0, 0},  {2000, 0, 2000, 1990}, {2000, 600, 1200, 1100}, {1407, 0, 701, 700}};
	static bool touched[2000];
	for (size_t n = 0; n < sizeof(cases) / sizeof(cases[0]); n++) {
		struct huge_look look = {.pages = cases[n].pages};
		for (size_t i = 0; i < cases[n].pages; i++) {
			touched[i] = i < cases[n].begin || (i >= cases[n].from && i < cases[n].end);
			huge_look_at(&look, touched[i]);
		}
		struct huge_look at_once = {.pages = cases[n].pages};
		for (size_t i = 0, count = 0; i < cases[n].pages; i += count ? count : 1) {
			for (count = 0; i + count < cases[n].pages && !touched[i + count]; count++)
				;
			if (count)
				huge_look_past(&at_once, count);
			else
				huge_look_at(&at_once, true);
		}
		cr_assert_arr_eq(&at_once, &look, sizeof(look), "case %zu: untouched ones at once", n);
		struct huge_look wanted = counted(touched, cases[n].pages);
		cr_assert(look.touched == wanted.touched && look.within == wanted.within &&
				  look.huge_pages == wanted.huge_pages,
			  "case %zu: %lu %lu %lu", n, look.touched, look.within, look.huge_pages);
	}
}

static struct record made_up(void) {
	struct record record = {.program = "one", .status = -9, .wall_ns = 5, .processes = 3, .freed_more = 2};
	strcpy(record.machine.cpu, "AuthenticAMD 26.2.1");
	record.sums.calls[COUNTS_memcpy][10][3] = 7;
	record.sums.calls[COUNTS_memcpy][63][0] = UINT64_MAX;
	record.sums.bytes[COUNTS_memcpy] = 800;
	record.sums.in_place[COUNTS_memcpy][COUNTS_RESIZED] = 5;
	record.sums.bytes[COUNTS_memmove] = 3; /* of no call: nobody writes that, but it is read */
	record.sums.unsized[COUNTS_strcmp] = 4;
	record.sums.allocations[COUNTS_CALLOC][12] = 9;
	record.sums.frees[12] = 8;
	record.sums.orders[COUNTS_QUEUE] = 2;
	record.sums.small[15] = 11;
	record.sums.lifetimes[39] = 2;
	record.sums.samples = 6;
	record.start_faults = 50;
	record.read_bytes = 70;
	record.sums.mapped_bytes = 90;
	record.sums.large_bytes = 80;
	record.sums.vacated_bytes = 9;
	record.glances = 10;
	record.glanced_ns = 100;
	record.in_ns[COUNTS_IN_FREE] = 30;
	record.in_ns[1 + COUNTS_strrchr] = 40;
	record.fault_paces[RECORD_PACES - 1] = 60;
	return record;
}

Test(recording, comes_back_as_it_was_written) {
	struct record record = made_up(), back;
	struct text json = {0}, again = {0}, complaint = {0};
	record_write(&record, &json);
	cr_assert(record_read(json.bytes, json.length, "f", &back, &complaint), "%s", complaint.bytes);
	cr_assert_eq(back.sums.calls[COUNTS_memcpy][63][0], INT64_MAX);
	back.sums.calls[COUNTS_memcpy][63][0] = UINT64_MAX;
	cr_assert(memcmp(&back, &record, sizeof(record)) == 0);
	record_write(&back, &again);
	cr_assert(again.length == json.length && memcmp(again.bytes, json.bytes, json.length) == 0);
	for (size_t length = 0; length + 1 < json.length; length++)
		cr_assert_not(record_read(json.bytes, length, "f", &back, &complaint), "cut to %zu", length);
	text_free(&json);
	text_free(&again);
	text_free(&complaint);
}

static void leave_out(char *json, const char *member) {
	char *at = strstr(json, member);
	cr_assert(at != NULL, "%s is in %s", member, json);
	memmove(at, at + strlen(member), strlen(at + strlen(member)) + 1);
}

Test(recording, one_that_nobody_looked_at_is_read_too) {
	struct record record = made_up(), back;
	struct text json = {0}, complaint = {0};
	record_write(&record, &json);
	text_add(&json, "", 1);
	char *at = strstr(json.bytes, ",\"glances\"");
	cr_assert(at != NULL);
	strcpy(at, "}");
	leave_out(json.bytes, ",\"start_faults\":50");
	leave_out(json.bytes, ",\"read_bytes\":70");
	leave_out(json.bytes, ",\"in_place\":[0,5]");
	char *mapped = strstr(json.bytes, ",\"zeroed_bytes\""), *calls = strstr(json.bytes, ",\"calls\"");
	cr_assert(mapped != NULL && calls != NULL);
	memmove(mapped, calls, strlen(calls) + 1);
	cr_assert(record_read(json.bytes, strlen(json.bytes), "f", &back, &complaint));
	cr_assert(back.read_bytes == 0 && back.glances == 0 && back.in_ns[COUNTS_IN_FREE] == 0 &&
		  back.fault_paces[31] == 0 && back.sums.in_place[COUNTS_memcpy][COUNTS_RESIZED] == 0 &&
		  back.sums.samples == 6 && back.sums.vacated_bytes == 0);
	cr_assert(back.sums.mapped_bytes == 90 && back.sums.large_bytes == 90, "all of it may be large");
	text_free(&json);
}

static void refuses(const char *what, const char *with, const char *says) {
	struct record record = made_up(), back;
	struct text json = {0}, complaint = {0};
	record_write(&record, &json);
	text_add(&json, "", 1);
	char *at = strstr(json.bytes, what);
	cr_assert(at != NULL, "%s is in %s", what, json.bytes);
	struct text other = {0};
	text_add(&other, json.bytes, (size_t)(at - json.bytes));
	text_add_string(&other, with);
	text_add_string(&other, at + strlen(what));
	cr_assert_not(record_read(other.bytes, other.length, "file", &back, &complaint), "%s", with);
	text_add(&complaint, "", 1);
	cr_assert(strstr(complaint.bytes, says) && strncmp(complaint.bytes, "file: ", 6) == 0, "%s", complaint.bytes);
	text_free(&json);
	text_free(&other);
	text_free(&complaint);
}

Test(recording, what_is_wrong_is_named) {
	refuses("anechoic-record/1", "anechoic/1", "no record");
	refuses("anechoic-record/1", "anechoic-record/0", "no record");
	refuses("anechoic-record/1", "anechoic-record/2x", "no record");
	refuses("anechoic-record/1", "anechoic-record/2", "knows anechoic-record/1: a newer one reads it");
	refuses("\"wall_ns\":5", "\"wall_ns\":-5", "wall_ns");
	refuses("\"wall_ns\":5", "\"wall_ns\":5.5", "wall_ns");
	refuses("\"wall_ns\":5", "\"wall\":5", "wall_ns");
	refuses("\"processes\":3", "\"processes\":3,\"processes\":3", "line 1");
	refuses("\"status\":-9", "\"status\":-900", "status");
	refuses("\"one\"", "\"o\\u001bne\"", "program");
	refuses("AuthenticAMD 26.2.1", "AuthenticAMD 26.2.1 AuthenticAMD 26.2.1 AuthenticAMD 26.2.1", "machine");
	refuses("[64,9]", "[65,9]", "allocations"); /* no least size of a class */
	refuses("[64,9]", "[64,9],[64,9]", "allocations");
	refuses("[64,8]", "[64,8,8]", "frees");
	refuses("[32,0,0,0,7]", "[32,0,0,0]", "memcpy");
	refuses(",11]", "]", "small_allocations");
	refuses("\"queue\":2,", "", "orders");
	refuses("\"free\":30", "\"free\":-30", "glances");
	refuses("\"ns\":100,", "", "glances");
	refuses(",60]", "]", "glances");
	refuses("\"lifetimes\":[0,", "\"lifetimes\":[", "lifetimes");
}

Test(recording, a_process_file_that_is_none_is_damaged_and_adds_nothing) {
	struct record record = {0};
	struct counts_header header = {
		.magic = COUNTS_MAGIC, .version = COUNTS_VERSION, .bytes = sizeof(struct counts_file)};
	FILE *file = tmpfile();
	cr_assert(file != NULL);
	record_take_process(&record, &room, -1);
	record_take_process(&record, &room, fileno(file));
	cr_assert_eq(record.damaged, 2);
	header.slots = UINT32_MAX; /* a program wrote over it */
	header.lost = 1;
	cr_assert(pwrite(fileno(file), &header, sizeof(header), 0) == sizeof(header));
	record_take_process(&record, &room, fileno(file));
	cr_assert(record.damaged == 3 && record.processes == 0, "cut off before its slots");
	cr_assert(ftruncate(fileno(file), sizeof(struct counts_file)) == 0);
	record_take_process(&record, &room, fileno(file));
	cr_assert(record.damaged == 3 && record.processes == 1 && record.not_seen == 1);
	header.version++;
	cr_assert(pwrite(fileno(file), &header, sizeof(header), 0) == sizeof(header));
	record_take_process(&record, &room, fileno(file));
	cr_assert(record.damaged == 4 && record.processes == 1);
	fclose(file);
}

Test(recording, what_is_counted_by_the_byte_is_of_the_same_classes) {
	static struct record record;
	static struct counts_file counts = {.header = {.magic = COUNTS_MAGIC,
						       .version = COUNTS_VERSION,
						       .bytes = sizeof(struct counts_file),
						       .slots = 1}};
	struct counts_slot *slot = &counts.slots[0];
	for (size_t size = 0; size < COUNTS_SMALL_CALL; size++)
		slot->small.calls[COUNTS_strlen][size][1] = 1;
	slot->sums.calls[COUNTS_strlen][counts_class(COUNTS_SMALL_CALL)][1] = 5;
	slot->sums.bytes[COUNTS_strlen] = 5 * COUNTS_SMALL_CALL;
	slot->small.calls[COUNTS_memcpy][2][3] = UINT64_MAX;
	slot->small.allocations[COUNTS_REALLOC][100] = 3;
	slot->small.frees[7] = 3; /* chunks of 112 bytes: blocks of 104 */
	FILE *file = tmpfile();
	cr_assert(file != NULL && write(fileno(file), &counts, sizeof(counts)) == sizeof(counts));
	record_take_process(&record, &room, fileno(file));
	const struct counts_sums *sums = &record.sums;
	for (uint32_t class = 0; class < counts_class(COUNTS_SMALL_CALL); class ++)
		cr_assert_eq(sums->calls[COUNTS_strlen][class][1], counts_least(class + 1) - counts_least(class));
	cr_assert_eq(sums->calls[COUNTS_strlen][counts_class(COUNTS_SMALL_CALL)][1], 5);
	cr_assert_eq(sums->bytes[COUNTS_strlen],
		     COUNTS_SMALL_CALL * (COUNTS_SMALL_CALL - 1) / 2 + 5 * COUNTS_SMALL_CALL);
	cr_assert(sums->calls[COUNTS_memcpy][2][3] == UINT64_MAX && sums->bytes[COUNTS_memcpy] == UINT64_MAX);
	cr_assert(sums->allocations[COUNTS_REALLOC][counts_class(100)] == 3 && sums->allocated_bytes == 300);
	cr_assert(sums->frees[counts_class(104)] == 3 && record.allocated == 3 && record.freed == 3);
	fclose(file);
}

Test(recording, sums_stay_at_the_most) {
	static struct counts_sums a, b;
	a.allocated_bytes = UINT64_MAX - 1;
	b.allocated_bytes = 5;
	b.unsized[COUNTS_strrchr] = 3;
	record_add(&a, &b);
	cr_assert(a.allocated_bytes == UINT64_MAX && a.unsized[COUNTS_strrchr] == 3);
}

/* Each byte of the headers of a real program set to values that reach out of the file: answered, one way or another. */
Test(recording, damaged_programs_are_answered) {
	static uint8_t file[1 << 16];
	FILE *from = fopen("/proc/self/exe", "rb");
	cr_assert(from != NULL);
	size_t length = fread(file, 1, sizeof(file), from);
	fclose(from);
	for (size_t at = 0; at < sizeof(Elf64_Ehdr) + 14 * sizeof(Elf64_Phdr) && at < length; at++)
		for (int value = 0; value < 256; value += 51) {
			uint8_t before = file[at];
			struct text why = {0};
			file[at] = (uint8_t)value;
			program_refuse(file, length, &why);
			file[at] = before;
			text_free(&why);
		}
}

/* The first section of a kind; the file is whole. */
static Elf64_Shdr section_of(const uint8_t *file, uint32_t kind) {
	Elf64_Ehdr head;
	Elf64_Shdr section = {0};
	memcpy(&head, file, sizeof(head));
	for (size_t i = 0; i < head.e_shnum && section.sh_type != kind; i++)
		memcpy(&section, file + head.e_shoff + i * sizeof(section), sizeof(section));
	return section;
}

static bool says_malloc(const uint8_t *file, size_t length) {
	struct text why = {0};
	bool says = program_refuse(file, length, &why);
	text_add(&why, "", 1);
	says = says && strstr(why.bytes, "defines malloc");
	text_free(&why);
	return says;
}

/* The C library, which is a program, too: by its hashes, and where these are damaged. */
Test(recording, a_heap_is_found_by_its_symbol) {
	static uint8_t file[8 << 20];
	Dl_info library;
	cr_assert(dladdr((void *)(uintptr_t)&getppid, &library) != 0);
	FILE *from = fopen(library.dli_fname, "rb");
	cr_assert(from != NULL);
	size_t length = fread(file, 1, sizeof(file), from);
	fclose(from);
	cr_assert(length < sizeof(file));
	cr_assert(says_malloc(file, length));
	Elf64_Shdr hashes = section_of(file, SHT_GNU_HASH);
	cr_assert(hashes.sh_type == SHT_GNU_HASH && hashes.sh_size > 16);
	for (size_t at = 0; at < hashes.sh_size; at += at < 16 ? 1 : 61)
		for (int value = 0; value < 256; value += 51) {
			uint8_t before = file[hashes.sh_offset + at];
			file[hashes.sh_offset + at] = (uint8_t)value;
			(void)says_malloc(file, length);
			file[hashes.sh_offset + at] = before;
		}
	memset(file + hashes.sh_offset, 0, 16);
	cr_assert_not(says_malloc(file, length), "nothing is hashed");
}
