/* SPDX-License-Identifier: Apache-2.0
 *
 * anechoic.log and results.json on a medium in memory, whose power is lost after every one of the firmware's operations
 * that change it, and which is full after any number of bytes. Compiled as the loader is, against gnu-efi's headers.
 */
#include "boot/files.h"
#include "boot/freestanding.h"
#include "boot/journal.h"
#include "boot/log_text.h"
#include "host-tests/fake_medium.h"
#include "lib/crc32.h"

#include <criterion/criterion.h>
#include <stdio.h>

/* ---- runs -------------------------------------------------------------------------------------------------------- */

static const char *const tags[] = {"RUN", "START", "END", "START", "END", "DONE"};
enum { RECORDS = sizeof(tags) / sizeof(tags[0]), LINE_BYTES = 96 };

static size_t record(char line[LINE_BYTES], const char *tag, unsigned run, unsigned number) {
	char text[LINE_BYTES / 2];
	snprintf(text, sizeof(text), "%s {\"run\":%u,\"number\":%u}", tag, run, number);
	return (size_t)snprintf(line, LINE_BYTES, "@anechoic %s %08x\n", text, (unsigned)crc32c(0, text, strlen(text)));
}

static size_t results(char text[LINE_BYTES], unsigned run) {
	return (size_t)snprintf(text, LINE_BYTES, "{\"results\":\"of a run, in full\",\"run\":%u}\n", run);
}

static bool holds(const char *bytes, size_t length, const char *line, size_t line_length) {
	for (size_t at = 0; at + line_length <= length; at++)
		if (memcmp(bytes + at, line, line_length) == 0)
			return true;
	return false;
}

static bool file_is(CHAR16 *name, const char *text, size_t length) {
	const struct medium_file *file = lookup(name);
	return file && file->size == length && memcmp(file->bytes, text, length) == 0;
}

/* As bench/run.c: the results, and that they are saved. */
static EFI_STATUS save(struct loader *loader, struct journal *journal, unsigned run) {
	char text[LINE_BYTES];
	size_t length = results(text, run), half = length / 2;
	EFI_STATUS status = journal_append_results(loader, journal, text, half);
	if (!EFI_ERROR(status))
		status = journal_append_results(loader, journal, text + half, length - half);
	if (!EFI_ERROR(status))
		status = journal_close_results(loader, journal);
	length = record(text, EFI_ERROR(status) ? "UNSAVED" : "SAVED", run, RECORDS);
	journal_append_log(loader, journal, text, length);
	return status;
}

/* One boot of run number `run`, which goes on where the log ends. `durable`: records that were appended
 * while there was power. */
static EFI_STATUS boot(unsigned run, unsigned *durable) {
	struct boot_info info = {0};
	struct loader loader = {.info = &info};
	struct journal journal;
	char line[LINE_BYTES];
	medium.now.Day = (UINT8)run;
	journal_open(&loader, &directory, &journal);
	const char *log = (const char *)(uintptr_t)info.previous_log.address;
	*durable = 0;
	for (unsigned i = 0; i < RECORDS; i++) {
		size_t length = record(line, tags[i], run, i);
		if (!holds(log, info.previous_log.length, line, length))
			journal_append_log(&loader, &journal, line, length);
		*durable += medium.changes <= medium.power;
	}
	EFI_STATUS status = save(&loader, &journal, run);
	journal_close(&loader, &journal);
	memset(handles, 0, sizeof(handles));
	pages.used = 0;
	return status;
}

static CHAR16 log_name[] = L"anechoic.log", results_name[] = L"results.json", unfinished_name[] = L"results.new";
static CHAR16 first_name[] = L"results-20261101T000000Z.json"; /* that of run 1, once another one's are saved */

static bool is_of_run(CHAR16 *name, unsigned run) {
	char text[LINE_BYTES];
	return file_is(name, text, results(text, run));
}

/* A copy that was cut; nothing at all is one, too. */
static bool begins_run(CHAR16 *name, unsigned run) {
	char text[LINE_BYTES];
	const struct medium_file *file = lookup(name);
	size_t length = results(text, run);
	return file && file->size < length && memcmp(file->bytes, text, file->size) == 0;
}

