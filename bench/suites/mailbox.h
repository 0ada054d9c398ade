/* SPDX-License-Identifier: Apache-2.0
 *
 * A ring of pointers from one core to one other, in batches: what is put in is seen by the other side once 64 are
 * there, or at a flush. The floor of any pool whose objects are freed on another core: something must carry them there.
 *
 * Ordering: `written` is stored with release behind the slots and whatever the objects hold, and loaded with
 * acquire before they are read; `read` likewise the other way, so that a slot is not written to before its
 * reader is done with it.
 */
#pragma once

#include "bench/suites/apart.h"
#include "bench/ticks.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MAILBOX_SLOTS = 1024, MAILBOX_BATCH = 64 };

struct mailbox {
	_Alignas(APART_BYTES) _Atomic(uint64_t) written; /* objects ever */
	_Alignas(APART_BYTES) _Atomic(uint64_t) read;
	_Alignas(APART_BYTES) void *slots[MAILBOX_SLOTS];
};

/* What one side knows; its own, in its own lines. */
struct mailbox_end {
	_Alignas(APART_BYTES) struct mailbox *box;
	uint64_t at;    /* objects put, or got */
	uint64_t limit; /* as far as it may go without asking */
};

static inline void mailbox_flush(struct mailbox_end *writer) {
	atomic_store_explicit(&writer->box->written, writer->at, memory_order_release);
}

/* The writer: there is room; else waits, with all that was put shown to the other side. The fenced read of the clock
 * takes 20 ns, in which a core that shares its units with ours has them. */
static inline void mailbox_wait_for_room(struct mailbox_end *writer) {
	mailbox_flush(writer);
	while (writer->at == writer->limit) {
		writer->limit = atomic_load_explicit(&writer->box->read, memory_order_acquire) + MAILBOX_SLOTS;
		if (writer->at == writer->limit)
			(void)ticks_end();
	}
}

static inline void mailbox_put(struct mailbox_end *writer, void *object) {
	if (__builtin_expect(writer->at == writer->limit, 0))
		mailbox_wait_for_room(writer);
	writer->box->slots[writer->at++ % MAILBOX_SLOTS] = object;
	if (writer->at % MAILBOX_BATCH == 0)
		mailbox_flush(writer);
}

/* The writer: waits until the other side has read everything. */
static inline void mailbox_wait_until_read(struct mailbox_end *writer) {
	mailbox_flush(writer);
	while (atomic_load_explicit(&writer->box->read, memory_order_acquire) != writer->at)
		(void)ticks_end();
}

/* The reader: what it got so far, it is done with. */
static inline void mailbox_done(struct mailbox_end *reader) {
	atomic_store_explicit(&reader->box->read, reader->at, memory_order_release);
}

/* The reader: how many are there to get. */
static inline uint64_t mailbox_available(struct mailbox_end *reader) {
	if (reader->at == reader->limit)
		reader->limit = atomic_load_explicit(&reader->box->written, memory_order_acquire);
	return reader->limit - reader->at;
}

/* The reader, when something is available. It is done with what it got before, not yet with this: who waits until
 * everything is read finds everything done that the reader does with an object. */
static inline void *mailbox_get(struct mailbox_end *reader) {
	if (reader->at % MAILBOX_BATCH == 0)
		mailbox_done(reader);
	return reader->box->slots[reader->at++ % MAILBOX_SLOTS];
}

/* Of zeroed memory. */
static inline void mailbox_start(struct mailbox *box, struct mailbox_end *writer, struct mailbox_end *reader) {
	writer->box = reader->box = box;
	writer->limit = MAILBOX_SLOTS;
}
