/* SPDX-License-Identifier: Apache-2.0
 *
 * `--listen [127.0.0.1:]PORT`: /metrics for a scraper on this machine, and for nobody else: there is no
 * encryption and no password, so no other address is listened on. There is no thread and nothing here waits: the
 * caller polls (listen_poll_fds) when it has nothing else to do, and calls listen_serve then. While a round is
 * measured, who asks waits.
 *
 * What others can cost is bounded: LISTEN_CONNECTIONS at a time, the rest wait in the kernel; LISTEN_LIMIT_MS each from
 * the first byte to the last; a request of LISTEN_REQUEST_BYTES. Not for two threads at once.
 */
#pragma once

#include "bench/text.h"

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	LISTEN_CONNECTIONS = 8,
	LISTEN_FDS = LISTEN_CONNECTIONS + 1,
	LISTEN_REQUEST_BYTES = 8192,
	LISTEN_DROPPED_BYTES = 65536, /* of what comes behind a request */
	LISTEN_LIMIT_MS = 5000,
};

enum listen_stage { LISTEN_FREE, LISTEN_READS, LISTEN_WRITES, LISTEN_DROPS };

struct listen_connection {
	enum listen_stage stage;
	int socket;
	uint64_t since_ms;
	size_t length, sent, dropped;
	struct text answer;
	char request[LISTEN_REQUEST_BYTES];
};

/* All zero: nothing is listened on, and all below does nothing. */
struct listen {
	bool is_open;
	int socket;
	uint16_t port;
	uint64_t limit_ms;
	uint64_t accept_from_ms; /* the system had no room for a connection; until then none is taken */
	struct text metrics;
	struct listen_connection connections[LISTEN_CONNECTIONS];
};

/* `where` as above; port 0: one that is free, listen->port says which. 0, or PLATFORM_EINVAL (another address, no port)
 * or PLATFORM_EIO with a line in `complaint`. */
int listen_open(struct listen *listen, const char *where, struct text *complaint);

/* What is answered from now on. Memory that ends leaves nothing to answer with, which is said to who asks. */
void listen_show(struct listen *listen, const struct text *metrics);

/* What to poll for; how many. */
size_t listen_poll_fds(const struct listen *listen, struct pollfd fds[LISTEN_FDS]);

/* Milliseconds until listen_serve has something to do whatever poll says; -1: never. */
int listen_poll_ms(const struct listen *listen);

/* Takes, reads, answers and closes what can be without waiting. */
void listen_serve(struct listen *listen);

void listen_close(struct listen *listen);