/* What a stranger finds who takes the stick out now. */
static void expect_nothing_lost(unsigned run, unsigned durable, unsigned cut) {
	char line[LINE_BYTES];
	const struct medium_file *log = lookup(log_name);
	bool is_now = is_of_run(results_name, run);
	bool is_before = is_of_run(results_name, run - 1);
	bool copied = medium.no_rename && begins_run(results_name, run) && is_of_run(unfinished_name, run);
	cr_assert(is_now || is_before || copied || !lookup(results_name), "results.json is torn, cut after %u", cut);
	bool finished = log && log_is_finished((const char *)log->bytes, log->size);
	bool saved_before = finished && is_before; /* nothing of this run was begun */
	for (unsigned i = 0; i < durable && !is_now; i++)
		cr_assert(log && holds((const char *)log->bytes, log->size, line, record(line, tags[i], run, i)),
			  "record %u is lost, cut after %u", i, cut);
	cr_assert(!finished || is_now || saved_before, "a finished log without its results, cut after %u", cut);
	bool is_kept = is_of_run(first_name, 1);
	cr_assert(medium.no_rename ? is_before || is_kept : is_before != is_kept,
		  "the earlier run's results are lost or there twice, cut after %u", cut);
	cr_assert(is_now || is_before || is_of_run(unfinished_name, run), "cut after %u, between two names", cut);
}

/* How many changes of the medium run 2 makes, cut after each in turn. */
static unsigned cut_everywhere(bool no_rename, bool no_resize) {
	enum { ROOM = 16 << 20 };
	unsigned durable, cut = 0;
	for (bool through = false; !through; cut++) {
		medium_new(ROOM);
		medium.no_rename = no_rename;
		medium.no_resize = no_resize;
		cr_assert_eq(boot(1, &durable), EFI_SUCCESS);
		power_on(cut);
		boot(2, &durable);
		through = medium.changes <= cut;
		expect_nothing_lost(2, durable, cut);
		power_on(UINT32_MAX);
		cr_assert_eq(boot(2, &durable), EFI_SUCCESS);
		expect_nothing_lost(2, RECORDS, cut);
		cr_assert(is_of_run(results_name, 2) && is_of_run(first_name, 1), "cut after %u", cut);
		cr_assert_eq(files_there(), 3, "log and results, cut after %u", cut);
	}
	return cut;
}

Test(journal, no_power_cut_loses_what_was_finished) {
	cr_expect_gt(cut_everywhere(false, false), 60, "the log is grown in 64 pieces");
}

Test(journal, nor_does_one_where_the_firmware_renames_no_file_and_cuts_none_off) {
	cr_expect_gt(cut_everywhere(true, false), 60);
	cr_expect_gt(cut_everywhere(true, true), 60);
}

Test(journal, a_full_medium_keeps_the_earlier_results) {
	unsigned durable;
	for (uint64_t room = 0; room < 2048; room += 7) {
		medium_new(8 << 20);
		cr_assert_eq(boot(1, &durable), EFI_SUCCESS);
		medium.room = room;
		failures_told = 0;
		EFI_STATUS status = boot(2, &durable);
		cr_expect(is_of_run(results_name, EFI_ERROR(status) ? 1 : 2), "%lu bytes free", (unsigned long)room);
		cr_expect(EFI_ERROR(status) || is_of_run(first_name, 1), "%lu bytes free", (unsigned long)room);
		cr_expect_null(lookup(unfinished_name), "%lu bytes free", (unsigned long)room);
		cr_expect_eq(EFI_ERROR(status) != 0, failures_told != 0 && !is_of_run(results_name, 2));
	}
}

Test(journal, earlier_results_get_their_date_and_where_it_is_taken_a_number) {
	unsigned durable;
	CHAR16 taken[] = L"results-20261101T000000Z-2.json", second[] = L"results-20261102T000000Z.json";
	medium_new(8 << 20);
	put_file(first_name, "another machine's, of the same second");
	for (unsigned run = 1; run <= 3; run++)
		cr_assert_eq(boot(run, &durable), EFI_SUCCESS);
	cr_expect_not(is_of_run(first_name, 1));
	cr_expect(is_of_run(taken, 1));
	cr_expect(is_of_run(second, 2));
	cr_expect(is_of_run(results_name, 3));
	cr_expect_eq(files_there(), 5);
}

