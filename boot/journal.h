/* SPDX-License-Identifier: Apache-2.0
 *
 * What a run leaves behind under handback, beside the loader and through the firmware's own file system: anechoic.log,
 * durable record by record, and results.json, which has another name until it is whole. That of an earlier run is never
 * deleted: it gets another name. A file that cannot be written is said once on the
 * console; the run goes on without it. Wherever the power goes, the log has every record that was appended, or it says
 * that they are saved and results.json has them. (The programme says so: a SAVED record.)
 */
#pragma once

#include "boot/loader.h"
#include "boot/results_name.h"

struct journal_file {
	EFI_FILE_HANDLE handle; /* NULL: not yet opened */
	EFI_STATUS failed;      /* the first failure: nothing is written after it */
	uint64_t used;          /* bytes of text; the next append goes there */
	uint64_t size;          /* bytes of the file */
};

struct journal {
	EFI_FILE_HANDLE directory; /* NULL: the loader was not started from a file system */
	struct journal_file log;
	struct journal_file results;
	bool stale;                       /* what is in anechoic.log is finished, or not readable: it makes room */
	bool saved;                       /* results.json is this run's, and whole */
	char earlier[RESULTS_NAME_BYTES]; /* what an earlier run's results.json is called now; empty: there was none */
};

/* EFI_SUCCESS: anechoic.log can be made and written to in `directory`: tried, and put away again; but on a CD nothing
 * is tried (EFI_WRITE_PROTECTED). EFI_NO_MEDIA: it is NULL. */
EFI_STATUS journal_try(const struct loader *loader, EFI_FILE_HANDLE directory);

/* Reads what an earlier run left. A log whose results are not saved is handed to the kernel (info->previous_log) and
 * continued; another is overwritten. `directory` stays the caller's. */
void journal_open(struct loader *loader, EFI_FILE_HANDLE directory, struct journal *journal);

/* Durable when they return. A status of the firmware. */
EFI_STATUS journal_append_log(const struct loader *loader, struct journal *journal, const void *bytes, uint64_t length);
EFI_STATUS journal_append_results(const struct loader *loader, struct journal *journal, const void *bytes,
				  uint64_t length);

/* What was appended to the results is whole: it is results.json from now on, and an earlier one, where it is not the
 * same, has another name. Durable when it returns. Firmware that renames no file makes copies of both, each whole
 * before its source goes. After an error it is whole in results.new, the earlier one under one of its two names. */
EFI_STATUS journal_close_results(const struct loader *loader, struct journal *journal);

/* The clean end: the log's unused tail is given back to the volume. */
void journal_close(const struct loader *loader, struct journal *journal);
