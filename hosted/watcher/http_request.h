/* SPDX-License-Identifier: Apache-2.0
 *
 * As much of HTTP as a scraper of metrics needs: is this GET or HEAD of /metrics? Pure. Any bytes may be given. Source:
 * RFC 9112, sections 2 to 5, and RFC 9110 for what the statuses mean. What a request brings along behind its head is
 * not looked at: the connection is closed after the answer.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum http_status {
	HTTP_INCOMPLETE = 0, /* no empty line yet */
	HTTP_OK = 200,
	HTTP_BAD_REQUEST = 400,
	HTTP_NOT_FOUND = 404,
	HTTP_METHOD_NOT_ALLOWED = 405,
	HTTP_MISDIRECTED = 421, /* the name that was asked for is none of this machine's own: a page that has its own
				   name lead here (DNS rebinding) must not read what is for this machine alone */
	HTTP_HEAD_TOO_LARGE = 431,
	HTTP_UNAVAILABLE = 503,
	HTTP_VERSION_UNKNOWN = 505,
};

struct http_request {
	bool is_head; /* no body is wanted */
};

/* `capacity`: what there is room for; a head of that many bytes without an end is too large. */
enum http_status http_request_read(const char *bytes, size_t length, size_t capacity, struct http_request *request);

/* "OK", "Not Found" ... */
const char *http_status_words(enum http_status status);