Test(journal, earlier_results_without_a_date_are_numbered) {
	unsigned durable;
	CHAR16 names[][RESULTS_NAME_BYTES] = {L"results-001.json", L"results-002.json"};
	medium_new(8 << 20);
	medium.now = (EFI_TIME){.Year = 1980, .Month = 1}; /* FAT's epoch: a clock that was never set */
	put_file(names[0], "");                            /* a power cut left it */
	for (unsigned run = 1; run <= 3; run++)
		cr_assert_eq(boot(run, &durable), EFI_SUCCESS);
	cr_expect(is_of_run(names[0], 1));
	cr_expect(is_of_run(names[1], 2));
	cr_expect(is_of_run(results_name, 3));
	cr_expect_eq(files_there(), 4);
}

Test(journal, both_results_stay_where_the_earlier_can_have_no_other_name) {
	unsigned durable;
	medium_new(8 << 20);
	cr_assert_eq(boot(1, &durable), EFI_SUCCESS);
	put_file(unfinished_name, "");
	medium.full_directory = true;
	cr_expect(EFI_ERROR(boot(2, &durable)));
	cr_expect_eq(failures_told, 1);
	cr_expect(is_of_run(results_name, 1));
	cr_expect(is_of_run(unfinished_name, 2));
	medium.full_directory = false;
	cr_expect_eq(boot(2, &durable), EFI_SUCCESS);
	cr_expect(is_of_run(first_name, 1));
	cr_expect(is_of_run(results_name, 2));
}

/* Neither name has half a file: what there is no room for is not there. */
Test(journal, a_full_medium_keeps_both_where_they_are_copied) {
	unsigned durable;
	for (uint64_t room = 0; room < 2048; room += 7) {
		medium_new(8 << 20);
		medium.no_rename = true;
		cr_assert_eq(boot(1, &durable), EFI_SUCCESS);
		medium.room = room;
		EFI_STATUS status = boot(2, &durable);
		cr_expect(is_of_run(results_name, 1) != is_of_run(first_name, 1), "%lu bytes free",
			  (unsigned long)room);
		cr_expect(!EFI_ERROR(status) == is_of_run(results_name, 2), "%lu bytes free", (unsigned long)room);
		cr_expect(!lookup(unfinished_name) || (EFI_ERROR(status) && is_of_run(unfinished_name, 2)),
			  "%lu bytes free", (unsigned long)room);
	}
}

/* A file that cannot be deleted is not written over, which would leave its end behind another's. */
Test(journal, what_cannot_be_deleted_stays_whole) {
	unsigned durable;
	for (int mask = 0; mask < 4; mask++) {
		medium_new(8 << 20);
		cr_assert_eq(boot(1, &durable), EFI_SUCCESS);
		medium.no_rename = mask & 1;
		medium.no_resize = mask & 2;
		medium.no_delete = true;
		cr_expect(EFI_ERROR(boot(2, &durable)), "mask %d", mask);
		cr_expect(is_of_run(results_name, 1), "mask %d", mask);
		cr_expect(is_of_run(unfinished_name, 2), "mask %d", mask);
	}
}

Test(journal, a_medium_is_tried_and_left_as_it_was) {
	const struct loader loader = {0};
	unsigned durable;
	medium_new(8 << 20);
	cr_expect_eq(journal_try(&loader, NULL), EFI_NO_MEDIA);
	cr_expect_eq(journal_try(&loader, &directory), EFI_SUCCESS);
	cr_expect_null(lookup(log_name));
	medium.room = 0;
	cr_expect_eq(journal_try(&loader, &directory), EFI_VOLUME_FULL);
	cr_expect_null(lookup(log_name));
	medium.room = 8 << 20;
	cr_assert_eq(boot(1, &durable), EFI_SUCCESS);
	uint64_t size = lookup(log_name)->size;
	cr_expect_eq(journal_try(&loader, &directory), EFI_SUCCESS);
	cr_assert_not_null(lookup(log_name));
	cr_expect_eq(lookup(log_name)->size, size);
}

