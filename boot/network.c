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

struct alarm {
	const struct loader *loader;
	EFI_EVENT event;    /* NULL: the firmware gives none, and its own bounds have to do */
	EFI_HANDLE on_path; /* the card that the loader came by */
	EFI_HANDLE *cards;  /* that one, or where its path has none, all there are */
	UINTN count;
};

/* The firmware waits within its calls, and for as long as something comes that is never what it waits for: then nothing
 * comes any more. Whoever wants a card again starts it. */
static VOID EFIAPI cards_stop(EFI_EVENT event, VOID *context) {
	const struct alarm *alarm = context;
	EFI_GUID guid = EFI_SIMPLE_NETWORK_PROTOCOL_GUID;
	(void)event;
	for (UINTN i = 0; i < alarm->count; i++) {
		EFI_SIMPLE_NETWORK *card;
		if (EFI_ERROR(alarm->loader->services->HandleProtocol(alarm->cards[i], &guid, (void **)&card)))
			continue;
		card->Shutdown(card);
		card->Stop(card);
	}
}

static void cards_find(struct alarm *alarm) {
	EFI_GUID guid = EFI_SIMPLE_NETWORK_PROTOCOL_GUID;
	EFI_BOOT_SERVICES *services = alarm->loader->services;
	EFI_DEVICE_PATH *path = device_path_of_loader(alarm->loader);
	if (path && !EFI_ERROR(services->LocateDevicePath(&guid, &path, &alarm->on_path))) {
		alarm->cards = &alarm->on_path;
		alarm->count = 1;
	} else if (EFI_ERROR(services->LocateHandleBuffer(ByProtocol, &guid, NULL, &alarm->count, &alarm->cards))) {
		alarm->cards = NULL;
		alarm->count = 0;
	}
}

static void alarm_set(struct alarm *alarm, const struct loader *loader) {
	EFI_BOOT_SERVICES *services = loader->services;
	*alarm = (struct alarm){.loader = loader};
	cards_find(alarm);
	if (!alarm->count || EFI_ERROR(services->CreateEvent(EVT_TIMER | EVT_NOTIFY_SIGNAL, TPL_CALLBACK, cards_stop,
							     alarm, &alarm->event))) {
		alarm->event = NULL;
		return;
	}
	services->SetTimer(alarm->event, TimerRelative, NETWORK_ALARM_MS * TICKS_A_MS);
}

static void alarm_end(struct alarm *alarm) {
	if (alarm->event)
		alarm->loader->services->CloseEvent(alarm->event);
	if (alarm->cards && alarm->cards != &alarm->on_path)
		alarm->loader->services->FreePool(alarm->cards);
}

EFI_STATUS network_read(const struct loader *loader, const char *name, void **bytes, uint64_t *length) {
	*length = 0;
	EFI_STATUS status = pages_allocate(loader, EfiLoaderData, NETWORK_FILE_BYTES_MAX, bytes);
	if (EFI_ERROR(status))
		return status;
	struct alarm alarm;
	alarm_set(&alarm, loader);
	status = http_has_loader(loader) ? http_read(loader, name, *bytes, NETWORK_FILE_BYTES_MAX, length)
					 : pxe_read(loader, name, *bytes, NETWORK_FILE_BYTES_MAX, length);
	alarm_end(&alarm);
	if (EFI_ERROR(status))
		*length = 0;
	if (!*length)
		pages_free(loader, *bytes, NETWORK_FILE_BYTES_MAX);
	return status;
}
