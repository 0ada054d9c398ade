/* SPDX-License-Identifier: Apache-2.0
 *
 * The path is taken apart here rather than by the firmware: a file-path device path may come in several nodes, with or
 * without separators at their ends.
 */
#include "boot/files.h"
#include "boot/device_path.h"
#include "boot/freestanding.h"
#include "lib/civil.h"

#define END_OF_FILE UINT64_MAX /* SetPosition: UEFI 2.10, section 13.5 */
#define CHUNK_BYTES (UINT64_C(64) << 10)

/* Appends a node's path, one separator between it and what stands there; false: too long. Nodes are not aligned. */
static bool path_append(CHAR16 *path, size_t *used, const uint8_t *node, size_t node_bytes) {
	if (*used && path[*used - 1] != '\\')
		path[(*used)++] = '\\';
	for (size_t at = offsetof(FILEPATH_DEVICE_PATH, PathName); at + sizeof(CHAR16) <= node_bytes;
	     at += sizeof(CHAR16)) {
		CHAR16 character;
		memcpy(&character, node + at, sizeof(character));
		if (!character)
			break;
		if (*used && character == '\\' && path[*used - 1] == '\\')
			continue;
		if (*used >= FILES_PATH_CHARS - 2) /* a separator and the terminator */
			return false;
		path[(*used)++] = character;
	}
	return true;
}

void files_image_path(const EFI_LOADED_IMAGE *image, CHAR16 path[FILES_PATH_CHARS]) {
	size_t used = 0;
	const EFI_DEVICE_PATH *node = image->FilePath;
	for (; node && !IsDevicePathEnd(node) && DevicePathNodeLength(node) >= (int)sizeof(*node);
	     node = NextDevicePathNode(node)) {
		if (DevicePathType(node) != MEDIA_DEVICE_PATH || DevicePathSubType(node) != MEDIA_FILEPATH_DP)
			continue;
		if (!path_append(path, &used, (const uint8_t *)node, (size_t)DevicePathNodeLength(node))) {
			used = 0;
			break;
		}
	}
	path[used] = 0;
}

/* "\EFI\BOOT" out of the image's file path; "\" where there is none. */
static void directory_path(const EFI_LOADED_IMAGE *image, CHAR16 path[FILES_PATH_CHARS]) {
	size_t used = 0;
	files_image_path(image, path);
	while (path[used])
		used++;
	while (used && path[used - 1] != '\\')
		used--;
	if (used > 1)
		used--;
	if (used == 0)
		path[used++] = '\\';
	path[used] = 0;
}

EFI_STATUS files_open_directory(const struct loader *loader, EFI_FILE_HANDLE *directory) {
	EFI_GUID image_guid = EFI_LOADED_IMAGE_PROTOCOL_GUID, volume_guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;
	EFI_LOADED_IMAGE *image;
	EFI_FILE_IO_INTERFACE *volume;
	EFI_FILE_HANDLE root;
	CHAR16 path[FILES_PATH_CHARS];
	EFI_STATUS status = loader->services->HandleProtocol(loader->image, &image_guid, (void **)&image);
	if (!EFI_ERROR(status))
		status = image->DeviceHandle
				 ? loader->services->HandleProtocol(image->DeviceHandle, &volume_guid, (void **)&volume)
				 : EFI_UNSUPPORTED;
	if (!EFI_ERROR(status))
		status = volume->OpenVolume(volume, &root);
	if (EFI_ERROR(status))
		return status;
	directory_path(image, path);
	status = root->Open(root, directory, path, EFI_FILE_MODE_READ, 0);
	root->Close(root);
	return status;
}

/* The first and the last byte's address, the kind, which of them. */
enum { RAM_DISK_SUBTYPE = 9, RAM_DISK_KIND = sizeof(EFI_DEVICE_PATH) + 16 };

/* Of the persistent kinds what is written is kept. */
static bool is_volatile(const EFI_DEVICE_PATH *ram_disk) {
	static const EFI_GUID kinds[] = {
		{0x77ab535a, 0x45fc, 0x624b, {0x55, 0x60, 0xf7, 0xb2, 0x81, 0xd1, 0xf9, 0x6e}}, /* a disk */
		{0x3d5abd30, 0x4175, 0x87ce, {0x6d, 0x64, 0xd2, 0xad, 0xe5, 0x23, 0xc4, 0xbb}}, /* a CD */
	};
	const UINT8 *kind = (const UINT8 *)ram_disk + RAM_DISK_KIND;
	return memcmp(kind, &kinds[0], sizeof(EFI_GUID)) == 0 || memcmp(kind, &kinds[1], sizeof(EFI_GUID)) == 0;
}

