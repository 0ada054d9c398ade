/* SPDX-License-Identifier: Apache-2.0
 *
 * An address stream: what a program or a guest accessed, in order, and what it had flushed. docs/formats.md ("An
 * address stream") has the layout byte by byte; here are the words that who writes and who reads share.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum stream_kind {
	/* As enum tlb_access has them. */
	STREAM_READ,
	STREAM_WRITE,
	STREAM_EXECUTE,
	STREAM_ACCESS_KINDS,
	STREAM_SWITCH = STREAM_ACCESS_KINDS, /* to address space `address` */
	STREAM_FLUSH_SPACE,                  /* address space `address`, without global pages */
	STREAM_FLUSH_ALL,                    /* `address` is 0 */
	STREAM_FLUSH_PAGE,                   /* of `address`, in the current address space */
	STREAM_KINDS,
	STREAM_FAR = STREAM_KINDS, /* in a file alone: an access whose difference does not fit */
};

struct stream_event {
	uint64_t address;
	uint8_t kind; /* enum stream_kind */
};

/* What stands in front of the events. */
enum { STREAM_SOURCE_BYTES = 24 };
struct stream_note {
	uint64_t accesses;
	uint64_t others;                  /* events that are none */
	uint32_t spaces;                  /* address spaces 0 to spaces - 1, at least 1 */
	uint8_t address_bits;             /* no address has more; 12 to 64 */
	uint8_t page_shift;               /* log2 of the guest's smallest page; 0: not known */
	uint8_t thinned;                  /* of 2^thinned windows one is in it; 0: every one */
	bool has_fetches;                 /* executions were recorded, too */
	bool finished;                    /* false: who wrote it did not come to its end, and there are no counts */
	char source[STREAM_SOURCE_BYTES]; /* who recorded it, printable ASCII, ends with a zero */
};

enum {
	STREAM_VERSION = 1,
	STREAM_MAGIC_BYTES = 8,
	STREAM_FINISHED = 1, /* flags of the head */
	STREAM_HAS_FETCHES = 2,
	STREAM_THINNED_SHIFT = 8, /* where the note's begins in them */
	STREAM_THINNED_MOST = 63,
	STREAM_HEAD_BYTES = 64,
	STREAM_BLOCK_HEAD_BYTES = 12,
	STREAM_BLOCK_MOST = 1 << 16, /* bytes of events in a block */
	STREAM_KIND_BITS = 3,
	STREAM_EVENT_MOST = 12, /* bytes of one event */
	STREAM_SPACES_MOST = 1 << 16,
	STREAM_PAGE_SHIFT_LEAST = 12, /* that of the addresses of flushed pages */
	STREAM_PAGE_SHIFT_MOST = 40,
};

/* A byte that is no text, the name, and both kinds of line end, so that a transfer that takes it for text shows. */
#define STREAM_MAGIC \
	"\x89"       \
	"ANST\r\n\n"
