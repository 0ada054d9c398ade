/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/watcher/http_request.h"

#include <string.h>
#include <strings.h>

struct span {
	const char *bytes;
	size_t length;
};

static bool span_is(struct span span, const char *word) {
	return span.length == strlen(word) && memcmp(span.bytes, word, span.length) == 0;
}

/* What stands before the first `mark`, which is taken with it; all of it where there is none. */
static struct span cut(struct span *rest, char mark) {
	const char *end = memchr(rest->bytes, mark, rest->length);
	struct span before = {rest->bytes, end ? (size_t)(end - rest->bytes) : rest->length};
	size_t taken = before.length + (end != NULL);
	rest->bytes += taken;
	rest->length -= taken;
	return before;
}

/* A line alone may end in LF (RFC 9112, 2.2). */
static struct span cut_line(struct span *rest) {
	struct span line = cut(rest, '\n');
	if (line.length > 0 && line.bytes[line.length - 1] == '\r')
		line.length--;
	return line;
}

static struct span trimmed(struct span span) {
	while (span.length > 0 && (*span.bytes == ' ' || *span.bytes == '\t'))
		span.bytes++, span.length--;
	while (span.length > 0 && (span.bytes[span.length - 1] == ' ' || span.bytes[span.length - 1] == '\t'))
		span.length--;
	return span;
}

static bool is_printable(struct span line) {
	for (size_t i = 0; i < line.length; i++)
		if (((unsigned char)line.bytes[i] < ' ' && line.bytes[i] != '\t') || line.bytes[i] == 0x7f)
			return false;
	return true;
}

static enum http_status read_request_line(struct span line, struct http_request *request, bool *needs_host) {
	struct span method = cut(&line, ' '), target = cut(&line, ' '), path = target;
	if (method.length == 0 || target.length == 0 || line.length < 5 || memcmp(line.bytes, "HTTP/", 5) != 0)
		return HTTP_BAD_REQUEST;
	if (!span_is(line, "HTTP/1.1") && !span_is(line, "HTTP/1.0"))
		return HTTP_VERSION_UNKNOWN;
	*needs_host = span_is(line, "HTTP/1.1");
	request->is_head = span_is(method, "HEAD");
	if (!span_is(cut(&path, '?'), "/metrics"))
		return HTTP_NOT_FOUND;
	return request->is_head || span_is(method, "GET") ? HTTP_OK : HTTP_METHOD_NOT_ALLOWED;
}

static bool is_loopback(struct span host) {
	struct span name = cut(&host, ':');
	return span_is(name, "127.0.0.1") || (name.length == 9 && strncasecmp(name.bytes, "localhost", 9) == 0);
}

/* The lines behind the first, up to the empty one. */
static enum http_status read_fields(struct span lines, bool needs_host) {
	enum http_status status = HTTP_OK;
	size_t hosts = 0;
	for (struct span line = cut_line(&lines); line.length > 0; line = cut_line(&lines)) {
		struct span value = line, name = cut(&value, ':');
		if (!is_printable(line) || name.length == 0 || name.length == line.length ||
		    memchr(name.bytes, ' ', name.length) || memchr(name.bytes, '\t', name.length))
			return HTTP_BAD_REQUEST;
		if (name.length != 4 || strncasecmp(name.bytes, "Host", 4) != 0)
			continue;
		hosts++;
		if (!is_loopback(trimmed(value)))
			status = HTTP_MISDIRECTED;
	}
	return hosts > 1 || (hosts == 0 && needs_host) ? HTTP_BAD_REQUEST : status;
}

static bool has_end(struct span head) {
	while (head.length > 0) {
		bool is_whole = memchr(head.bytes, '\n', head.length) != NULL;
		if (cut_line(&head).length == 0 && is_whole)
			return true;
	}
	return false;
}

enum http_status http_request_read(const char *bytes, size_t length, size_t capacity, struct http_request *request) {
	struct span head = {bytes, length};
	bool needs_host = false;
	*request = (struct http_request){0};
	if (!has_end(head))
		return length < capacity ? HTTP_INCOMPLETE : HTTP_HEAD_TOO_LARGE;
	struct span line = cut_line(&head);
	if (!is_printable(line))
		return HTTP_BAD_REQUEST;
	enum http_status status = read_request_line(line, request, &needs_host);
	enum http_status of_fields = status == HTTP_BAD_REQUEST ? status : read_fields(head, needs_host);
	return of_fields != HTTP_OK ? of_fields : status;
}

const char *http_status_words(enum http_status status) {
	switch (status) {
	case HTTP_OK:
		return "OK";
	case HTTP_NOT_FOUND:
		return "Not Found";
	case HTTP_METHOD_NOT_ALLOWED:
		return "Method Not Allowed";
	case HTTP_MISDIRECTED:
		return "Misdirected Request";
	case HTTP_HEAD_TOO_LARGE:
		return "Request Header Fields Too Large";
	case HTTP_UNAVAILABLE:
		return "Service Unavailable";
	case HTTP_VERSION_UNKNOWN:
		return "HTTP Version Not Supported";
	default:
		return "Bad Request";
	}
}
