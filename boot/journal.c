/* SPDX-License-Identifier: Apache-2.0
 *
 * Why the log is grown ahead: an append that stays inside the file writes its data and the directory entry's time, no
 * allocation table, so that a power cut in the middle of it can harm that record only.
 *
 * Why results are copied where they cannot be renamed: U-Boot's file system has no other way. The copy is whole on the
 * medium before the file that it is of goes, so that a cut leaves one of them whole; what it leaves of the copy is a
 * begin of the other, and no document of its own.
 *
 * Why nothing is tried on a CD: firmware (EDK II's USB mass storage) takes one for writable, tries again for minutes,
 * resets the drive, and then takes the volume away from under the files that are open on it.
 */
#include "boot/journal.h"
#include "boot/files.h"
#include "boot/freestanding.h"
#include "boot/log_text.h"

#define LOG_STEP_BYTES    (UINT64_C(4) << 20)
#define FILL_CHUNK_BYTES  (UINT64_C(64) << 10)
#define LOG_BYTES_MAX     (UINT64_C(64) << 20) /* more was never written by a run */
#define EFI_FILE_MODE_ALL (EFI_FILE_MODE_READ | EFI_FILE_MODE_WRITE | EFI_FILE_MODE_CREATE)

static CHAR16 log_name[] = L"anechoic.log";
static CHAR16 results_name[] = L"results.json";
static CHAR16 unfinished_name[] = L"results.new";

EFI_STATUS journal_try(const struct loader *loader, EFI_FILE_HANDLE directory) {
	EFI_FILE_HANDLE file;
	char filler = LOG_FILLER;
	if (!directory)
		return EFI_NO_MEDIA;
	if (loader->files_lost)
		return EFI_WRITE_PROTECTED;
	EFI_STATUS status = directory->Open(directory, &file, log_name, EFI_FILE_MODE_READ | EFI_FILE_MODE_WRITE, 0);
	if (!EFI_ERROR(status)) { /* a run's records may stand in it */
		file->Close(file);
		return EFI_SUCCESS;
	}
	if (status == EFI_NOT_FOUND)
		status = directory->Open(directory, &file, log_name, EFI_FILE_MODE_ALL, 0);
	if (EFI_ERROR(status))
		return status;
	status = files_write_at(file, 0, &filler, sizeof(filler));
	if (!EFI_ERROR(status))
		status = file->Flush(file);
	file->Delete(file); /* closes it */
	return status;
}

/* The used part becomes the kernel's, whole pages; the rest goes back. */
static EFI_STATUS keep_previous(struct loader *loader, void *bytes, uint64_t length, uint64_t used) {
	uint64_t kept = pages_round_up(used), all = pages_round_up(length);
	if (all > kept)
		pages_free(loader, (uint8_t *)bytes + kept, all - kept);
	EFI_STATUS status = pages_claim(loader, (uint64_t)bytes, used, BOOT_RANGE_BOOT);
	if (!EFI_ERROR(status))
		loader->info->previous_log = (struct boot_bytes){.address = (uint64_t)bytes, .length = used};
	return status;
}

void journal_open(struct loader *loader, EFI_FILE_HANDLE directory, struct journal *journal) {
	void *bytes;
	uint64_t length;
	*journal = (struct journal){.directory = directory};
	if (!directory)
		return;
	EFI_STATUS status = files_read(loader, directory, log_name, LOG_BYTES_MAX, &bytes, &length);
	if (EFI_ERROR(status)) {
		journal->stale = true;
		if (status != EFI_NOT_FOUND)
			console_failure(loader, "the earlier anechoic.log is not readable, a new one begins", status);
	}
	if (!length)
		return;
	uint64_t used = log_used_bytes(bytes, length);
	if (used == 0 || log_is_finished(bytes, used)) {
		journal->stale = true;
		pages_free(loader, bytes, length);
		return;
	}
	journal->log.used = used;
	status = keep_previous(loader, bytes, length, used);
	if (EFI_ERROR(status))
		console_failure(loader, "the earlier anechoic.log is not looked at", status);
}

/* The file grows to `target` bytes, all filler. As far as it got is in file->size. */
static EFI_STATUS fill_to(const struct loader *loader, struct journal_file *file, uint64_t target) {
	void *filler;
	EFI_STATUS status = pages_allocate(loader, EfiLoaderData, FILL_CHUNK_BYTES, &filler);
	if (EFI_ERROR(status))
		return status;
	memset(filler, LOG_FILLER, FILL_CHUNK_BYTES);
	while (file->size < target && !EFI_ERROR(status)) {
		uint64_t left = target - file->size;
		uint64_t chunk = left < FILL_CHUNK_BYTES ? left : FILL_CHUNK_BYTES;
		status = files_write_at(file->handle, file->size, filler, chunk);
		if (!EFI_ERROR(status))
			file->size += chunk;
	}
	pages_free(loader, filler, FILL_CHUNK_BYTES);
	return status;
}

