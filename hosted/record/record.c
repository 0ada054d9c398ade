/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/record/record.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

#define NAME(name) #name,
static const char *const call_names[COUNTS_CALL_COUNT] = {COUNTS_CALLS(NAME)};
#undef NAME
static const char *const kind_names[COUNTS_KINDS] = {"malloc", "calloc", "realloc", "aligned"};
static const char *const order_names[COUNTS_ORDERS] = {"stack", "queue", "between", "alone", "elsewhere"};

const char *record_call_name(enum counts_call call) {
	return call_names[call];
}

const char *record_kind_name(enum counts_kind kind) {
	return kind_names[kind];
}

const char *record_order_name(enum counts_order order) {
	return order_names[order];
}

static void add(uint64_t *to, uint64_t number) {
	*to = *to > UINT64_MAX - number ? UINT64_MAX : *to + number;
}

uint64_t record_calls(const struct record *record, enum counts_call call) {
	uint64_t all = record->sums.unsized[call];
	for (size_t class = 0; class < COUNTS_CLASSES; class ++)
		for (size_t alignment = 0; alignment < COUNTS_ALIGNMENTS; alignment++)
			add(&all, record->sums.calls[call][class][alignment]);
	return all;
}

uint64_t record_in_class(const uint64_t *counts, size_t width, uint32_t class) {
	uint64_t sum = 0;
	for (size_t i = 0; i < width; i++)
		sum += counts[class * width + i];
	return sum;
}

uint64_t record_blocks_in_class(const struct record *record, uint32_t class) {
	uint64_t count = 0;
	for (enum counts_kind kind = 0; kind < COUNTS_KINDS; kind++)
		count += record->sums.allocations[kind][class];
	return count;
}

void record_blocks(const struct record *record, uint64_t blocks[COUNTS_CLASSES]) {
	for (uint32_t class = 0; class < COUNTS_CLASSES; class += 1)
		blocks[class] = record_blocks_in_class(record, class);
}

double record_cpu_ns(const struct record *record) {
	return (double)record->user_ns + (double)record->system_ns;
}

double record_allocation_ns(const struct record *record) {
	double cpu = record_cpu_ns(record), wall = (double)record->wall_ns;
	return 1 + (cpu > wall ? cpu : wall) / ((double)record->allocated + 1);
}

void record_add(struct counts_sums *to, const struct counts_sums *from) {
	_Static_assert(sizeof(*to) % sizeof(uint64_t) == 0, "nothing but uint64_t");
	uint64_t number, other;
	for (size_t at = 0; at < sizeof(*to); at += sizeof(number)) {
		memcpy(&number, (char *)to + at, sizeof(number));
		memcpy(&other, (const char *)from + at, sizeof(other));
		add(&number, other);
		memcpy((char *)to + at, &number, sizeof(number));
	}
}

static bool read_at(int file, void *bytes, size_t length, size_t at) {
	return file >= 0 && pread(file, bytes, length, (off_t)at) == (ssize_t)length;
}

static uint64_t sum_of(const uint64_t *counts, size_t count) {
	uint64_t sum = 0;
	for (size_t i = 0; i < count; i++)
		add(&sum, counts[i]);
	return sum;
}

/* What is counted by the byte. */
static void take_calls(struct record_room *room, enum counts_call call) {
	struct counts_sums *sums = &room->sums;
	for (size_t size = 0; size < COUNTS_SMALL_CALL; size++)
		for (size_t alignment = 0; alignment < COUNTS_ALIGNMENTS; alignment++) {
			uint64_t calls = room->calls[size][alignment], bytes;
			if (!calls)
				continue; /* as nearly all are */
			add(&sums->calls[call][counts_class(size)][alignment], calls);
			add(&sums->bytes[call], __builtin_mul_overflow(calls, size, &bytes) ? UINT64_MAX : bytes);
		}
}

static void take_blocks(struct record_room *room) {
	struct counts_sums *sums = &room->sums;
	for (enum counts_kind kind = 0; kind < COUNTS_KINDS; kind++)
		for (size_t size = 0; size < COUNTS_SMALL_BLOCK; size++) {
			uint64_t blocks = room->allocations[kind][size], bytes;
			add(&sums->allocations[kind][counts_class(size)], blocks);
			add(&sums->small[size ? (size - 1) / COUNTS_STEP_BYTES : 0], blocks);
			add(&sums->allocated_bytes, __builtin_mul_overflow(blocks, size, &bytes) ? UINT64_MAX : bytes);
		}
	for (size_t i = 0; i < COUNTS_SMALL_CHUNKS; i++)
		add(&sums->frees[counts_class(i ? i * COUNTS_CHUNK_BYTES - sizeof(size_t) : 0)], room->frees[i]);
}

/* Its sums, with what is counted by the byte. */
static bool read_slot(int file, size_t at, struct record_room *room) {
	bool good = read_at(file, &room->sums, sizeof(room->sums), at + offsetof(struct counts_slot, sums)) &&
		    read_at(file, room->allocations, sizeof(room->allocations),
			    at + offsetof(struct counts_slot, small.allocations)) &&
		    read_at(file, room->frees, sizeof(room->frees), at + offsetof(struct counts_slot, small.frees));
	for (enum counts_call call = 0; good && call < COUNTS_CALL_COUNT; call++) {
		good = read_at(file, room->calls, sizeof(room->calls),
			       at + offsetof(struct counts_slot, small.calls) + call * sizeof(room->calls));
		if (good)
			take_calls(room, call);
	}
	if (good)
		take_blocks(room);
	return good;
}

static bool take_slot(struct record *record, struct record_room *room, int file, size_t at) {
	uint32_t threads;
	if (!read_at(file, &threads, sizeof(threads), at + offsetof(struct counts_slot, threads)) ||
	    !read_slot(file, at, room))
		return false;
	const struct counts_sums *sums = &room->sums;
	uint64_t allocated = sum_of(&sums->allocations[0][0], COUNTS_KINDS * (size_t)COUNTS_CLASSES);
	uint64_t freed = sum_of(sums->frees, COUNTS_CLASSES);
	add(&record->threads, threads);
	add(&record->allocated, allocated);
	add(&record->freed, freed);
	if (freed > allocated)
		add(&record->freed_more, freed - allocated);
	record_add(&record->sums, sums);
	return true;
}

void record_take_process(struct record *record, struct record_room *room, int file) {
	struct counts_header header;
	bool good = read_at(file, &header, sizeof(header), 0) && header.magic == COUNTS_MAGIC &&
		    header.version == COUNTS_VERSION && header.bytes == sizeof(struct counts_file);
	uint32_t used = good ? header.slots : 0;
	if (used > COUNTS_SLOTS - 1)
		used = COUNTS_SLOTS - 1;
	for (uint32_t i = 0; good && i < used + (header.shared != 0); i++) {
		uint32_t number = i < used ? i : COUNTS_SLOTS - 1;
		good = take_slot(record, room, file,
				 offsetof(struct counts_file, slots) + number * sizeof(struct counts_slot));
	}
	if (good) {
		record->processes++;
		add(&record->start_faults, header.start_faults);
		add(&record->not_seen, header.lost);
		add(&record->overflown, header.overflown);
	}
	record->damaged += !good;
}
