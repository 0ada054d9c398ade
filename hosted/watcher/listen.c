/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/watcher/listen.h"

#include "bench/decimal.h"
#include "bench/plain.h"
#include "hosted/watcher/http_request.h"
#include "hosted/watcher/monotonic.h"
#include "platform.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- the port ---------------------------------------------------------------------------------------------------- */

static bool parse_port(const char *word, uint16_t *port) {
	uint64_t number;
	bool good = decimal_whole(word, 0, UINT16_MAX, &number);
	*port = (uint16_t)number;
	return good;
}

static int complain(struct text *complaint, const char *where, const char *what, int status) {
	text_add_string(complaint, "--listen ");
	plain_add_string(complaint, where);
	plain_format(complaint, ": %s\n", what);
	return status;
}

int listen_open(struct listen *l, const char *where, struct text *complaint) {
	const char *colon = strrchr(where, ':');
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	const int one = 1;
	*l = (struct listen){.limit_ms = LISTEN_LIMIT_MS};
	if (colon && strncmp(where, "127.0.0.1:", (size_t)(colon - where) + 1) != 0)
		return complain(
			complaint, where,
			"only 127.0.0.1 is listened on; for other machines, let node_exporter tell them (--textfile)",
			PLATFORM_EINVAL);
	if (!parse_port(colon ? colon + 1 : where, &l->port))
		return complain(complaint, where, "no port, 0 to 65535", PLATFORM_EINVAL);
	address.sin_port = htons(l->port);
	l->socket = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (l->socket < 0)
		return complain(complaint, where, strerror(errno), PLATFORM_EIO);
	if (setsockopt(l->socket, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0 ||
	    bind(l->socket, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
	    listen(l->socket, LISTEN_CONNECTIONS) != 0 ||
	    getsockname(l->socket, (struct sockaddr *)&address, &length) != 0) {
		int error = errno;
		close(l->socket);
		return complain(complaint, where, strerror(error), PLATFORM_EIO);
	}
	l->port = ntohs(address.sin_port);
	l->is_open = true;
	return 0;
}

void listen_show(struct listen *l, const struct text *metrics) {
	l->metrics.length = 0;
	l->metrics.failed = metrics->failed;
	text_add(&l->metrics, metrics->bytes, metrics->length);
}

/* ---- one connection ---------------------------------------------------------------------------------------------- */

static void finish(struct listen_connection *connection) {
	close(connection->socket);
	text_free(&connection->answer);
	connection->stage = LISTEN_FREE;
}

static void answer(struct listen_connection *connection, enum http_status status, bool is_head,
		   const struct text *metrics) {
	struct text *text = &connection->answer;
	if (status == HTTP_OK && metrics->failed)
		status = HTTP_UNAVAILABLE;
	const char *words = http_status_words(status);
	size_t length = status == HTTP_OK ? metrics->length : strlen(words);
	text_format(text, "HTTP/1.1 %d %s\r\n%s", status, words,
		    status == HTTP_METHOD_NOT_ALLOWED ? "Allow: GET, HEAD\r\n" : "");
	text_format(text,
		    "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: %zu\r\n"
		    "Connection: close\r\n\r\n",
		    length);
	if (!is_head)
		text_add(text, status == HTTP_OK ? metrics->bytes : words, length);
	connection->stage = LISTEN_WRITES;
}

/* Whether nothing is there yet, which is no error. */
static bool is_waiting(ssize_t moved) {
	return moved < 0 && (errno == EAGAIN || errno == EINTR);
}

static void read_request(struct listen_connection *connection, const struct text *metrics) {
	struct http_request request;
	ssize_t got = recv(connection->socket, connection->request + connection->length,
			   sizeof(connection->request) - connection->length, 0);
	if (is_waiting(got))
		return;
	if (got <= 0) {
		finish(connection);
		return;
	}
	connection->length += (size_t)got;
	enum http_status status =
		http_request_read(connection->request, connection->length, sizeof(connection->request), &request);
	if (status != HTTP_INCOMPLETE)
		answer(connection, status, request.is_head, metrics);
}

static void write_answer(struct listen_connection *connection) {
	const struct text *text = &connection->answer;
	ssize_t put = text->failed ? -1
				   : send(connection->socket, text->bytes + connection->sent,
					  text->length - connection->sent, MSG_NOSIGNAL);
	if (!text->failed && is_waiting(put))
		return;
	if (put <= 0) {
		finish(connection);
		return;
	}
	connection->sent += (size_t)put;
	if (connection->sent < text->length)
		return;
	shutdown(connection->socket, SHUT_WR);
	connection->stage = LISTEN_DROPS;
}

/* To be closed with something unread is a reset, at which the other side may drop the answer, too (RFC 9112, 9.6). */
static void drop_rest(struct listen_connection *connection) {
	char bytes[4096];
	ssize_t got = recv(connection->socket, bytes, sizeof(bytes), 0);
	if (is_waiting(got))
		return;
	connection->dropped += got > 0 ? (size_t)got : 0;
	if (got <= 0 || connection->dropped > LISTEN_DROPPED_BYTES)
		finish(connection);
}

/* ---- all of them ------------------------------------------------------------------------------------------------- */

static struct listen_connection *find_free(struct listen *l) {
	for (size_t i = 0; i < LISTEN_CONNECTIONS; i++)
		if (l->connections[i].stage == LISTEN_FREE)
			return &l->connections[i];
	return NULL;
}

static bool may_accept(const struct listen *l) {
	bool has_room = false;
	for (size_t i = 0; i < LISTEN_CONNECTIONS; i++)
		has_room |= l->connections[i].stage == LISTEN_FREE;
	return l->is_open && has_room && monotonic_ms() >= l->accept_from_ms;
}

/* Without descriptors or memory in the system, the connection stays at the door and poll names it each time. */
static void accept_new(struct listen *l) {
	enum { PAUSE_MS = 1000 };
	while (may_accept(l)) {
		int new = accept4(l->socket, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (new >= 0) {
			struct listen_connection *connection = find_free(l);
			*connection = (struct listen_connection){
				.stage = LISTEN_READS, .socket = new, .since_ms = monotonic_ms()};
		} else if (errno == EAGAIN) {
			break;
		} else if (errno != EINTR && errno != ECONNABORTED) {
			l->accept_from_ms = monotonic_ms() + PAUSE_MS;
		}
	}
}

static void serve(struct listen_connection *connection, const struct text *metrics, uint64_t limit_ms) {
	if (connection->stage == LISTEN_READS)
		read_request(connection, metrics);
	if (connection->stage == LISTEN_WRITES)
		write_answer(connection);
	if (connection->stage == LISTEN_DROPS)
		drop_rest(connection);
	if (connection->stage != LISTEN_FREE && monotonic_ms() - connection->since_ms >= limit_ms)
		finish(connection);
}

void listen_serve(struct listen *l) {
	accept_new(l);
	for (size_t i = 0; i < LISTEN_CONNECTIONS; i++)
		serve(&l->connections[i], &l->metrics, l->limit_ms);
}

size_t listen_poll_fds(const struct listen *l, struct pollfd fds[LISTEN_FDS]) {
	size_t count = 0;
	if (may_accept(l))
		fds[count++] = (struct pollfd){.fd = l->socket, .events = POLLIN};
	for (size_t i = 0; i < LISTEN_CONNECTIONS; i++)
		if (l->connections[i].stage != LISTEN_FREE)
			fds[count++] =
				(struct pollfd){.fd = l->connections[i].socket,
						.events = l->connections[i].stage == LISTEN_WRITES ? POLLOUT : POLLIN};
	return count;
}

int listen_poll_ms(const struct listen *l) {
	uint64_t now = monotonic_ms(), until = l->accept_from_ms > now ? l->accept_from_ms : UINT64_MAX;
	for (size_t i = 0; i < LISTEN_CONNECTIONS; i++) {
		uint64_t end = l->connections[i].since_ms + l->limit_ms;
		if (l->connections[i].stage != LISTEN_FREE && end < until)
			until = end;
	}
	return until == UINT64_MAX ? -1 : until > now ? (int)(until - now) : 0;
}

void listen_close(struct listen *l) {
	for (size_t i = 0; i < LISTEN_CONNECTIONS; i++)
		if (l->connections[i].stage != LISTEN_FREE)
			finish(&l->connections[i]);
	if (l->is_open)
		close(l->socket);
	text_free(&l->metrics);
	l->is_open = false;
}
