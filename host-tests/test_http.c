/* SPDX-License-Identifier: Apache-2.0
 *
 * A configuration by HTTP, by a firmware of the test's own: what is asked for and from which address, what comes of
 * answers of any kind, of a server that stalls and of each call of the firmware refused in turn; whatever comes of it,
 * all that was opened is closed again. Compiled as the loader is, against gnu-efi's headers.
 */
#include "boot/http.h"

#include "boot/http_protocol.h"
#include "host-tests/next_random.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CAPACITY = 64, HEADERS_MAX = 4, URI_BYTES_MAX = 2000, NEVER = -1 };

enum call {
	HANDLE_PROTOCOL,
	LOCATE_DEVICE_PATH,
	CREATE_EVENT,
	CHECK_EVENT,
	CREATE_CHILD,
	CONFIGURE,
	REQUEST,
	RESPONSE,
	CALLS,
};

static EFI_BOOT_SERVICES services;
static EFI_LOADED_IMAGE image;
static EFI_SERVICE_BINDING binding;
static struct http_protocol http;
static uint8_t path[4096];
static char device, card, child; /* handles */

/* What is open, and what was asked for. */
static struct {
	int events, children, strings;
	unsigned cancelled, stalled, uses[CALLS];
	char url[600], host[300];
	struct http_ipv4_access_point ipv4;
	struct http_ipv6_access_point ipv6;
	bool is_ipv6;
} seen;

/* What the server answers, and how. */
static struct {
	UINT32 status;
	EFI_STATUS head, body; /* of the tokens */
	const char *headers[HEADERS_MAX][2];
	const char *text;
	size_t piece; /* bytes at a time */
	size_t cut;   /* where `body` comes instead of more */
	int late;     /* looks until an event comes, or NEVER */
	enum call refused;
	unsigned refused_use;
} server;

static size_t given;
static int left;
static bool headers_came;

static bool refused(enum call call) {
	return ++seen.uses[call] == server.refused_use && call == server.refused;
}

/* ---- the firmware ---- */

static EFI_STATUS EFIAPI handle_protocol(EFI_HANDLE handle, EFI_GUID *guid, void **interface) {
	static const EFI_GUID image_guid = EFI_LOADED_IMAGE_PROTOCOL_GUID, path_guid = DEVICE_PATH_PROTOCOL,
			      binding_guid = HTTP_SERVICE_BINDING_GUID, http_guid = HTTP_PROTOCOL_GUID;
	const struct {
		EFI_HANDLE handle;
		const EFI_GUID *guid;
		void *interface;
	} protocols[] = {
		{&image, &image_guid, &image},
		{&device, &path_guid, path},
		{&card, &binding_guid, &binding},
		{&child, &http_guid, &http},
	};
	if (refused(HANDLE_PROTOCOL))
		return EFI_UNSUPPORTED;
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		if (protocols[i].handle != handle || memcmp(protocols[i].guid, guid, sizeof(*guid)) != 0)
			continue;
		*interface = protocols[i].interface;
		return EFI_SUCCESS;
	}
	return EFI_UNSUPPORTED;
}

static EFI_STATUS EFIAPI locate_device_path(EFI_GUID *guid, EFI_DEVICE_PATH **at, EFI_HANDLE *handle) {
	(void)guid;
	cr_assert_eq((uint8_t *)*at, path);
	*handle = &card;
	return refused(LOCATE_DEVICE_PATH) ? EFI_NOT_FOUND : EFI_SUCCESS;
}

