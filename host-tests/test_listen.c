/* SPDX-License-Identifier: Apache-2.0
 *
 * /metrics for those who ask for it, and for those who ask for something else, slowly, or for too much.
 */
#include "hosted/watcher/http_request.h"
#include "hosted/watcher/listen.h"

#include "bench/rng.h"
#include "platform.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define GOOD "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:9100\r\n\r\n"

/* ---- the request ------------------------------------------------------------------------------------------------- */

static enum http_status status_of(const char *bytes, bool *is_head) {
	struct http_request request;
	enum http_status status = http_request_read(bytes, strlen(bytes), LISTEN_REQUEST_BYTES, &request);
	if (is_head)
		*is_head = request.is_head;
	return status;
}

static void expect_status(const char *bytes, int wanted) {
	cr_expect_eq((int)status_of(bytes, NULL), wanted, "%d instead of %d: %s", status_of(bytes, NULL), wanted,
		     bytes);
}

Test(http_request, takes_what_scrapers_send) {
	bool is_head;
	cr_expect_eq(status_of(GOOD, &is_head), HTTP_OK);
	cr_expect_not(is_head);
	cr_expect_eq(status_of("HEAD /metrics HTTP/1.1\r\nhOST:localhost\r\n\r\n", &is_head), HTTP_OK);
	cr_expect(is_head);
	expect_status("GET /metrics?a=/b HTTP/1.0\n\n", HTTP_OK);
	expect_status("GET /metrics HTTP/1.1\nAccept: text/plain;q=0.5\nHost: \t LocalHost:1 \n\nrest", HTTP_OK);
}

Test(http_request, waits_for_an_end) {
	for (size_t length = 0; length < sizeof(GOOD) - 1; length++) {
		struct http_request request;
		cr_expect_eq(http_request_read(GOOD, length, LISTEN_REQUEST_BYTES, &request), HTTP_INCOMPLETE);
		cr_expect_eq(http_request_read(GOOD, length, length, &request), HTTP_HEAD_TOO_LARGE);
	}
}

Test(http_request, refuses_everything_else) {
	expect_status("GET / HTTP/1.0\r\n\r\n", HTTP_NOT_FOUND);
	expect_status("GET /metrics/ HTTP/1.0\r\n\r\n", HTTP_NOT_FOUND);
	expect_status("GET /metricsX HTTP/1.0\r\n\r\n", HTTP_NOT_FOUND);
	expect_status("GET http://127.0.0.1/metrics HTTP/1.0\r\n\r\n", HTTP_NOT_FOUND);
	expect_status("POST /metrics HTTP/1.0\r\n\r\n", HTTP_METHOD_NOT_ALLOWED);
	expect_status("get /metrics HTTP/1.0\r\n\r\n", HTTP_METHOD_NOT_ALLOWED);
	expect_status("GET /metrics HTTP/2.0\r\n\r\n", HTTP_VERSION_UNKNOWN);
	expect_status("GET /metrics HTTP/1.01\r\n\r\n", HTTP_VERSION_UNKNOWN);
	expect_status("\r\n", HTTP_BAD_REQUEST);
	expect_status("GET\r\n\r\n", HTTP_BAD_REQUEST);
	expect_status("GET /metrics\r\n\r\n", HTTP_BAD_REQUEST);
	expect_status("GET  /metrics HTTP/1.0\r\n\r\n", HTTP_BAD_REQUEST);
	expect_status("GET /met\x01rics HTTP/1.0\r\n\r\n", HTTP_BAD_REQUEST);
	expect_status("GET /metrics HTTP/1.0\r\nno field\r\n\r\n", HTTP_BAD_REQUEST);
	expect_status("GET /metrics HTTP/1.0\r\nHost : localhost\r\n\r\n", HTTP_BAD_REQUEST);
	expect_status("GET /metrics HTTP/1.0\r\n: x\r\n\r\n", HTTP_BAD_REQUEST);
	expect_status("GET /metrics HTTP/1.1\r\n\r\n", HTTP_BAD_REQUEST);
	expect_status("GET /metrics HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", HTTP_BAD_REQUEST);
	expect_status("GET /metrics HTTP/1.1\r\nHost: rebound.example:9100\r\n\r\n", HTTP_MISDIRECTED);
	expect_status("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1.example\r\n\r\n", HTTP_MISDIRECTED);
}