bool files_are_lost(const struct loader *loader) {
	const EFI_DEVICE_PATH *path = device_path_of_loader(loader);
	if (!path)
		return false;
	const EFI_DEVICE_PATH *ram_disk =
		device_path_find(path, MEDIA_DEVICE_PATH, RAM_DISK_SUBTYPE, RAM_DISK_KIND + sizeof(EFI_GUID));
	return (ram_disk && is_volatile(ram_disk)) ||
	       device_path_find(path, MEDIA_DEVICE_PATH, MEDIA_CDROM_DP, sizeof(*path));
}

EFI_STATUS files_size(EFI_FILE_HANDLE file, uint64_t *bytes) {
	EFI_STATUS status = file->SetPosition(file, END_OF_FILE);
	return EFI_ERROR(status) ? status : file->GetPosition(file, bytes);
}

EFI_STATUS files_delete(EFI_FILE_HANDLE file) {
	EFI_STATUS status = file->Delete(file);
	return status == EFI_WARN_DELETE_FAILURE ? EFI_ACCESS_DENIED : status;
}

EFI_STATUS files_read(const struct loader *loader, EFI_FILE_HANDLE directory, CHAR16 *name, uint64_t limit,
		      void **bytes, uint64_t *length) {
	EFI_FILE_HANDLE file;
	*bytes = NULL;
	*length = 0;
	EFI_STATUS status = directory->Open(directory, &file, name, EFI_FILE_MODE_READ, 0);
	if (EFI_ERROR(status))
		return status;
	uint64_t size = 0;
	status = files_size(file, &size);
	if (!EFI_ERROR(status) && size > limit)
		status = EFI_BAD_BUFFER_SIZE;
	if (!EFI_ERROR(status) && size)
		status = pages_allocate(loader, EfiLoaderData, size, bytes);
	if (!EFI_ERROR(status) && size) {
		UINTN got = size;
		status = file->SetPosition(file, 0);
		if (!EFI_ERROR(status))
			status = file->Read(file, &got, *bytes);
		if (EFI_ERROR(status))
			pages_free(loader, *bytes, size);
		else
			*length = got;
	}
	file->Close(file);
	return status;
}

/* EFI_FILE_INFO with the longest name that the protocol's users give, on the stack. */
union file_information {
	EFI_FILE_INFO info;
	uint8_t room[sizeof(EFI_FILE_INFO) + FILES_NAME_CHARS * sizeof(CHAR16)];
};

EFI_STATUS files_resize(EFI_FILE_HANDLE file, uint64_t bytes) {
	EFI_GUID guid = EFI_FILE_INFO_ID;
	union file_information information;
	UINTN size = sizeof(information);
	EFI_STATUS status = file->GetInfo(file, &guid, &size, &information);
	if (EFI_ERROR(status) || information.info.FileSize == bytes)
		return status;
	information.info.FileSize = bytes;
	return file->SetInfo(file, &guid, size, &information);
}

EFI_STATUS files_rename(EFI_FILE_HANDLE file, const CHAR16 *name) {
	EFI_GUID guid = EFI_FILE_INFO_ID;
	union file_information information;
	UINTN size = sizeof(information);
	EFI_STATUS status = file->GetInfo(file, &guid, &size, &information);
	if (EFI_ERROR(status))
		return status;
	CHAR16 *to = information.info.FileName; /* declared as of one character */
	size_t chars = 0;
	do {
		to[chars] = name[chars];
	} while (name[chars++] && chars < FILES_NAME_CHARS);
	information.info.Size = SIZE_OF_EFI_FILE_INFO + chars * sizeof(CHAR16);
	return file->SetInfo(file, &guid, (UINTN)information.info.Size, &information);
}