static EFI_STATUS EFIAPI create_event(UINT32 type, EFI_TPL level, EFI_EVENT_NOTIFY notify, VOID *context,
				      EFI_EVENT *event) {
	cr_assert(type == 0 && level == TPL_CALLBACK && !notify && !context);
	if (refused(CREATE_EVENT))
		return EFI_OUT_OF_RESOURCES;
	seen.events++;
	left = server.late;
	*event = &left;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI close_event(EFI_EVENT event) {
	cr_assert_eq(event, (EFI_EVENT)&left);
	seen.events--;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI check_event(EFI_EVENT event) {
	cr_assert_eq(event, (EFI_EVENT)&left);
	if (refused(CHECK_EVENT) || left)
		return EFI_NOT_READY;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI stall(UINTN microseconds) {
	cr_assert_eq(microseconds, 1000);
	seen.stalled++;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI free_pool(VOID *memory) {
	cr_assert_not_null(memory);
	seen.strings--;
	free(memory);
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI create_child(EFI_SERVICE_BINDING *self, EFI_HANDLE *handle) {
	cr_assert_eq(self, &binding);
	*handle = &child; /* even where it then fails */
	if (refused(CREATE_CHILD))
		return EFI_OUT_OF_RESOURCES;
	seen.children++;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI destroy_child(EFI_SERVICE_BINDING *self, EFI_HANDLE handle) {
	cr_assert(self == &binding && handle == &child);
	seen.children--;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI configure(struct http_protocol *self, struct http_config_data *config) {
	cr_assert(self == &http && config->HttpVersion == HTTP_VERSION_11 && config->TimeOutMillisec);
	if (refused(CONFIGURE))
		return EFI_NO_MAPPING;
	seen.is_ipv6 = config->LocalAddressIsIPv6;
	if (seen.is_ipv6)
		seen.ipv6 = *config->AccessPoint.IPv6Node;
	else
		seen.ipv4 = *config->AccessPoint.IPv4Node;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI request(struct http_protocol *self, struct http_token *token) {
	const struct http_message *message = token->Message;
	cr_assert(self == &http && token->Event);
	cr_assert(message->Data.Request->Method == HTTP_METHOD_GET && message->HeaderCount == 1);
	cr_assert(!message->Body && !message->BodyLength);
	cr_assert_str_eq((char *)message->Headers[0].FieldName, "Host");
	strcpy(seen.host, (char *)message->Headers[0].FieldValue);
	size_t length = 0;
	for (const CHAR16 *url = message->Data.Request->Url; url[length]; length++) {
		cr_assert(length + 1 < sizeof(seen.url) && url[length] < 0x7f);
		seen.url[length] = (char)url[length];
	}
	seen.url[length] = 0;
	token->Status = EFI_SUCCESS;
	return refused(REQUEST) ? EFI_CONNECTION_REFUSED : EFI_SUCCESS;
}

static char *copy(const char *text) {
	if (text)
		seen.strings++;
	return text ? strdup(text) : NULL;
}

static void give_head(struct http_message *message) {
	message->Data.Response->StatusCode = server.status;
	while (message->HeaderCount < HEADERS_MAX && server.headers[message->HeaderCount][0])
		message->HeaderCount++;
	if (!message->HeaderCount)
		return;
	seen.strings++;
	message->Headers = calloc(message->HeaderCount, sizeof(*message->Headers));
	for (UINTN i = 0; i < message->HeaderCount; i++) {
		message->Headers[i].FieldName = (CHAR8 *)copy(server.headers[i][0]);
		message->Headers[i].FieldValue = (CHAR8 *)copy(server.headers[i][1]);
	}
}

static EFI_STATUS EFIAPI response(struct http_protocol *self, struct http_token *token) {
	struct http_message *message = token->Message;
	cr_assert(self == &http && token->Event);
	if (refused(RESPONSE))
		return EFI_CONNECTION_RESET;
	if (!headers_came) {
		cr_assert(!message->Body && !message->BodyLength && !message->Headers && !message->HeaderCount);
		give_head(message);
		headers_came = true;
		token->Status = server.head;
		return EFI_SUCCESS;
	}
	cr_assert(!message->Data.Response && message->Body && message->BodyLength && message->BodyLength <= CAPACITY);
	size_t length = strlen(server.text) - given;
	length = length > server.cut - given ? server.cut - given : length;
	length = length > server.piece ? server.piece : length;
	length = length > message->BodyLength ? message->BodyLength : length;
	token->Status = length ? EFI_SUCCESS : server.body;
	memcpy(message->Body, server.text + given, length);
	message->BodyLength = length;
	given += length;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI cancel(struct http_protocol *self, struct http_token *token) {
	cr_assert(self == &http && token->Event);
	seen.cancelled++;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI poll(struct http_protocol *self) {
	cr_assert_eq(self, &http);
	if (left > 0)
		left--;
	return EFI_SUCCESS;
}

/* ---- what a test makes of it ---- */

static size_t node_put(size_t at, uint8_t type, uint8_t subtype, const void *bytes, size_t length) {
	uint8_t *node = path + at;
	node[0] = type;
	node[1] = subtype;
	node[2] = (uint8_t)(length + 4);
	node[3] = (uint8_t)((length + 4) >> 8);
	memcpy(node + 4, bytes, length);
	return at + length + 4;
}

static void path_end(size_t at, const char *uri) {
	cr_assert_lt(strlen(uri), URI_BYTES_MAX);
	at = node_put(at, MESSAGING_DEVICE_PATH, MSG_URI_DP, uri, strlen(uri));
	node_put(at, END_DEVICE_PATH_TYPE, END_ENTIRE_DEVICE_PATH_SUBTYPE, "", 0);
}

#define IPV4_NODE "\x0a\x00\x02\x0f\x0a\x00\x02\x02\x00\x00\x50\x00\x06\x00\x00\x0a\x00\x02\x02\xff\xff\xff\x00"

/* A firmware that got the loader from this address, at 10.0.2.15/24, and a server that gives the file. */
static void firmware_make(const char *uri) {
	memset(&seen, 0, sizeof(seen));
	memset(&server, 0, sizeof(server));
	given = 0;
	headers_came = false;
	services.HandleProtocol = handle_protocol;
	services.LocateDevicePath = locate_device_path;
	services.CreateEvent = create_event;
	services.CloseEvent = close_event;
	services.CheckEvent = check_event;
	services.Stall = stall;
	services.FreePool = free_pool;
	binding = (EFI_SERVICE_BINDING){create_child, destroy_child};
	http = (struct http_protocol){NULL, configure, request, cancel, response, poll};
	image.DeviceHandle = &device;
	path_end(node_put(0, MESSAGING_DEVICE_PATH, MSG_IPv4_DP, IPV4_NODE, sizeof(IPV4_NODE) - 1), uri);
	server.status = HTTP_STATUS_200_OK;
	server.headers[0][0] = "content-LENGTH";
	server.headers[0][1] = "6";
	server.text = "quick\n";
	server.piece = server.cut = CAPACITY;
	server.body = EFI_CONNECTION_FIN;
}

static EFI_STATUS asked(void) {
	struct loader loader = {.image = &image, .services = &services};
	char *bytes = malloc(CAPACITY);
	uint64_t length = 0;
	EFI_STATUS status = http_read(&loader, "anechoic.conf", bytes, CAPACITY, &length);
	cr_expect(seen.events == 0 && seen.children == 0 && seen.strings == 0, "%d events, %d children, %d strings",
		  seen.events, seen.children, seen.strings);
	if (!EFI_ERROR(status))
		cr_expect(length <= strlen(server.text) && memcmp(bytes, server.text, length) == 0);
	free(bytes);
	return status;
}

Test(http, asks_the_loaders_server_for_a_file_beside_it) {
	static const char *const addresses[][3] = {
		{"http://10.0.2.2/BOOTX64.EFI", "http://10.0.2.2/anechoic.conf", "10.0.2.2"},
		{"http://h:8080/a/b/l.efi", "http://h:8080/a/b/anechoic.conf", "h:8080"},
		{"HTTPS://[fe80::1]:443/a/l.efi?x=/y/z#/w", "HTTPS://[fe80::1]:443/a/anechoic.conf", "[fe80::1]:443"},
		{"http://h", "http://h/anechoic.conf", "h"},
		{"http://h/", "http://h/anechoic.conf", "h"},
		{"http://h/a/", "http://h/a/anechoic.conf", "h"},
		{"http://h/a b", "http://h/anechoic.conf", "h"},
	};
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		firmware_make(addresses[i][0]);
		cr_expect_eq(asked(), EFI_SUCCESS);
		cr_expect_str_eq(seen.url, addresses[i][1]);
		cr_expect_str_eq(seen.host, addresses[i][2]);
		cr_expect_eq(seen.uses[REQUEST], 1);
	}
}

Test(http, nothing_is_asked_of_what_is_no_address) {
	static const char *const addresses[] = {"", "http://", "http:///a", "ftp://h/a", "http:/h/a", "tp://h/a", "h"};
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		firmware_make(addresses[i]);
		cr_expect_eq(asked(), EFI_UNSUPPORTED, "%s", addresses[i]);
		cr_expect_eq(seen.uses[CREATE_CHILD], 0);
	}
	struct loader loader = {.image = &image, .services = &services};
	firmware_make("");
	cr_expect(!http_has_loader(&loader), "an address that names nothing yet");
	firmware_make("http://h/a");
	cr_expect(http_has_loader(&loader));
	image.DeviceHandle = NULL;
	cr_expect(!http_has_loader(&loader), "out of memory");
}

Test(http, an_address_is_asked_for_whole_or_not_at_all) {
	char uri[URI_BYTES_MAX];
	for (size_t length = 8; length < URI_BYTES_MAX; length++) {
		memset(uri, 'a', sizeof(uri));
		memcpy(uri, "http://h/", 9);
		uri[length - 1] = '/';
		uri[length] = 0;
		firmware_make(uri);
		EFI_STATUS status = asked();
		cr_expect_eq(status, seen.uses[REQUEST] ? EFI_SUCCESS : EFI_UNSUPPORTED);
		char wanted[URI_BYTES_MAX + 16];
		snprintf(wanted, sizeof(wanted), "%s%sanechoic.conf", uri, length == 8 ? "/" : "");
		if (seen.uses[REQUEST])
			cr_expect_str_eq(seen.url, wanted);
		uri[length - 1] = 'h'; /* a server's name of that length */
		memset(uri + 7, 'h', length - 7);
		firmware_make(uri);
		status = asked();
		cr_expect_eq(status, seen.uses[REQUEST] ? EFI_SUCCESS : EFI_UNSUPPORTED);
		if (seen.uses[REQUEST])
			cr_expect_str_eq(seen.host, uri + 7);
	}
}

Test(http, asks_from_the_address_that_the_firmware_had) {
	firmware_make("http://h/a");
	cr_expect_eq(asked(), EFI_SUCCESS);
	cr_expect(!seen.is_ipv6 && !seen.ipv4.UseDefaultAddress);
	cr_expect_arr_eq(&seen.ipv4.LocalAddress, "\x0a\x00\x02\x0f", 4);
	cr_expect_arr_eq(&seen.ipv4.LocalSubnet, "\xff\xff\xff\x00", 4);
	path_end(node_put(0, MESSAGING_DEVICE_PATH, MSG_IPv4_DP, IPV4_NODE, 15), "http://h/a");
	headers_came = false, given = 0;
	cr_expect_eq(asked(), EFI_SUCCESS);
	cr_expect(seen.ipv4.UseDefaultAddress, "a node without a mask");
	path_end(node_put(0, MESSAGING_DEVICE_PATH, MSG_IPv4_DP, (char[23]){0}, 23), "http://h/a");
	headers_came = false, given = 0;
	cr_expect_eq(asked(), EFI_SUCCESS);
	cr_expect(seen.ipv4.UseDefaultAddress, "a node without an address");
	const char ipv6[56] = {(char)0xfe, (char)0xc0, [15] = 9};
	path_end(node_put(0, MESSAGING_DEVICE_PATH, MSG_IPv6_DP, ipv6, sizeof(ipv6)), "http://[fec0::2]/a");
	headers_came = false, given = 0;
	cr_expect_eq(asked(), EFI_SUCCESS);
	cr_expect(seen.is_ipv6);
	cr_expect_arr_eq(&seen.ipv6.LocalAddress, ipv6, 16);
}

Test(http, an_answer_in_pieces_or_late) {
	for (size_t piece = 1; piece < 8; piece++) {
		firmware_make("http://h/a");
		server.piece = piece;
		server.late = (int)piece * 100;
		cr_expect_eq(asked(), EFI_SUCCESS);
		cr_expect_eq(given, 6);
		cr_expect_gt(seen.stalled, piece * 100);
	}
	firmware_make("http://h/a");
	server.headers[0][1] = "3";
	cr_expect_eq(asked(), EFI_SUCCESS, "as much as the server says");
	cr_expect_eq(given, 3);
	firmware_make("http://h/a");
	server.headers[0][1] = "0";
	cr_expect_eq(asked(), EFI_SUCCESS, "an empty file");
	cr_expect_eq(seen.uses[RESPONSE], 1, "nothing is waited for");
}

Test(http, answers_that_are_none) {
	static const struct {
		UINT32 status;
		EFI_STATUS token, wanted;
	} statuses[] = {
		{HTTP_STATUS_404_NOT_FOUND, EFI_HTTP_ERROR, EFI_NOT_FOUND},
		{HTTP_STATUS_404_NOT_FOUND, EFI_SUCCESS, EFI_NOT_FOUND},
		{HTTP_STATUS_404_NOT_FOUND + 10, EFI_HTTP_ERROR, EFI_HTTP_ERROR},
		{HTTP_STATUS_200_OK + 1, EFI_SUCCESS, EFI_HTTP_ERROR},
		{0, EFI_SUCCESS, EFI_HTTP_ERROR},
		{HTTP_STATUS_200_OK, EFI_CONNECTION_FIN, EFI_CONNECTION_FIN},
		{0, EFI_TIMEOUT, EFI_TIMEOUT},
	};
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		firmware_make("http://h/a");
		server.status = statuses[i].status;
		server.head = statuses[i].token;
		cr_expect_eq(asked(), statuses[i].wanted, "%zu", i);
		cr_expect_eq(given, 0);
	}
}

Test(http, lengths) {
	static const struct {
		const char *header, *value;
		EFI_STATUS wanted;
	} lengths[] = {
		{"Content-Length", "64", EFI_SUCCESS},
		{"Content-Length", "65", EFI_BUFFER_TOO_SMALL},
		{"Content-Length", "1048576", EFI_BUFFER_TOO_SMALL},
		{"Content-Length", "999999999999999999", EFI_BUFFER_TOO_SMALL},
		{"Content-Length", "9999999999999999999", EFI_PROTOCOL_ERROR},
		{"Content-Length", "-1", EFI_PROTOCOL_ERROR},
		{"Content-Length", "6 apples", EFI_PROTOCOL_ERROR},
		{"Content-Length", "", EFI_PROTOCOL_ERROR},
		{"Content-Length", NULL, EFI_PROTOCOL_ERROR},
		{"Content-Lengths", "6", EFI_PROTOCOL_ERROR},
		{"Content-Lengt", "6", EFI_PROTOCOL_ERROR},
		{NULL, "6", EFI_PROTOCOL_ERROR},
	};
	static char text[CAPACITY + 1];
	memset(text, 'x', CAPACITY);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		firmware_make("http://h/a");
		server.headers[0][0] = lengths[i].header;
		server.headers[0][1] = lengths[i].value;
		server.text = text;
		cr_expect_eq(asked(), lengths[i].wanted, "%s: %s", lengths[i].header, lengths[i].value);
	}
	firmware_make("http://h/a");
	server.headers[1][0] = "Transfer-Encoding";
	server.headers[1][1] = "chunked";
	cr_expect_eq(asked(), EFI_PROTOCOL_ERROR, "chunks");
}

Test(http, an_answer_that_is_cut) {
	for (size_t cut = 0; cut < 6; cut++) {
		firmware_make("http://h/a");
		server.cut = cut;
		cr_expect_eq(asked(), EFI_CONNECTION_FIN);
		firmware_make("http://h/a");
		server.cut = cut;
		server.body = EFI_SUCCESS;
		cr_expect_eq(asked(), EFI_PROTOCOL_ERROR, "nothing, and no reason");
	}
}

Test(http, a_server_that_stalls_is_left) {
	firmware_make("http://h/a");
	server.late = NEVER;
	cr_expect_eq(asked(), EFI_TIMEOUT);
	cr_expect_eq(seen.stalled, HTTP_WAIT_MS);
	cr_expect_eq(seen.cancelled, 1);
	firmware_make("http://h/a"); /* a byte now and then: the time counts in all */
	server.late = HTTP_WAIT_MS / 4;
	server.piece = 1;
	cr_expect_eq(asked(), EFI_TIMEOUT);
	cr_expect_eq(seen.stalled, HTTP_WAIT_MS);
}

Test(http, each_call_refused_in_turn) {
	for (enum call call = 0; call < CALLS; call++) {
		for (unsigned use = 1; use <= 5; use++) {
			firmware_make("http://h/a");
			server.piece = 2;
			server.refused = call;
			server.refused_use = use;
			EFI_STATUS status = asked();
			bool made = seen.uses[call] >= use;
			cr_expect(EFI_ERROR(status) == (made && call != CHECK_EVENT), "call %u, use %u", call, use);
		}
	}
}

Test(http, paths_with_anything_in_them) {
	uint64_t state = 5;
	for (unsigned round = 0; round < 20000; round++) {
		char uri[80];
		size_t length = next_random(&state) % sizeof(uri);
		memcpy(uri, "http://h/x/y/z", 15);
		for (size_t at = 7; at < length; at++)
			uri[at] = (char)(1 + next_random(&state) % 255);
		uri[length] = 0;
		firmware_make(uri);
		if (round % 4 == 0) /* the first node is another one */
			path[next_random(&state) % 2] = (uint8_t)(next_random(&state) % 64);
		EFI_STATUS status = asked();
		cr_expect(status == EFI_SUCCESS || status == EFI_UNSUPPORTED);
	}
}
