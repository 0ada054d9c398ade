/* SPDX-License-Identifier: Apache-2.0
 *
 * Files in the directory that the loader itself was started from, through the firmware's own file system.
 * Source: UEFI 2.10, sections 9.1 (Loaded Image), 13.4 and 13.5 (Simple File System, File Protocol).
 */
#pragma once

#include "boot/loader.h"

#define FILES_PATH_CHARS 512
#define FILES_NAME_CHARS 256

/* "\EFI\BOOT\BOOTX64.EFI": where an image came from on its volume, terminated; empty where the firmware does not say
 * or it does not fit. */
void files_image_path(const EFI_LOADED_IMAGE *image, CHAR16 path[FILES_PATH_CHARS]);

/* The loader's directory; the volume's root where the firmware does not say. To be closed. */
EFI_STATUS files_open_directory(const struct loader *loader, EFI_FILE_HANDLE *directory);

/* Whether nothing that is written there is kept, by its device path (UEFI 2.10, sections 10.3.5.2 and 10.3.5.9): a CD,
 * or a RAM disk, as firmware makes of a disk's image that it fetched by HTTP. */
bool files_are_lost(const struct loader *loader);

/* A whole file into fresh pages (EfiLoaderData, pages_free with *length), refused above `limit` bytes with
 * EFI_BAD_BUFFER_SIZE. An empty file is EFI_SUCCESS with *length 0 and no pages. */
EFI_STATUS files_read(const struct loader *loader, EFI_FILE_HANDLE directory, CHAR16 *name, uint64_t limit,
		      void **bytes, uint64_t *length);

EFI_STATUS files_size(EFI_FILE_HANDLE file, uint64_t *bytes);
EFI_STATUS files_resize(EFI_FILE_HANDLE file, uint64_t bytes);

/* Closes it in any case. A file that stays is only a warning to the firmware (UEFI 2.10, section 13.5.4); here it is
 * EFI_ACCESS_DENIED. */
EFI_STATUS files_delete(EFI_FILE_HANDLE file);

/* Another name in the same directory, of FILES_NAME_CHARS at the most with its terminator; none
 * that is there already. */
EFI_STATUS files_rename(EFI_FILE_HANDLE file, const CHAR16 *name);

/* When it was last written, seconds since 1970 (UTC as far as the firmware's clock has it); 0 where that is no date. */
uint64_t files_written_seconds(EFI_FILE_HANDLE file);

/* What of one file another has at its begin. Both positions are moved. */
enum files_common { FILES_DIFFER, FILES_BEGIN, FILES_EQUAL };

/* EQUAL: the same bytes; BEGIN: `whole` begins with all of `part`, and goes on; DIFFER, too, where one cannot be
 * read. */
enum files_common files_compare(const struct loader *loader, EFI_FILE_HANDLE part, EFI_FILE_HANDLE whole);

/* All of `from` into an empty file. Not durable until flushed. */
EFI_STATUS files_copy(const struct loader *loader, EFI_FILE_HANDLE from, EFI_FILE_HANDLE to);

EFI_STATUS files_free_bytes(EFI_FILE_HANDLE directory, uint64_t *bytes);

/* All of it at `position`, or an error: a short write is EFI_VOLUME_FULL. Not durable until flushed. */
EFI_STATUS files_write_at(EFI_FILE_HANDLE file, uint64_t position, const void *bytes, uint64_t length);