uint64_t files_written_seconds(EFI_FILE_HANDLE file) {
	EFI_GUID guid = EFI_FILE_INFO_ID;
	union file_information information;
	UINTN size = sizeof(information);
	if (EFI_ERROR(file->GetInfo(file, &guid, &size, &information)))
		return 0;
	const EFI_TIME *at = &information.info.ModificationTime;
	const struct civil_time time = {at->Year, at->Month, at->Day, at->Hour, at->Minute, at->Second};
	uint64_t seconds;
	bool zone_known;
	return civil_local_to_seconds(&time, at->TimeZone, &seconds, &zone_known) ? seconds : 0;
}

/* From both files' positions on, `length` bytes. */
static bool chunk_equal(EFI_FILE_HANDLE left, EFI_FILE_HANDLE right, uint8_t *buffer, uint64_t length) {
	UINTN left_length = length, right_length = length;
	return !EFI_ERROR(left->Read(left, &left_length, buffer)) &&
	       !EFI_ERROR(right->Read(right, &right_length, buffer + CHUNK_BYTES)) && left_length == length &&
	       right_length == length && memcmp(buffer, buffer + CHUNK_BYTES, length) == 0;
}

static uint64_t chunk_of(uint64_t rest) {
	return rest < CHUNK_BYTES ? rest : CHUNK_BYTES;
}

enum files_common files_compare(const struct loader *loader, EFI_FILE_HANDLE part, EFI_FILE_HANDLE whole) {
	uint64_t bytes, whole_bytes;
	void *buffer;
	if (EFI_ERROR(files_size(part, &bytes)) || EFI_ERROR(files_size(whole, &whole_bytes)) || bytes > whole_bytes)
		return FILES_DIFFER;
	if (EFI_ERROR(part->SetPosition(part, 0)) || EFI_ERROR(whole->SetPosition(whole, 0)) ||
	    EFI_ERROR(pages_allocate(loader, EfiLoaderData, 2 * CHUNK_BYTES, &buffer)))
		return FILES_DIFFER;
	bool equal = true;
	for (uint64_t at = 0; at < bytes && equal; at += CHUNK_BYTES)
		equal = chunk_equal(part, whole, buffer, chunk_of(bytes - at));
	pages_free(loader, buffer, 2 * CHUNK_BYTES);
	return !equal ? FILES_DIFFER : bytes < whole_bytes ? FILES_BEGIN : FILES_EQUAL;
}

EFI_STATUS files_copy(const struct loader *loader, EFI_FILE_HANDLE from, EFI_FILE_HANDLE to) {
	uint64_t bytes;
	void *buffer;
	EFI_STATUS status = files_size(from, &bytes);
	if (!EFI_ERROR(status))
		status = from->SetPosition(from, 0);
	if (!EFI_ERROR(status))
		status = pages_allocate(loader, EfiLoaderData, CHUNK_BYTES, &buffer);
	if (EFI_ERROR(status))
		return status;
	for (uint64_t at = 0; at < bytes && !EFI_ERROR(status); at += CHUNK_BYTES) {
		UINTN wanted = chunk_of(bytes - at), got = wanted;
		status = from->Read(from, &got, buffer);
		if (!EFI_ERROR(status))
			status = got == wanted ? files_write_at(to, at, buffer, got) : EFI_DEVICE_ERROR;
	}
	pages_free(loader, buffer, CHUNK_BYTES);
	return status;
}

EFI_STATUS files_free_bytes(EFI_FILE_HANDLE directory, uint64_t *bytes) {
	EFI_GUID guid = EFI_FILE_SYSTEM_INFO_ID;
	union {
		EFI_FILE_SYSTEM_INFO info;
		uint8_t room[sizeof(EFI_FILE_SYSTEM_INFO) + 256 * sizeof(CHAR16)];
	} information;
	UINTN size = sizeof(information);
	EFI_STATUS status = directory->GetInfo(directory, &guid, &size, &information);
	if (EFI_ERROR(status))
		return status;
	*bytes = information.info.FreeSpace;
	return information.info.ReadOnly ? EFI_WRITE_PROTECTED : EFI_SUCCESS;
}

EFI_STATUS files_write_at(EFI_FILE_HANDLE file, uint64_t position, const void *bytes, uint64_t length) {
	UINTN written = length;
	EFI_STATUS status = file->SetPosition(file, position);
	if (!EFI_ERROR(status))
		status = file->Write(file, &written, (void *)bytes);
	if (EFI_ERROR(status))
		return status;
	return written == length ? EFI_SUCCESS : EFI_VOLUME_FULL;
}
