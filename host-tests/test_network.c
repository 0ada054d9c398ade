/* SPDX-License-Identifier: Apache-2.0
 *
 * A configuration over a network, by a firmware of the test's own: which server and file it is asked for, and what
 * comes of packets and servers with anything in them. Compiled as the loader is, against gnu-efi's headers.
 */
#include "boot/network.h"

#include "host-tests/next_random.h"

#include <criterion/criterion.h>
#include <efipxebc.h>
#include <stdlib.h>
#include <string.h>

enum { OPTIONS = 240 };

static EFI_PXE_BASE_CODE_MODE mode;
static EFI_PXE_BASE_CODE_PROTOCOL network;
static EFI_LOADED_IMAGE image;
static EFI_BOOT_SERVICES services;
static bool has_network;

/* What the server has, and what it was asked for. */
static struct {
	const char *text;
	EFI_STATUS status;
	uint64_t claimed; /* bytes; 0: as many as the text has */
	char asked[512];
	uint8_t server[4];
	unsigned times;
} server;

static unsigned pages_held;

/* The alarm, and the cards that it may stop. */
enum { CARDS = 2 };
static EFI_SIMPLE_NETWORK cards[CARDS];
static struct {
	EFI_EVENT_NOTIFY notify;
	VOID *context;
	bool set, goes_off;     /* while a file is asked for */
	unsigned made, stopped; /* alarms, cards */
	unsigned lists;         /* of handles, that are not freed */
} alarm;
static bool is_on_path, has_events;
static unsigned card_count;

EFI_STATUS pages_allocate(const struct loader *loader, EFI_MEMORY_TYPE type, uint64_t bytes, void **memory) {
	(void)loader;
	(void)type;
	pages_held++;
	*memory = calloc(1, pages_round_up(bytes));
	return EFI_SUCCESS;
}

void pages_free(const struct loader *loader, void *memory, uint64_t bytes) {
	(void)loader;
	cr_expect_eq(pages_round_up(bytes), NETWORK_FILE_BYTES_MAX);
	pages_held--;
	free(memory);
}

static EFI_STATUS EFIAPI fake_handle_protocol(EFI_HANDLE handle, EFI_GUID *guid, void **interface) {
	EFI_GUID image_guid = EFI_LOADED_IMAGE_PROTOCOL_GUID, pxe_guid = EFI_PXE_BASE_CODE_PROTOCOL_GUID,
		 path_guid = DEVICE_PATH_PROTOCOL;
	if (handle == &cards[0] || handle == &cards[1]) {
		*interface = handle;
		return EFI_SUCCESS;
	}
	if (memcmp(guid, &image_guid, sizeof(*guid)) == 0) {
		*interface = &image;
		return EFI_SUCCESS;
	}
	if (memcmp(guid, &path_guid, sizeof(*guid)) == 0) { /* of one node; what came by HTTP is test_http.c's */
		static UINT8 path[] = {END_DEVICE_PATH_TYPE, END_ENTIRE_DEVICE_PATH_SUBTYPE, END_DEVICE_PATH_LENGTH, 0};
		*interface = path;
		return EFI_SUCCESS;
	}
	cr_assert_eq(memcmp(guid, &pxe_guid, sizeof(*guid)), 0);
	*interface = &network;
	return has_network ? EFI_SUCCESS : EFI_UNSUPPORTED;
}

static EFI_STATUS EFIAPI fake_mtftp(EFI_PXE_BASE_CODE_PROTOCOL *self, EFI_PXE_BASE_CODE_TFTP_OPCODE operation,
				    VOID *buffer, BOOLEAN overwrite, UINT64 *size, UINTN *block,
				    EFI_IP_ADDRESS *address, UINT8 *name, EFI_PXE_BASE_CODE_MTFTP_INFO *info,
				    BOOLEAN without_buffer) {
	cr_assert(self == &network && operation == EFI_PXE_BASE_CODE_TFTP_READ_FILE && !overwrite && !info);
	cr_assert(!without_buffer && *block >= 512 && *block <= 1468);
	cr_assert_lt(strlen((const char *)name), sizeof(server.asked));
	strcpy(server.asked, (const char *)name);
	memcpy(server.server, address, sizeof(server.server));
	server.times++;
	size_t length = strlen(server.text);
	cr_assert_leq(length, *size);
	memcpy(buffer, server.text, length);
	*size = server.claimed ? server.claimed : length;
	cr_expect_eq(alarm.set, card_count && has_events);
	if (alarm.goes_off)
		alarm.notify(&alarm, alarm.context);
	return server.status;
}

static EFI_STATUS EFIAPI fake_locate_device_path(EFI_GUID *guid, EFI_DEVICE_PATH **at, EFI_HANDLE *handle) {
	EFI_GUID network_guid = EFI_SIMPLE_NETWORK_PROTOCOL_GUID;
	cr_assert(memcmp(guid, &network_guid, sizeof(*guid)) == 0 && IsDevicePathEnd(*at));
	*handle = &cards[0];
	return is_on_path ? EFI_SUCCESS : EFI_NOT_FOUND;
}

