/* SPDX-License-Identifier: Apache-2.0
 *
 * The driver that fetched the loader has stopped: it gave its address up, and kept what it knew in the device's path.
 * Without its address the firmware would ask DHCP anew. All that is opened here is closed again.
 */
#include "boot/http.h"
#include "boot/device_path.h"
#include "boot/freestanding.h"
#include "boot/http_protocol.h"

#define URL_CHARS      512
#define HOST_BYTES     256
#define DRIVER_WAIT_MS 5000

struct address {
	CHAR16 url[URL_CHARS];
	CHAR8 host[HOST_BYTES];
};

/* A connection, or the beginning of one. */
struct client {
	const struct loader *loader;
	EFI_SERVICE_BINDING *binding;
	EFI_HANDLE child;
	struct http_protocol *http;
	unsigned waited_ms;
};

/* One that names no file yet has no byte behind its head. */
static const EFI_DEVICE_PATH *uri_of(const EFI_DEVICE_PATH *path) {
	return device_path_find(path, MESSAGING_DEVICE_PATH, MSG_URI_DP, sizeof(EFI_DEVICE_PATH) + 1);
}

bool http_has_loader(const struct loader *loader) {
	const EFI_DEVICE_PATH *path = device_path_of_loader(loader);
	return path && uri_of(path);
}

static uint8_t lower(uint8_t character) {
	return character >= 'A' && character <= 'Z' ? (uint8_t)(character - 'A' + 'a') : character;
}

/* Whether the bytes begin so, whatever the case of their letters; `with` is in small ones. */
static bool begins(const uint8_t *bytes, size_t length, const char *with) {
	while (*with && length && lower(*bytes) == (uint8_t)*with)
		bytes++, length--, with++;
	return !*with;
}

/* How much of an address is printable, and neither a query nor a fragment. */
static size_t address_length(const uint8_t *uri, size_t length) {
	size_t used = 0;
	while (used < length && uri[used] > ' ' && uri[used] < 0x7f && uri[used] != '?' && uri[used] != '#')
		used++;
	return used;
}

/* false: no address of HTTP's, or no room. */
static bool address_make(const uint8_t *uri, size_t length, const char *name, struct address *address) {
	size_t scheme = begins(uri, length, "http://") ? 7 : begins(uri, length, "https://") ? 8 : 0;
	size_t end = address_length(uri, length), host = scheme, folder, used = 0;
	while (scheme && host < end && uri[host] != '/')
		host++;
	for (folder = end; folder > host && uri[folder - 1] != '/';)
		folder--;
	if (host == scheme || host - scheme >= HOST_BYTES || folder + 2 >= URL_CHARS)
		return false;
	memcpy(address->host, uri + scheme, host - scheme);
	address->host[host - scheme] = '\0';
	for (; used < folder; used++)
		address->url[used] = uri[used];
	if (folder == host)
		address->url[used++] = '/';
	for (; *name && used + 1 < URL_CHARS; name++)
		address->url[used++] = (CHAR16)*name;
	address->url[used] = 0;
	return !*name;
}

/* ---- one exchange ---- */

static void close_client(struct client *client) {
	if (client->child)
		client->binding->DestroyChild(client->binding, client->child);
}

#define IPV4_BYTES (offsetof(IPv4_DEVICE_PATH, SubnetMask) + sizeof(EFI_IPv4_ADDRESS))
#define IPV6_BYTES (offsetof(IPv6_DEVICE_PATH, LocalIpAddress) + sizeof(EFI_IPv6_ADDRESS))

/* The address that the firmware had; its default one where the path does not say. */
static void ipv4_make(const EFI_DEVICE_PATH *path, struct http_ipv4_access_point *point) {
	const EFI_IPv4_ADDRESS none = {{0}};
	const EFI_DEVICE_PATH *node = device_path_find(path, MESSAGING_DEVICE_PATH, MSG_IPv4_DP, IPV4_BYTES);
	if (node) {
		memcpy(&point->LocalAddress, (const UINT8 *)node + offsetof(IPv4_DEVICE_PATH, LocalIpAddress),
		       sizeof(point->LocalAddress));
		memcpy(&point->LocalSubnet, (const UINT8 *)node + offsetof(IPv4_DEVICE_PATH, SubnetMask),
		       sizeof(point->LocalSubnet));
	}
	point->UseDefaultAddress = memcmp(&point->LocalAddress, &none, sizeof(none)) == 0;
}