Test(http_request, whatever_comes_it_answers) {
	static const char alphabet[] = "GETHAD /metrics HTTP/1.01\r\n\r\n::Host: localhost\t\x7f";
	struct rng rng = rng_seeded(5);
	for (int i = 0; i < 20000; i++) {
		char bytes[64];
		struct http_request request;
		size_t length = rng_below(&rng, sizeof(bytes) + 1);
		for (size_t j = 0; j < length; j++)
			bytes[j] = i % 2 ? alphabet[rng_below(&rng, sizeof(alphabet))] : (char)rng_next(&rng);
		char *alone = malloc(length + (length == 0)); /* the sanitizer sees each step beyond it */
		memcpy(alone, bytes, length);
		enum http_status status = http_request_read(alone, length, sizeof(bytes), &request);
		cr_expect_neq(status, HTTP_OK, "no request is so short");
		free(alone);
	}
}

/* ---- the port ---------------------------------------------------------------------------------------------------- */

static struct listen server;
static struct text said, metrics;

static void open_server(uint64_t limit_ms, size_t bytes) {
	cr_assert_eq(listen_open(&server, "127.0.0.1:0", &said), 0, "%.*s", (int)said.length, said.bytes);
	server.limit_ms = limit_ms;
	metrics.length = 0;
	for (size_t i = 0; i < bytes; i++)
		text_add(&metrics, "x", 1);
	listen_show(&server, &metrics);
}

static void close_server(void) {
	listen_close(&server);
	text_free(&said);
	text_free(&metrics);
}

TestSuite(listen, .fini = close_server);

enum { LONG_MS = 600000, SHORT_MS = 30 };

static int client(const char *bytes) {
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(server.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int one = socket(AF_INET, SOCK_STREAM, 0);
	cr_assert_eq(connect(one, (const struct sockaddr *)&to, sizeof(to)), 0);
	cr_assert_eq(send(one, bytes, strlen(bytes), 0), (ssize_t)strlen(bytes));
	cr_assert_eq(fcntl(one, F_SETFL, O_NONBLOCK), 0);
	return one;
}

static void turn(void) {
	struct pollfd fds[LISTEN_FDS];
	poll(fds, listen_poll_fds(&server, fds), 1);
	listen_serve(&server);
}

/* All that a client is sent until the connection ends. */
static struct text answer_of(int one) {
	struct text text = {0};
	char bytes[65536];
	for (;;) {
		turn();
		ssize_t got = recv(one, bytes, sizeof(bytes), 0);
		if (got > 0)
			text_add(&text, bytes, (size_t)got);
		else if (got == 0 || (errno != EAGAIN && errno != EINTR))
			break;
	}
	close(one);
	text_add(&text, "", 1);
	return text;
}

static void expect_answer(int one, const char *begin, size_t body) {
	struct text text = answer_of(one);
	char length[64];
	snprintf(length, sizeof(length), "\r\nContent-Length: %zu\r\n", body);
	cr_expect_eq(strncmp(text.bytes, begin, strlen(begin)), 0, "%.200s", text.bytes);
	cr_expect(strstr(text.bytes, length), "%.200s", text.bytes);
	const char *end = strstr(text.bytes, "\r\n\r\n");
	cr_assert(end);
	cr_expect_eq(strlen(end + 4), body);
	text_free(&text);
}

Test(listen, answers_a_scraper) {
	open_server(LONG_MS, 100000);
	for (int i = 0; i < 20; i++)
		expect_answer(client(GOOD), "HTTP/1.1 200 OK\r\n", 100000);
	expect_answer(client("GET / HTTP/1.0\r\n\r\n"), "HTTP/1.1 404 Not Found\r\n", 9);
	struct text head = answer_of(client("HEAD /metrics HTTP/1.0\r\n\r\n"));
	cr_expect(strstr(head.bytes, "Content-Length: 100000\r\n"));
	cr_expect_str_eq(strstr(head.bytes, "\r\n\r\n"), "\r\n\r\n");
	text_free(&head);
}

Test(listen, takes_a_request_bit_by_bit) {
	open_server(LONG_MS, 10);
	int one = client("");
	for (const char *byte = GOOD; *byte; byte++) {
		cr_assert_eq(send(one, byte, 1, 0), 1);
		turn();
	}
	expect_answer(one, "HTTP/1.1 200 OK\r\n", 10);
}

Test(listen, refuses_a_head_without_an_end) {
	open_server(LONG_MS, 10);
	char *long_one = malloc(LISTEN_REQUEST_BYTES * 3);
	memset(long_one, 'a', LISTEN_REQUEST_BYTES * 3 - 1);
	long_one[LISTEN_REQUEST_BYTES * 3 - 1] = '\0';
	expect_answer(client(long_one), "HTTP/1.1 431 ", strlen("Request Header Fields Too Large"));
	free(long_one);
}

Test(listen, hears_no_end_of_what_follows_a_request) {
	static char more[4096];
	open_server(LONG_MS, 10);
	int one = client(GOOD);
	do {
		send(one, more, sizeof(more), MSG_NOSIGNAL);
		turn();
	} while (server.connections[0].stage != LISTEN_FREE);
	cr_expect_gt(server.connections[0].dropped, LISTEN_DROPPED_BYTES);
	close(one);
}

Test(listen, gives_up_on_the_silent_and_serves_those_behind_them) {
	int silent[LISTEN_CONNECTIONS * 2];
	open_server(SHORT_MS, 10);
	for (int i = 0; i < LISTEN_CONNECTIONS * 2; i++) {
		silent[i] = client("GET /metrics");
		turn();
	}
	expect_answer(client(GOOD), "HTTP/1.1 200 OK\r\n", 10);
	for (int i = 0; i < LISTEN_CONNECTIONS * 2; i++) {
		struct text text = answer_of(silent[i]);
		cr_expect_str_eq(text.bytes, "");
		text_free(&text);
	}
}

Test(listen, gives_up_on_one_that_does_not_read) {
	open_server(SHORT_MS, 64 << 20);
	int one = client(GOOD);
	do
		turn();
	while (server.connections[0].stage != LISTEN_FREE);
	cr_expect_lt(server.connections[0].sent, metrics.length);
	cr_expect_null(server.connections[0].answer.bytes, "its answer is let go of");
	close(one);
}

Test(listen, bears_those_who_go_away) {
	static const struct linger reset = {.l_onoff = 1};
	open_server(LONG_MS, 1 << 20);
	for (int i = 0; i < 20; i++) {
		int one = client(i % 2 ? GOOD : "GET");
		if (i % 3 == 0)
			turn();
		if (i % 4 < 2)
			cr_assert_eq(setsockopt(one, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)), 0);
		close(one);
		turn();
	}
	expect_answer(client(GOOD), "HTTP/1.1 200 OK\r\n", 1 << 20);
}

