/* SPDX-License-Identifier: Apache-2.0
 *
 * A medium in memory behind the firmware's file protocol, whose power is lost after any number of the operations that
 * change it, and which is full after any number of bytes; and of the loader what its files ask of each other. Include
 * it once in a test, which is compiled as the loader is, against gnu-efi's headers.
 */
#pragma once

#include "boot/files.h"
#include "boot/freestanding.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* ---- the medium -------------------------------------------------------------------------------------------------- */

enum { FILES_MAX = 6, HANDLES_MAX = 16, FILE_BYTES = 5 << 20 };

struct medium_file {
	CHAR16 name[FILES_NAME_CHARS];
	uint8_t *bytes;
	uint64_t size;
	EFI_TIME written;
	bool there;
};

static struct medium {
	struct medium_file files[FILES_MAX];
	uint64_t room;    /* bytes that still fit */
	unsigned changes; /* that were made */
	unsigned power;   /* changes that will be made: the rest is lost */
	EFI_TIME now;
	bool full_directory, no_rename, no_resize, no_delete; /* what this firmware cannot do */
} medium;

struct handle {
	EFI_FILE file; /* first: a handle is its file's address */
	struct medium_file *target;
	uint64_t position;
};
static struct handle handles[HANDLES_MAX];
static EFI_FILE directory;