static EFI_STATUS configure(const struct client *client, const EFI_DEVICE_PATH *path) {
	struct http_ipv4_access_point ipv4 = {0};
	struct http_ipv6_access_point ipv6 = {0};
	struct http_config_data config = {.HttpVersion = HTTP_VERSION_11, .TimeOutMillisec = DRIVER_WAIT_MS};
	const EFI_DEVICE_PATH *node = device_path_find(path, MESSAGING_DEVICE_PATH, MSG_IPv6_DP, IPV6_BYTES);
	if (node) {
		memcpy(&ipv6.LocalAddress, (const UINT8 *)node + offsetof(IPv6_DEVICE_PATH, LocalIpAddress),
		       sizeof(ipv6.LocalAddress));
		config.LocalAddressIsIPv6 = TRUE;
		config.AccessPoint.IPv6Node = &ipv6;
	} else {
		ipv4_make(path, &ipv4);
		config.AccessPoint.IPv4Node = &ipv4;
	}
	return client->http->Configure(client->http, &config);
}

static EFI_STATUS open_client(struct client *client, EFI_DEVICE_PATH *path) {
	EFI_GUID binding_guid = HTTP_SERVICE_BINDING_GUID, http_guid = HTTP_PROTOCOL_GUID;
	EFI_BOOT_SERVICES *services = client->loader->services;
	EFI_DEVICE_PATH *rest = path;
	EFI_HANDLE card;
	EFI_STATUS status = services->LocateDevicePath(&binding_guid, &rest, &card);
	if (!EFI_ERROR(status))
		status = services->HandleProtocol(card, &binding_guid, (void **)&client->binding);
	if (!EFI_ERROR(status))
		status = client->binding->CreateChild(client->binding, &client->child);
	if (EFI_ERROR(status)) {
		client->child = NULL;
		return status;
	}
	status = services->HandleProtocol(client->child, &http_guid, (void **)&client->http);
	return EFI_ERROR(status) ? status : configure(client, path);
}

/* Until the token's event comes, within what is left of the time. */
static EFI_STATUS await(struct client *client, struct http_token *token) {
	EFI_BOOT_SERVICES *services = client->loader->services;
	for (; EFI_ERROR(services->CheckEvent(token->Event)); client->waited_ms++) {
		if (client->waited_ms == HTTP_WAIT_MS) {
			client->http->Cancel(client->http, token);
			return EFI_TIMEOUT;
		}
		client->http->Poll(client->http);
		services->Stall(1000);
	}
	return token->Status;
}

/* `act`: Request or Response. */
static EFI_STATUS exchange(struct client *client, EFI_STATUS(EFIAPI *act)(struct http_protocol *, struct http_token *),
			   struct http_message *message) {
	struct http_token token = {.Message = message};
	EFI_STATUS status = client->loader->services->CreateEvent(0, TPL_CALLBACK, NULL, NULL, &token.Event);
	if (EFI_ERROR(status))
		return status;
	status = act(client->http, &token);
	if (!EFI_ERROR(status))
		status = await(client, &token);
	client->loader->services->CloseEvent(token.Event);
	return status;
}

static EFI_STATUS ask(struct client *client, struct address *address) {
	struct http_request_data request = {.Method = HTTP_METHOD_GET, .Url = address->url};
	struct http_header host = {(CHAR8 *)"Host", address->host};
	struct http_message message = {.Data.Request = &request, .HeaderCount = 1, .Headers = &host};
	return exchange(client, client->http->Request, &message);
}

/* ---- the answer ---- */