/* Half of what is free at the most: results.json wants room, too. */
static EFI_STATUS grow(const struct loader *loader, struct journal *journal, uint64_t needed) {
	uint64_t free_bytes, step = LOG_STEP_BYTES;
	EFI_STATUS status = files_free_bytes(journal->directory, &free_bytes);
	if (EFI_ERROR(status))
		return status;
	if (step > free_bytes / 2)
		step = free_bytes / 2 / FILL_CHUNK_BYTES * FILL_CHUNK_BYTES;
	uint64_t target = journal->log.size + step;
	return fill_to(loader, &journal->log, target < needed ? needed : target);
}

static EFI_STATUS open_for_writing(const struct loader *loader, const struct journal *journal, CHAR16 *name,
				   struct journal_file *file) {
	if (!journal->directory)
		return EFI_NO_MEDIA;
	if (loader->files_lost)
		return EFI_WRITE_PROTECTED;
	EFI_STATUS status = journal->directory->Open(journal->directory, &file->handle, name, EFI_FILE_MODE_ALL, 0);
	if (EFI_ERROR(status)) {
		file->handle = NULL;
		return status;
	}
	return files_size(file->handle, &file->size);
}

/* Firmware that cannot cut a file off (U-Boot) takes it away whole. */
static EFI_STATUS make_empty(const struct journal *journal, CHAR16 *name, struct journal_file *file) {
	EFI_FILE_HANDLE directory = journal->directory, old = file->handle;
	EFI_STATUS status = files_resize(old, 0);
	file->size = 0;
	if (!EFI_ERROR(status))
		return status;
	file->handle = NULL;
	status = files_delete(old);
	if (!EFI_ERROR(status))
		status = directory->Open(directory, &file->handle, name, EFI_FILE_MODE_ALL, 0);
	if (EFI_ERROR(status))
		file->handle = NULL;
	return status;
}

static EFI_STATUS open_log(const struct loader *loader, struct journal *journal) {
	struct journal_file *log = &journal->log;
	EFI_STATUS status = open_for_writing(loader, journal, log_name, log);
	if (!EFI_ERROR(status) && journal->stale)
		status = make_empty(journal, log_name, log);
	const struct boot_bytes *previous = &loader->info->previous_log;
	if (EFI_ERROR(status) || !previous->length ||
	    ((const char *)previous->address)[previous->length - 1] == LOG_FILLER)
		return status;
	char line_end = LOG_FILLER; /* the cut-off line stays a line of its own */
	status = files_write_at(log->handle, log->used++, &line_end, sizeof(line_end));
	if (log->size < log->used)
		log->size = log->used;
	return status;
}

/* Says the first failure, and remembers it. */
static EFI_STATUS settle(const struct loader *loader, struct journal_file *file, const char *what, EFI_STATUS status) {
	if (EFI_ERROR(status)) {
		file->failed = status;
		console_failure(loader, what, status);
	}
	return status;
}

static EFI_STATUS write_durably(struct journal_file *file, const void *bytes, uint64_t length) {
	EFI_STATUS status = files_write_at(file->handle, file->used, bytes, length);
	if (!EFI_ERROR(status))
		status = file->handle->Flush(file->handle);
	if (EFI_ERROR(status))
		return status;
	file->used += length;
	if (file->size < file->used)
		file->size = file->used;
	return EFI_SUCCESS;
}

EFI_STATUS journal_append_log(const struct loader *loader, struct journal *journal, const void *bytes,
			      uint64_t length) {
	struct journal_file *log = &journal->log;
	if (EFI_ERROR(log->failed))
		return log->failed;
	EFI_STATUS status = log->handle ? EFI_SUCCESS : open_log(loader, journal);
	if (!EFI_ERROR(status) && log->used + length > log->size)
		status = grow(loader, journal, log->used + length);
	if (!EFI_ERROR(status))
		status = write_durably(log, bytes, length);
	return settle(loader, log, "anechoic.log cannot be written, the run goes on", status);
}

static const char results_failure[] = "results.json cannot be written";

EFI_STATUS journal_append_results(const struct loader *loader, struct journal *journal, const void *bytes,
				  uint64_t length) {
	struct journal_file *results = &journal->results;
	if (EFI_ERROR(results->failed))
		return results->failed;
	EFI_STATUS status = EFI_SUCCESS;
	if (!results->handle) {
		status = open_for_writing(loader, journal, unfinished_name, results);
		if (!EFI_ERROR(status))
			status = make_empty(journal, unfinished_name, results);
	}
	if (!EFI_ERROR(status))
		status = write_durably(results, bytes, length);
	if (EFI_ERROR(status) && results->handle) {
		results->handle->Delete(results->handle); /* closes it; a part is of no use to anybody */
		results->handle = NULL;
	}
	return settle(loader, results, results_failure, status);
}

/* A begin of it, maybe empty, is what a power cut left of give_name, and so is the same file once more. */
static bool name_is_taken(const struct loader *loader, EFI_FILE_HANDLE directory, EFI_FILE_HANDLE file, CHAR16 *name) {
	EFI_FILE_HANDLE there;
	if (EFI_ERROR(directory->Open(directory, &there, name, EFI_FILE_MODE_READ, 0)))
		return false;
	bool taken = files_compare(loader, there, file) == FILES_DIFFER;
	there->Close(there);
	return taken;
}

