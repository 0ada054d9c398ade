/* SPDX-License-Identifier: Apache-2.0
 *
 * The firmware's console: for the loader's own few lines. It is gone once boot services are; the kernel has its own.
 */
#include "boot/http_protocol.h"
#include "boot/loader.h"

#define CHUNK 80

void console_text(const struct loader *loader, const char *text) {
	SIMPLE_TEXT_OUTPUT_INTERFACE *out = loader->system->ConOut;
	if (!out)
		return;
	while (*text) {
		CHAR16 wide[CHUNK + 2 + 1]; /* one character may become two; the terminator */
		size_t used = 0;
		for (; *text && used < CHUNK; text++) {
			if (*text == '\n')
				wide[used++] = '\r';
			wide[used++] = (CHAR16)(unsigned char)*text;
		}
		wide[used] = 0;
		out->OutputString(out, wide);
	}
}

void console_number(const struct loader *loader, uint64_t number) {
	char digits[21];
	size_t at = sizeof(digits) - 1;
	digits[at] = '\0';
	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	console_text(loader, &digits[at]);
}

void console_status(const struct loader *loader, EFI_STATUS status) {
	static const struct {
		EFI_STATUS status;
		const char *name;
	} names[] = {
		{EFI_LOAD_ERROR, "load error"},
		{EFI_INVALID_PARAMETER, "invalid parameter"},
		{EFI_UNSUPPORTED, "unsupported"},
		{EFI_BUFFER_TOO_SMALL, "buffer too small"},
		{EFI_NOT_READY, "not ready"},
		{EFI_DEVICE_ERROR, "device error"},
		{EFI_WRITE_PROTECTED, "read-only"},
		{EFI_OUT_OF_RESOURCES, "out of memory"},
		{EFI_VOLUME_CORRUPTED, "corrupted"},
		{EFI_VOLUME_FULL, "disk full"},
		{EFI_NO_MEDIA, "no medium"},
		{EFI_MEDIA_CHANGED, "medium changed"},
		{EFI_NOT_FOUND, "not found"},
		{EFI_ACCESS_DENIED, "access denied"},
		{EFI_BAD_BUFFER_SIZE, "bad size"},
		{EFI_TIMEOUT, "no answer in time"},
		{EFI_TFTP_ERROR, "the server does not give it"},
		{EFI_HTTP_ERROR, "the server does not give it"},
		{EFI_PROTOCOL_ERROR, "an answer that is not understood"},
		{EFI_CONNECTION_FIN, "the answer ended early"},
		{EFI_CONNECTION_RESET, "the connection was cut"},
		{EFI_CONNECTION_REFUSED, "the connection was refused"},
	};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].status == status) {
			console_text(loader, names[i].name);
			return;
		}
	}
	console_text(loader, "EFI status ");
	console_number(loader, status & ~EFI_ERROR_MASK);
}

void console_failure(const struct loader *loader, const char *what, EFI_STATUS status) {
	console_text(loader, "anechoic: ");
	console_text(loader, what);
	console_text(loader, ": ");
	console_status(loader, status);
	console_text(loader, "\n");
}