static size_t text_length(const CHAR8 *text) {
	size_t length = 0;
	while (text && text[length])
		length++;
	return length;
}

static bool is_named(const struct http_header *header, const char *name) {
	size_t length = text_length(header->FieldName);
	return length == text_length((const CHAR8 *)name) && begins(header->FieldName, length, name);
}

/* EFI_PROTOCOL_ERROR: no number. */
static EFI_STATUS length_read(const CHAR8 *text, uint64_t *length) {
	size_t digits = 0;
	*length = 0;
	for (; text && text[digits] >= '0' && text[digits] <= '9' && digits < 18; digits++)
		*length = *length * 10 + (uint64_t)(text[digits] - '0');
	return digits && !text[digits] ? EFI_SUCCESS : EFI_PROTOCOL_ERROR;
}

/* Without a length nothing would tell an answer that was cut from a whole one; in chunks it comes from a server that
 * makes it, and not from a file. */
static EFI_STATUS length_find(const struct http_message *message, uint64_t *length) {
	EFI_STATUS status = EFI_PROTOCOL_ERROR;
	for (UINTN i = 0; i < message->HeaderCount; i++) {
		if (is_named(&message->Headers[i], "transfer-encoding"))
			return EFI_PROTOCOL_ERROR;
		if (is_named(&message->Headers[i], "content-length"))
			status = length_read(message->Headers[i].FieldValue, length);
	}
	return status;
}

static void headers_free(const struct loader *loader, struct http_message *message) {
	if (!message->Headers)
		return;
	for (UINTN i = 0; i < message->HeaderCount; i++) {
		if (message->Headers[i].FieldName)
			loader->services->FreePool(message->Headers[i].FieldName);
		if (message->Headers[i].FieldValue)
			loader->services->FreePool(message->Headers[i].FieldValue);
	}
	loader->services->FreePool(message->Headers);
}

static EFI_STATUS read_head(struct client *client, uint64_t *length) {
	struct http_response_data response = {0};
	struct http_message message = {.Data.Response = &response};
	EFI_STATUS status = exchange(client, client->http->Response, &message);
	if (response.StatusCode == HTTP_STATUS_404_NOT_FOUND)
		status = EFI_NOT_FOUND;
	else if (!EFI_ERROR(status) && response.StatusCode != HTTP_STATUS_200_OK)
		status = EFI_HTTP_ERROR;
	if (!EFI_ERROR(status))
		status = length_find(&message, length);
	headers_free(client->loader, &message);
	return status;
}

static EFI_STATUS read_body(struct client *client, uint8_t *bytes, uint64_t length) {
	EFI_STATUS status = EFI_SUCCESS;
	for (uint64_t got = 0; got < length && !EFI_ERROR(status);) {
		struct http_message message = {.Body = bytes + got, .BodyLength = length - got};
		status = exchange(client, client->http->Response, &message);
		if (!EFI_ERROR(status) && (message.BodyLength == 0 || message.BodyLength > length - got))
			status = EFI_PROTOCOL_ERROR;
		got += message.BodyLength;
	}
	return status;
}

EFI_STATUS http_read(const struct loader *loader, const char *name, void *bytes, uint64_t capacity, uint64_t *length) {
	struct client client = {.loader = loader};
	struct address address;
	EFI_DEVICE_PATH *path = device_path_of_loader(loader);
	const EFI_DEVICE_PATH *uri = path ? uri_of(path) : NULL;
	if (!uri ||
	    !address_make((const uint8_t *)(uri + 1), (size_t)DevicePathNodeLength(uri) - sizeof(*uri), name, &address))
		return EFI_UNSUPPORTED;
	EFI_STATUS status = open_client(&client, path);
	if (!EFI_ERROR(status))
		status = ask(&client, &address);
	if (!EFI_ERROR(status))
		status = read_head(&client, length);
	if (!EFI_ERROR(status) && *length > capacity)
		status = EFI_BUFFER_TOO_SMALL;
	if (!EFI_ERROR(status))
		status = read_body(&client, bytes, *length);
	close_client(&client);
	return status;
}