static EFI_STATUS EFIAPI fake_locate_handle_buffer(EFI_LOCATE_SEARCH_TYPE type, EFI_GUID *guid, VOID *key, UINTN *count,
						   EFI_HANDLE **handles) {
	EFI_GUID network_guid = EFI_SIMPLE_NETWORK_PROTOCOL_GUID;
	cr_assert(type == ByProtocol && memcmp(guid, &network_guid, sizeof(*guid)) == 0 && !key && !is_on_path);
	if (!card_count)
		return EFI_NOT_FOUND;
	*count = card_count;
	*handles = calloc(card_count, sizeof(**handles));
	for (unsigned i = 0; i < card_count; i++)
		(*handles)[i] = &cards[i];
	alarm.lists++;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_free_pool(VOID *memory) {
	alarm.lists--;
	free(memory);
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_create_event(UINT32 type, EFI_TPL level, EFI_EVENT_NOTIFY notify, VOID *context,
					   EFI_EVENT *event) {
	cr_assert(type == (EVT_TIMER | EVT_NOTIFY_SIGNAL) && level == TPL_CALLBACK);
	if (!has_events)
		return EFI_OUT_OF_RESOURCES;
	alarm.notify = notify;
	alarm.context = context;
	alarm.made++;
	*event = &alarm;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_set_timer(EFI_EVENT event, EFI_TIMER_DELAY kind, UINT64 time) {
	cr_assert(event == (EFI_EVENT)&alarm && kind == TimerRelative && time == NETWORK_ALARM_MS * UINT64_C(10000));
	alarm.set = true;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_close_event(EFI_EVENT event) {
	cr_assert_eq(event, (EFI_EVENT)&alarm);
	alarm.made--;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_shutdown(EFI_SIMPLE_NETWORK *self) {
	cr_assert_eq(self, &cards[alarm.stopped]);
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_stop(EFI_SIMPLE_NETWORK *self) {
	cr_assert_eq(self, &cards[alarm.stopped]);
	alarm.stopped++;
	return EFI_SUCCESS;
}

/* A firmware that got the loader as this file, in the packet's field. */
static void network_make(const char *boot_file) {
	memset(&mode, 0, sizeof(mode));
	memset(&server, 0, sizeof(server));
	server.text = "quick\n";
	memset(&alarm, 0, sizeof(alarm));
	is_on_path = has_events = true;
	card_count = CARDS;
	for (unsigned i = 0; i < CARDS; i++)
		cards[i] = (EFI_SIMPLE_NETWORK){.Shutdown = fake_shutdown, .Stop = fake_stop};
	services.HandleProtocol = fake_handle_protocol;
	services.LocateDevicePath = fake_locate_device_path;
	services.LocateHandleBuffer = fake_locate_handle_buffer;
	services.FreePool = fake_free_pool;
	services.CreateEvent = fake_create_event;
	services.SetTimer = fake_set_timer;
	services.CloseEvent = fake_close_event;
	image.DeviceHandle = &image;
	network.Mtftp = fake_mtftp;
	network.Mode = &mode;
	mode.Started = mode.DhcpAckReceived = TRUE;
	memcpy(mode.DhcpAck.Dhcpv4.BootpSiAddr, "\x0a\x00\x02\x02", 4);
	memcpy(mode.DhcpAck.Dhcpv4.BootpBootFile, boot_file, strlen(boot_file));
	mode.DhcpAck.Raw[OPTIONS] = 255;
	has_network = true;
	pages_held = 0;
}

static EFI_STATUS asked(void) {
	struct loader loader = {.image = &image, .services = &services};
	void *bytes = NULL;
	uint64_t length = 0;
	EFI_STATUS status = network_read(&loader, "anechoic.conf", &bytes, &length);
	cr_expect(alarm.made == 0 && alarm.lists == 0, "none is left behind");
	cr_expect_eq(pages_held, !EFI_ERROR(status) && length > 0, "pages are kept for what came alone");
	if (!EFI_ERROR(status) && length) {
		cr_expect_eq(length, strlen(server.text));
		cr_expect_arr_eq(bytes, server.text, length);
		pages_free(&loader, bytes, length);
	}
	return status;
}

Test(network, asks_the_loaders_server_for_a_file_beside_it) {
	static const char *const files[][2] = {
		{"BOOTX64.EFI", "anechoic.conf"},
		{"/BOOTX64.EFI", "/anechoic.conf"},
		{"efi/a/BOOTX64.EFI", "efi/a/anechoic.conf"},
		{"efi\\BOOTX64.EFI", "efi\\anechoic.conf"},
		{"folder/", "folder/anechoic.conf"},
	};
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		network_make(files[i][0]);
		cr_expect_eq(asked(), EFI_SUCCESS);
		cr_expect_str_eq(server.asked, files[i][1]);
		cr_expect_arr_eq(server.server, ((const uint8_t[]){10, 0, 2, 2}), 4);
		cr_expect_eq(server.times, 1);
	}
}

Test(network, the_last_answer_that_named_a_file_counts) {
	network_make("from-dhcp/a");
	mode.ProxyOfferReceived = mode.PxeReplyReceived = TRUE;
	memcpy(mode.ProxyOffer.Dhcpv4.BootpSiAddr, "\x0a\x00\x02\x03", 4);
	memcpy(mode.ProxyOffer.Dhcpv4.BootpBootFile, "from-proxy/a", 12);
	cr_expect_eq(asked(), EFI_SUCCESS, "a reply without a file is passed over");
	cr_expect_str_eq(server.asked, "from-proxy/anechoic.conf");
	cr_expect_eq(server.server[3], 3);
}

Test(network, a_name_in_an_option) {
	network_make("");
	const uint8_t options[] = {0, 0, 53, 1, 5, 67, 5, 'x', '/', 'b', 'o', 't', 255};
	memcpy(mode.DhcpAck.Raw + OPTIONS, options, sizeof(options));
	cr_expect_eq(asked(), EFI_SUCCESS);
	cr_expect_str_eq(server.asked, "x/anechoic.conf");
}

Test(network, where_nothing_is_asked) {
	network_make("a");
	has_network = false;
	cr_expect_eq(asked(), EFI_UNSUPPORTED, "the firmware has no such protocol");
	network_make("a");
	mode.UsingIpv6 = TRUE;
	cr_expect_eq(asked(), EFI_UNSUPPORTED, "IPv6");
	network_make("a");
	mode.Started = FALSE;
	cr_expect_eq(asked(), EFI_UNSUPPORTED);
	network_make("a");
	network.Mode = NULL;
	cr_expect_eq(asked(), EFI_UNSUPPORTED);
	network_make("");
	cr_expect_eq(asked(), EFI_UNSUPPORTED, "no file is named");
	network_make("a");
	memset(mode.DhcpAck.Dhcpv4.BootpSiAddr, 0, 4);
	cr_expect_eq(asked(), EFI_UNSUPPORTED, "no server is named");
	cr_expect_eq(server.times, 0);
}

Test(network, servers_that_have_nothing_stall_or_stop_half_way) {
	static const EFI_STATUS statuses[] = {EFI_TFTP_ERROR, EFI_TIMEOUT, EFI_ABORTED, EFI_BUFFER_TOO_SMALL,
					      EFI_ICMP_ERROR};
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		network_make("a");
		server.status = statuses[i];
		cr_expect_eq(asked(), statuses[i]);
		cr_expect_eq(server.times, 1, "the firmware has asked often enough");
	}
	network_make("a");
	server.claimed = NETWORK_FILE_BYTES_MAX + 1;
	cr_expect_eq(asked(), EFI_BUFFER_TOO_SMALL, "more than there was room for");
	network_make("a");
	server.text = "";
	cr_expect_eq(asked(), EFI_SUCCESS, "an empty file");
}

Test(network, a_firmware_that_does_not_come_back_is_made_to) {
	network_make("a");
	alarm.goes_off = true;
	server.status = EFI_TIMEOUT;
	cr_expect_eq(asked(), EFI_TIMEOUT);
	cr_expect_eq(alarm.stopped, 1);
	network_make("a");
	cr_expect_eq(asked(), EFI_SUCCESS);
	cr_expect_eq(alarm.stopped, 0);
	for (unsigned lacks = 0; lacks < 2; lacks++) {
		network_make("a");
		is_on_path = lacks != 0;
		card_count = lacks != 0;
		has_events = lacks != 1;
		cr_expect_eq(asked(), EFI_SUCCESS, "one without alarms is asked all the same");
	}
}

Test(network, where_the_loaders_card_is_not_known_all_are_stopped) {
	for (unsigned fails = 0; fails < 2; fails++) {
		network_make("a");
		is_on_path = false;
		has_events = !fails;
		alarm.goes_off = has_events;
		server.status = EFI_TIMEOUT;
		cr_expect_eq(asked(), EFI_TIMEOUT);
		cr_expect_eq(alarm.stopped, fails ? 0 : CARDS);
	}
}

Test(network, packets_with_anything_in_them) {
	uint64_t state = 3;
	for (unsigned round = 0; round < 20000; round++) {
		network_make("");
		uint8_t *raw = mode.DhcpAck.Raw;
		for (size_t at = 0; at < sizeof(mode.DhcpAck.Raw); at++)
			raw[at] = (uint8_t)(next_random(&state) % (round % 2 ? 256 : 70));
		if (round % 3 == 0)
			mode.DhcpAck.Dhcpv4.BootpBootFile[0] = 0;
		if (round % 3 == 1) /* no terminator, and no separator before the end */
			memset(mode.DhcpAck.Dhcpv4.BootpBootFile, round % 5 ? 'x' : '/', 128);
		EFI_STATUS status = asked();
		cr_expect(status == EFI_SUCCESS || status == EFI_UNSUPPORTED);
	}
}
