/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/profile.h"

#include "boot/freestanding.h"

#define PROFILE_BYTES_MAX (UINT64_C(1) << 20)

/* The firmware's separator for either, so that anechoic.conf can be written on any system. false: too long, or not
 * ASCII. */
static bool file_name(struct conf_span span, CHAR16 name[FILES_NAME_CHARS]) {
	if (span.length == 0 || span.length >= FILES_NAME_CHARS)
		return false;
	for (size_t i = 0; i < span.length; i++) {
		unsigned char c = (unsigned char)span.bytes[i];
		if (c < ' ' || c > '~')
			return false;
		name[i] = c == '/' ? '\\' : c;
	}
	name[span.length] = 0;
	return true;
}

void profile_keep(struct loader *loader, EFI_FILE_HANDLE directory) {
	struct conf_span value = loader_option(loader, "profile");
	CHAR16 name[FILES_NAME_CHARS];
	void *bytes = NULL;
	uint64_t length = 0;
	if (!value.bytes || conf_span_is(value, "none"))
		return;
	EFI_STATUS status = file_name(value, name) ? EFI_SUCCESS : EFI_INVALID_PARAMETER;
	if (!EFI_ERROR(status))
		status = files_read(loader, directory, name, PROFILE_BYTES_MAX, &bytes, &length);
	if (!EFI_ERROR(status) && length == 0)
		status = EFI_END_OF_FILE;
	if (!EFI_ERROR(status)) {
		status = pages_claim(loader, (uint64_t)bytes, length, BOOT_RANGE_BOOT);
		if (EFI_ERROR(status))
			pages_free(loader, bytes, length);
	}
	if (EFI_ERROR(status))
		console_failure(loader, "the profile that `profile` names is not read", status);
	else
		loader->info->profile = (struct boot_bytes){.address = (uint64_t)bytes, .length = length};
}