/* *file is closed and NULL once the copy is durable, though it may still be there; else as it was. */
static EFI_STATUS copy_to_name(const struct loader *loader, EFI_FILE_HANDLE directory, EFI_FILE_HANDLE *file,
			       CHAR16 *name) {
	EFI_FILE_HANDLE copy, old = *file;
	EFI_STATUS status = directory->Open(directory, &copy, name, EFI_FILE_MODE_ALL, 0);
	if (EFI_ERROR(status))
		return status;
	status = files_copy(loader, old, copy);
	if (!EFI_ERROR(status))
		status = copy->Flush(copy);
	if (EFI_ERROR(status)) {
		copy->Delete(copy); /* closes it */
		return status;
	}
	copy->Close(copy);
	*file = NULL;
	return files_delete(old);
}

static EFI_STATUS rename_or_copy(const struct loader *loader, EFI_FILE_HANDLE directory, EFI_FILE_HANDLE *file,
				 CHAR16 *name) {
	EFI_STATUS status = files_rename(*file, name);
	return EFI_ERROR(status) ? copy_to_name(loader, directory, file, name) : (*file)->Flush(*file);
}

/* Firmware takes a name away before it enters the new one, and where the directory has no room for that, the file is
 * gone. So a file of that name is made first, and deleted: its entry is the room. */
static EFI_STATUS give_name(const struct loader *loader, EFI_FILE_HANDLE directory, EFI_FILE_HANDLE *file,
			    CHAR16 *name) {
	EFI_FILE_HANDLE place;
	EFI_STATUS status = directory->Open(directory, &place, name, EFI_FILE_MODE_ALL, 0);
	if (!EFI_ERROR(status))
		status = files_delete(place);
	return EFI_ERROR(status) ? status : rename_or_copy(loader, directory, file, name);
}

/* Under its own date, whoever's it is: nothing on the medium says so but the file. */
static EFI_STATUS rename_earlier(const struct loader *loader, struct journal *journal, EFI_FILE_HANDLE *earlier) {
	CHAR16 wide[RESULTS_NAME_BYTES];
	char name[RESULTS_NAME_BYTES];
	uint64_t written = files_written_seconds(*earlier);
	for (unsigned number = 1; number <= RESULTS_NAME_NUMBER_MAX; number++) {
		results_name_earlier(written, number, name);
		for (size_t i = 0; i < sizeof(name); i++)
			wide[i] = (CHAR16)name[i];
		if (name_is_taken(loader, journal->directory, *earlier, wide))
			continue;
		EFI_STATUS status = give_name(loader, journal->directory, earlier, wide);
		if (!EFI_ERROR(status))
			memcpy(journal->earlier, name, sizeof(name));
		return status;
	}
	return EFI_ACCESS_DENIED;
}

/* *same: it is this run's, which lost its power before its log said SAVED, and stays. A begin of this run's is a copy
 * that was cut, and makes room. */
static EFI_STATUS keep_earlier(const struct loader *loader, struct journal *journal, bool *same) {
	EFI_FILE_HANDLE earlier;
	*same = false;
	EFI_STATUS status = journal->directory->Open(journal->directory, &earlier, results_name,
						     EFI_FILE_MODE_READ | EFI_FILE_MODE_WRITE, 0);
	if (EFI_ERROR(status))
		return status == EFI_NOT_FOUND ? EFI_SUCCESS : status;
	enum files_common common = files_compare(loader, earlier, journal->results.handle);
	*same = common == FILES_EQUAL;
	if (common == FILES_BEGIN)
		return files_delete(earlier);
	status = *same ? EFI_SUCCESS : rename_earlier(loader, journal, &earlier);
	if (earlier)
		earlier->Close(earlier);
	return status;
}

EFI_STATUS journal_close_results(const struct loader *loader, struct journal *journal) {
	struct journal_file *results = &journal->results;
	if (EFI_ERROR(results->failed))
		return results->failed;
	bool same = false;
	EFI_STATUS status = results->handle ? keep_earlier(loader, journal, &same) : EFI_NOT_READY;
	if (!EFI_ERROR(status) && same) {
		status = results->handle->Delete(results->handle); /* closes it */
		results->handle = NULL;
	} else if (!EFI_ERROR(status)) {
		status = rename_or_copy(loader, journal->directory, &results->handle, results_name);
		if (!results->handle) /* copied: what it was copied from may stay */
			status = EFI_SUCCESS;
	}
	journal->saved = !EFI_ERROR(status);
	return settle(loader, results, results_failure, status);
}

void journal_close(const struct loader *loader, struct journal *journal) {
	struct journal_file *log = &journal->log;
	if (log->handle && !EFI_ERROR(log->failed)) {
		EFI_STATUS status = files_resize(log->handle, log->used);
		if (!EFI_ERROR(status))
			status = log->handle->Flush(log->handle);
		if (EFI_ERROR(status))
			console_failure(loader, "anechoic.log keeps an empty tail", status);
	}
	if (log->handle)
		log->handle->Close(log->handle);
	if (journal->results.handle)
		journal->results.handle->Close(journal->results.handle);
}