Test(listen, says_when_it_has_nothing_for_want_of_memory) {
	open_server(LONG_MS, 10);
	metrics.failed = true;
	listen_show(&server, &metrics);
	metrics.failed = false;
	expect_answer(client(GOOD), "HTTP/1.1 503 ", strlen("Service Unavailable"));
	listen_show(&server, &metrics);
	expect_answer(client(GOOD), "HTTP/1.1 200 OK\r\n", 10);
}

static void expect_refused(const char *where, int status, const char *why) {
	struct listen one;
	said.length = 0;
	cr_expect_eq(listen_open(&one, where, &said), status);
	text_add(&said, "", 1);
	cr_expect(strstr(said.bytes, why) && strstr(said.bytes, where), "%s", said.bytes);
	cr_expect_not(one.is_open);
}

Test(listen, listens_on_this_machine_alone) {
	char taken[32];
	struct sockaddr_in at;
	socklen_t length = sizeof(at);
	open_server(LONG_MS, 10);
	cr_assert_eq(getsockname(server.socket, (struct sockaddr *)&at, &length), 0);
	cr_expect_eq(at.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
	expect_refused("0.0.0.0:9100", PLATFORM_EINVAL, "only 127.0.0.1");
	expect_refused(":9100", PLATFORM_EINVAL, "only 127.0.0.1");
	expect_refused("[::1]:9100", PLATFORM_EINVAL, "only 127.0.0.1");
	expect_refused("127.0.0.1", PLATFORM_EINVAL, "no port");
	expect_refused("65536", PLATFORM_EINVAL, "no port");
	expect_refused("-1", PLATFORM_EINVAL, "no port");
	expect_refused("99999999999999999999", PLATFORM_EINVAL, "no port");
	snprintf(taken, sizeof(taken), "127.0.0.1:%d", server.port);
	expect_refused(taken, PLATFORM_EIO, "in use");
}

Test(listen, closed_does_nothing) {
	struct pollfd fds[LISTEN_FDS];
	cr_expect_eq(listen_poll_fds(&server, fds), 0);
	cr_expect_eq(listen_poll_ms(&server), -1);
	listen_serve(&server);
}
