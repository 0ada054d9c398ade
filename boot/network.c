/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/network.h"

#include "boot/device_path.h"
#include "boot/freestanding.h"
#include "boot/http.h"

#include <efinet.h>
#include <efipxebc.h>

#define BLOCK_BYTES      1432 /* what Ethernet's frame holds beside IP, UDP and TFTP */
#define NAME_BYTES       256
#define OPTIONS          240 /* in a packet, behind the cookie */
#define OPTION_PAD       0
#define OPTION_BOOT_FILE 67
#define OPTION_END       255
#define TICKS_A_MS       UINT64_C(10000) /* SetTimer's units: 100 ns */

static EFI_PXE_BASE_CODE_PROTOCOL *pxe_of(const struct loader *loader) {
	EFI_PXE_BASE_CODE_PROTOCOL *network =
		device_protocol_of_loader(loader, (EFI_GUID)EFI_PXE_BASE_CODE_PROTOCOL_GUID);
	if (!network)
		return NULL;
	const EFI_PXE_BASE_CODE_MODE *mode = network->Mode;
	return mode && mode->Started && !mode->UsingIpv6 && mode->DhcpAckReceived ? network : NULL;
}

bool network_has_loader(const struct loader *loader) {
	return http_has_loader(loader) || pxe_of(loader);
}

/* An option's bytes, within the packet. NULL: there is none. */
static const uint8_t *option_find(const EFI_PXE_BASE_CODE_PACKET *packet, uint8_t wanted, size_t *length) {
	for (size_t at = OPTIONS; at + 1 < sizeof(packet->Raw) && packet->Raw[at] != OPTION_END;) {
		if (packet->Raw[at] == OPTION_PAD) {
			at++;
			continue;
		}
		*length = packet->Raw[at + 1];
		if (at + 2 + *length > sizeof(packet->Raw))
			break;
		if (packet->Raw[at] == wanted)
			return packet->Raw + at + 2;
		at += 2 + *length;
	}
	return NULL;
}

/* The loader's own name on its server; in the packet's field, or where that is empty in an option. */
static const uint8_t *boot_file(const EFI_PXE_BASE_CODE_PACKET *packet, size_t *length) {
	const uint8_t *name = packet->Dhcpv4.BootpBootFile;
	size_t capacity = sizeof(packet->Dhcpv4.BootpBootFile);
	if (!name[0])
		name = option_find(packet, OPTION_BOOT_FILE, &capacity);
	for (*length = 0; name && *length < capacity && name[*length];)
		++*length;
	return *length ? name : NULL;
}

static bool server_is_named(const EFI_PXE_BASE_CODE_PACKET *packet) {
	const uint8_t *server = packet->Dhcpv4.BootpSiAddr;
	return server[0] || server[1] || server[2] || server[3];
}

/* The packet that named server and file: the last answer of those that did. */
static const EFI_PXE_BASE_CODE_PACKET *answer_of(const EFI_PXE_BASE_CODE_MODE *mode) {
	const struct {
		BOOLEAN received;
		const EFI_PXE_BASE_CODE_PACKET *packet;
	} answers[] = {
		{mode->PxeReplyReceived, &mode->PxeReply},
		{mode->ProxyOfferReceived, &mode->ProxyOffer},
		{mode->DhcpAckReceived, &mode->DhcpAck},
	};
	size_t length;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		if (answers[i].received && server_is_named(answers[i].packet) && boot_file(answers[i].packet, &length))
			return answers[i].packet;
	return NULL;
}

/* `name` in the loader's folder, terminated; false: no room. */
static bool path_make(const EFI_PXE_BASE_CODE_PACKET *packet, const char *name, uint8_t path[NAME_BYTES]) {
	size_t folder, used = 0;
	const uint8_t *loaders = boot_file(packet, &folder);
	while (folder && loaders[folder - 1] != '/' && loaders[folder - 1] != '\\')
		folder--;
	for (; used < folder && used < NAME_BYTES; used++)
		path[used] = loaders[used];
	for (; *name && used < NAME_BYTES; name++)
		path[used++] = (uint8_t)*name;
	if (used == NAME_BYTES)
		return false;
	path[used] = '\0';
	return true;
}

static EFI_STATUS pxe_read(const struct loader *loader, const char *name, void *bytes, uint64_t capacity,
			   uint64_t *length) {
	EFI_PXE_BASE_CODE_PROTOCOL *pxe = pxe_of(loader);
	const EFI_PXE_BASE_CODE_PACKET *packet = pxe ? answer_of(pxe->Mode) : NULL;
	uint8_t path[NAME_BYTES];
	if (!packet || !path_make(packet, name, path))
		return EFI_UNSUPPORTED;
	EFI_IP_ADDRESS server = {{0}};
	memcpy(&server, packet->Dhcpv4.BootpSiAddr, sizeof(packet->Dhcpv4.BootpSiAddr));
	UINT64 size = capacity;
	UINTN block = BLOCK_BYTES;
	EFI_STATUS status = pxe->Mtftp(pxe, EFI_PXE_BASE_CODE_TFTP_READ_FILE, bytes, FALSE, &size, &block, &server,
				       path, NULL, FALSE);
	*length = size;
	return !EFI_ERROR(status) && size > capacity ? EFI_BUFFER_TOO_SMALL : status;
}

/* ---- an end to it ---- */

/* The firmware waits within its calls, and for as long as something comes that is never what it waits for: then nothing
 * comes any more. Whoever wants the card again starts it. */
static VOID EFIAPI card_stop(EFI_EVENT event, VOID *context) {
	EFI_SIMPLE_NETWORK *card = context;
	(void)event;
	card->Shutdown(card);
	card->Stop(card);
}

/* NULL: the firmware gives none, and its own bounds have to do. */
static EFI_EVENT alarm_set(const struct loader *loader) {
	EFI_GUID guid = EFI_SIMPLE_NETWORK_PROTOCOL_GUID;
	EFI_BOOT_SERVICES *services = loader->services;
	EFI_DEVICE_PATH *path = device_path_of_loader(loader);
	EFI_SIMPLE_NETWORK *card;
	EFI_HANDLE handle;
	EFI_EVENT alarm;
	if (!path || EFI_ERROR(services->LocateDevicePath(&guid, &path, &handle)) ||
	    EFI_ERROR(services->HandleProtocol(handle, &guid, (void **)&card)) ||
	    EFI_ERROR(services->CreateEvent(EVT_TIMER | EVT_NOTIFY_SIGNAL, TPL_CALLBACK, card_stop, card, &alarm)))
		return NULL;
	services->SetTimer(alarm, TimerRelative, NETWORK_ALARM_MS * TICKS_A_MS);
	return alarm;
}

EFI_STATUS network_read(const struct loader *loader, const char *name, void **bytes, uint64_t *length) {
	*length = 0;
	EFI_STATUS status = pages_allocate(loader, EfiLoaderData, NETWORK_FILE_BYTES_MAX, bytes);
	if (EFI_ERROR(status))
		return status;
	EFI_EVENT alarm = alarm_set(loader);
	status = http_has_loader(loader) ? http_read(loader, name, *bytes, NETWORK_FILE_BYTES_MAX, length)
					 : pxe_read(loader, name, *bytes, NETWORK_FILE_BYTES_MAX, length);
	if (alarm)
		loader->services->CloseEvent(alarm);
	if (EFI_ERROR(status))
		*length = 0;
	if (!*length)
		pages_free(loader, *bytes, NETWORK_FILE_BYTES_MAX);
	return status;
}