static bool names_equal(const CHAR16 *a, const CHAR16 *b) {
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

static void name_copy(CHAR16 *to, const CHAR16 *from) {
	while ((*to++ = *from++))
		;
}

static struct medium_file *lookup(const CHAR16 *name) {
	for (size_t i = 0; i < FILES_MAX; i++)
		if (medium.files[i].there && names_equal(medium.files[i].name, name))
			return &medium.files[i];
	return NULL;
}

/* Whether a change reaches the medium. The firmware, which is without power as well, sees no error. */
static bool changes(void) {
	return medium.changes++ < medium.power;
}

static EFI_FILE *handle_open(struct medium_file *target);

static EFI_STATUS EFIAPI fake_open(EFI_FILE *self, EFI_FILE **opened, CHAR16 *name, UINT64 mode, UINT64 attributes) {
	(void)self;
	(void)attributes;
	struct medium_file *file = lookup(name);
	if (!file && !(mode & EFI_FILE_MODE_CREATE))
		return EFI_NOT_FOUND;
	for (size_t i = 0; !file && i < FILES_MAX; i++)
		if (!medium.files[i].there)
			file = &medium.files[i];
	if (medium.full_directory && !lookup(name))
		return EFI_VOLUME_FULL;
	cr_assert_not_null(file);
	if (!file->there) {
		name_copy(file->name, name);
		file->size = 0;
		file->there = changes();
	}
	*opened = handle_open(file);
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_close(EFI_FILE *self) {
	((struct handle *)self)->target = NULL;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_delete(EFI_FILE *self) {
	struct medium_file *file = ((struct handle *)self)->target;
	if (medium.no_delete) {
		fake_close(self);
		return EFI_WARN_DELETE_FAILURE;
	}
	if (changes()) {
		medium.room += file->size;
		file->there = false;
	}
	return fake_close(self);
}

static EFI_STATUS EFIAPI fake_read(EFI_FILE *self, UINTN *length, void *bytes) {
	struct handle *handle = (struct handle *)self;
	uint64_t left = handle->target->size - handle->position;
	*length = *length < left ? *length : left;
	memcpy(bytes, handle->target->bytes + handle->position, *length);
	handle->position += *length;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_write(EFI_FILE *self, UINTN *length, void *bytes) {
	struct handle *handle = (struct handle *)self;
	struct medium_file *file = handle->target;
	uint64_t end = handle->position + *length;
	uint64_t more = end > file->size ? end - file->size : 0;
	cr_assert_leq(end, FILE_BYTES);
	if (more > medium.room)
		return EFI_VOLUME_FULL;
	if (!changes()) {
		/* Half of it was on its way. */
		if (medium.changes == medium.power + 1 && end - *length / 2 <= file->size)
			memcpy(file->bytes + handle->position, bytes, *length / 2);
		return EFI_SUCCESS;
	}
	memcpy(file->bytes + handle->position, bytes, *length);
	file->written = medium.now;
	file->size += more;
	medium.room -= more;
	handle->position = end;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_get_position(EFI_FILE *self, UINT64 *position) {
	*position = ((struct handle *)self)->position;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_set_position(EFI_FILE *self, UINT64 position) {
	struct handle *handle = (struct handle *)self;
	handle->position = position == UINT64_MAX ? handle->target->size : position;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_get_info(EFI_FILE *self, EFI_GUID *type, UINTN *size, void *buffer) {
	EFI_GUID system = EFI_FILE_SYSTEM_INFO_ID;
	if (memcmp(type, &system, sizeof(system)) == 0) {
		EFI_FILE_SYSTEM_INFO *info = buffer;
		info->FreeSpace = medium.room;
		info->ReadOnly = FALSE;
		return EFI_SUCCESS;
	}
	struct medium_file *file = ((struct handle *)self)->target;
	EFI_FILE_INFO *info = buffer;
	info->FileSize = file->size;
	info->ModificationTime = file->written;
	name_copy(info->FileName, file->name);
	*size = SIZE_OF_EFI_FILE_INFO + sizeof(file->name);
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_set_info(EFI_FILE *self, EFI_GUID *type, UINTN size, void *buffer) {
	(void)type;
	(void)size;
	struct medium_file *file = ((struct handle *)self)->target;
	const EFI_FILE_INFO *info = buffer;
	if (!names_equal(info->FileName, file->name)) {
		if (medium.no_rename)
			return EFI_UNSUPPORTED;
		if (lookup(info->FileName))
			return EFI_ACCESS_DENIED;
		if (changes())
			name_copy(file->name, info->FileName);
	} else if (medium.no_resize) {
		return EFI_ACCESS_DENIED;
	} else if (changes()) {
		cr_assert_leq(info->FileSize, file->size, "the journal grows files by writing");
		medium.room += file->size - info->FileSize;
		file->size = info->FileSize;
	}
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_flush(EFI_FILE *self) {
	(void)self;
	return EFI_SUCCESS;
}

static EFI_FILE *handle_open(struct medium_file *target) {
	for (size_t i = 0; i < HANDLES_MAX; i++) {
		if (handles[i].target)
			continue;
		handles[i] = (struct handle){
			.file = {.Open = fake_open,
				 .Close = fake_close,
				 .Delete = fake_delete,
				 .Read = fake_read,
				 .Write = fake_write,
				 .GetPosition = fake_get_position,
				 .SetPosition = fake_set_position,
				 .GetInfo = fake_get_info,
				 .SetInfo = fake_set_info,
				 .Flush = fake_flush},
			.target = target,
		};
		return &handles[i].file;
	}
	cr_assert_fail("handles are left open");
	return NULL;
}

/* ---- the rest of the loader -------------------------------------------------------------------------------------- */

static unsigned failures_told;

void console_failure(const struct loader *loader, const char *what, EFI_STATUS status) {
	(void)loader;
	(void)what;
	(void)status;
	failures_told++;
}

/* Pages of one boot; all are given back at its end. */
static struct {
	uint8_t *bytes;
	uint64_t used;
} pages;
enum { PAGES_BYTES = 32 << 20 };

EFI_STATUS pages_allocate(const struct loader *loader, EFI_MEMORY_TYPE type, uint64_t bytes, void **memory) {
	(void)loader;
	(void)type;
	if (!pages.bytes)
		pages.bytes = malloc(PAGES_BYTES);
	cr_assert_leq(pages.used + pages_round_up(bytes), PAGES_BYTES);
	*memory = memset(pages.bytes + pages.used, 0, bytes);
	pages.used += pages_round_up(bytes);
	return EFI_SUCCESS;
}

void pages_free(const struct loader *loader, void *memory, uint64_t bytes) {
	(void)loader;
	(void)memory;
	(void)bytes;
}

EFI_STATUS pages_claim(struct loader *loader, uint64_t base, uint64_t length, enum boot_range_kind kind) {
	(void)loader;
	(void)base;
	(void)length;
	(void)kind;
	return EFI_SUCCESS;
}

/* ---- for tests --------------------------------------------------------------------------------------------------- */

static void power_on(unsigned changes_left) {
	medium.changes = 0;
	medium.power = changes_left;
}

static void medium_new(uint64_t room) {
	directory = (EFI_FILE){.Open = fake_open, .GetInfo = fake_get_info};
	for (size_t i = 0; i < FILES_MAX; i++) {
		if (!medium.files[i].bytes)
			medium.files[i].bytes = malloc(FILE_BYTES);
		medium.files[i].there = false;
	}
	medium.room = room;
	medium.now = (EFI_TIME){.Year = 2026, .Month = 11, .TimeZone = EFI_UNSPECIFIED_TIMEZONE};
	medium.full_directory = medium.no_rename = medium.no_resize = medium.no_delete = false;
	failures_told = 0;
	power_on(UINT32_MAX);
}

static unsigned files_there(void) {
	unsigned count = 0;
	for (size_t i = 0; i < FILES_MAX; i++)
		count += medium.files[i].there;
	return count;
}

/* Another file of that name, with something in it or nothing. */
static void put_file(CHAR16 *name, const char *text) {
	EFI_FILE *file;
	UINTN length = strlen(text);
	cr_assert_eq(fake_open(NULL, &file, name, EFI_FILE_MODE_CREATE, 0), EFI_SUCCESS);
	if (length)
		fake_write(file, &length, (void *)text);
	fake_close(file);
}