static EFI_STATUS EFIAPI refuse_open(EFI_FILE *self, EFI_FILE **opened, CHAR16 *name, UINT64 mode, UINT64 attributes) {
	return mode & EFI_FILE_MODE_WRITE ? EFI_WRITE_PROTECTED : fake_open(self, opened, name, mode, attributes);
}

Test(journal, a_protected_medium_cannot_be_written_to) {
	const struct loader loader = {0};
	medium_new(8 << 20);
	directory.Open = refuse_open;
	cr_expect_eq(journal_try(&loader, &directory), EFI_WRITE_PROTECTED);
}

static EFI_STATUS EFIAPI open_to_read_only(EFI_FILE *self, EFI_FILE **opened, CHAR16 *name, UINT64 mode,
					   UINT64 attributes) {
	cr_expect_eq(mode, EFI_FILE_MODE_READ);
	return fake_open(self, opened, name, mode, attributes);
}

Test(journal, where_files_are_lost_nothing_is_tried_to_write) {
	struct boot_info info = {0};
	struct loader loader = {.info = &info, .files_lost = true};
	struct journal journal;
	medium_new(8 << 20);
	directory.Open = open_to_read_only;
	cr_expect_eq(journal_try(&loader, &directory), EFI_WRITE_PROTECTED);
	journal_open(&loader, &directory, &journal);
	cr_expect_eq(journal_append_log(&loader, &journal, "a", 1), EFI_WRITE_PROTECTED);
	cr_expect_eq(journal_append_results(&loader, &journal, "a", 1), EFI_WRITE_PROTECTED);
	cr_expect_eq(journal_close_results(&loader, &journal), EFI_WRITE_PROTECTED);
	journal_close(&loader, &journal);
	cr_expect_not(journal.saved);
}

/* ---- where the loader lies ---- */

static const uint8_t *device_path;

static EFI_STATUS EFIAPI fake_protocol(EFI_HANDLE handle, EFI_GUID *guid, VOID **interface) {
	static EFI_LOADED_IMAGE image = {.DeviceHandle = &image};
	EFI_GUID image_guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;
	(void)handle;
	*interface = memcmp(guid, &image_guid, sizeof(*guid)) == 0 ? (VOID *)&image : (VOID *)(uintptr_t)device_path;
	return EFI_SUCCESS;
}

/* A node of a medium, with `kind` behind two addresses, and the path's end. */
static bool lost_on(uint8_t subtype, uint8_t length, const char *kind) {
	uint8_t path[64] = {MEDIA_DEVICE_PATH, subtype, length, 0};
	static const uint8_t end[] = {END_DEVICE_PATH_TYPE, END_ENTIRE_DEVICE_PATH_SUBTYPE, 4, 0};
	EFI_BOOT_SERVICES services = {.HandleProtocol = fake_protocol};
	const struct loader loader = {.services = &services};
	memcpy(path + 20, kind, strlen(kind));
	memcpy(path + length, end, sizeof(end));
	device_path = path;
	return files_are_lost(&loader);
}

Test(files, are_lost_on_a_cd_and_on_a_ram_disk_that_is_not_persistent) {
	static const char disk[] = "\x5a\x53\xab\x77\xfc\x45\x4b\x62\x55\x60\xf7\xb2\x81\xd1\xf9\x6e",
			  cd[] = "\x30\xbd\x5a\x3d\x75\x41\xce\x87\x6d\x64\xd2\xad\xe5\x23\xc4\xbb",
			  persistent[] = "\xc9\x02\xea\x5c\x07\x4d\xd3\x69\x26\x9f\x44\x96\xfb\xe0\x96\xf9";
	enum { HARD_DRIVE = 1, CD = 2, RAM_DISK = 9, BYTES = 38 };
	cr_expect(lost_on(CD, 24, ""));
	cr_expect(lost_on(RAM_DISK, BYTES, disk));
	cr_expect(lost_on(RAM_DISK, BYTES, cd));
	cr_expect_not(lost_on(RAM_DISK, BYTES, persistent));
	cr_expect_not(lost_on(RAM_DISK, 20, disk), "a node without its kind");
	cr_expect_not(lost_on(HARD_DRIVE, BYTES, disk));
}
