/* SPDX-License-Identifier: Apache-2.0
 *
 * EFI_HTTP_PROTOCOL, which gnu-efi does not declare: what the loader calls of it.
 * Source: UEFI 2.10, sections 29.6 (HTTP) and 11.6 (service binding).
 */
#pragma once

#include <efi.h>

#define HTTP_SERVICE_BINDING_GUID                                      \
	{                                                              \
		0xbdc8e6af, 0xd9bc, 0x4379, {                          \
			0xa7, 0x2a, 0xe0, 0xc4, 0xe7, 0x5d, 0xae, 0x1c \
		}                                                      \
	}
#define HTTP_PROTOCOL_GUID                                             \
	{                                                              \
		0x7a59b29b, 0x910b, 0x4171, {                          \
			0x82, 0x42, 0xa8, 0x5a, 0x0d, 0xf2, 0x5b, 0x5b \
		}                                                      \
	}

#define HTTP_VERSION_11           1 /* EFI_HTTP_VERSION */
#define HTTP_METHOD_GET           0 /* EFI_HTTP_METHOD */
#define HTTP_STATUS_200_OK        3 /* EFI_HTTP_STATUS_CODE, which counts its names */
#define HTTP_STATUS_404_NOT_FOUND 21

#define EFI_HTTP_ERROR            EFIERR(35) /* UEFI 2.10, appendix D */
#define EFI_CONNECTION_FIN        EFIERR(104)
#define EFI_CONNECTION_RESET      EFIERR(105)
#define EFI_CONNECTION_REFUSED    EFIERR(106)

struct http_ipv4_access_point {
	BOOLEAN UseDefaultAddress;
	EFI_IPv4_ADDRESS LocalAddress;
	EFI_IPv4_ADDRESS LocalSubnet;
	UINT16 LocalPort;
};

struct http_ipv6_access_point {
	EFI_IPv6_ADDRESS LocalAddress;
	UINT16 LocalPort;
};

struct http_config_data {
	UINT32 HttpVersion;
	UINT32 TimeOutMillisec;
	BOOLEAN LocalAddressIsIPv6;
	union {
		struct http_ipv4_access_point *IPv4Node;
		struct http_ipv6_access_point *IPv6Node;
	} AccessPoint;
};

struct http_request_data {
	UINT32 Method;
	CHAR16 *Url;
};

struct http_response_data {
	UINT32 StatusCode;
};

struct http_header {
	CHAR8 *FieldName;
	CHAR8 *FieldValue;
};

/* Of a response the headers and both strings of each are from the firmware's pool, and the caller's to free. */
struct http_message {
	union {
		struct http_request_data *Request;
		struct http_response_data *Response;
	} Data;
	UINTN HeaderCount;
	struct http_header *Headers;
	UINTN BodyLength;
	VOID *Body;
};

struct http_token {
	EFI_EVENT Event;
	EFI_STATUS Status;
	struct http_message *Message;
};

struct http_protocol {
	void *GetModeData;
	EFI_STATUS(EFIAPI *Configure)(struct http_protocol *, struct http_config_data *);
	EFI_STATUS(EFIAPI *Request)(struct http_protocol *, struct http_token *);
	EFI_STATUS(EFIAPI *Cancel)(struct http_protocol *, struct http_token *);
	EFI_STATUS(EFIAPI *Response)(struct http_protocol *, struct http_token *);
	EFI_STATUS(EFIAPI *Poll)(struct http_protocol *);
};
