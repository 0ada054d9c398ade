/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/record/record.h"
#include "lib/units.h"

#include <inttypes.h>

enum { CLASSES_SHOWN = 5 };

struct share {
	uint32_t class;
	uint64_t count;
};

/* The classes with the most, the largest first; how many there are. */
static size_t largest(const uint64_t *counts, size_t width, struct share shares[CLASSES_SHOWN]) {
	size_t count = 0;
	for (uint32_t class = 0; class < COUNTS_CLASSES; class += 1) {
		struct share next = {class, record_in_class(counts, width, class)};
		for (size_t i = 0; i < CLASSES_SHOWN && next.count; i++) {
			if (i == count) {
				shares[count++] = next;
				break;
			}
			if (shares[i].count < next.count) {
				struct share less = shares[i];
				shares[i] = next;
				next = less;
			}
		}
	}
	return count;
}

void record_show_sizes(const uint64_t *counts, size_t width, uint64_t all, struct text *table) {
	struct share shares[CLASSES_SHOWN];
	size_t count = largest(counts, width, shares);
	for (size_t i = 0; i < count; i++) {
		uint32_t class = shares[i].class;
		uint64_t least = counts_least(class), most = counts_least(class + 1) - 1;
		text_format(table, "%s%" PRIu64, i ? ", " : "  ", least);
		if (class == COUNTS_CLASSES - 1)
			text_add_string(table, "+");
		else if (most > least)
			text_format(table, "-%" PRIu64, most);
		text_format(table, ": %.0f%%", 100.0 * (double)shares[i].count / (double)all);
	}
}

enum counts_call record_next_call(const struct record *record, bool taken[COUNTS_CALL_COUNT]) {
	enum counts_call most = COUNTS_CALL_COUNT;
	for (enum counts_call call = 0; call < COUNTS_CALL_COUNT; call++)
		if (!taken[call] && record_calls(record, call) &&
		    (most == COUNTS_CALL_COUNT || record_calls(record, call) > record_calls(record, most)))
			most = call;
	if (most != COUNTS_CALL_COUNT)
		taken[most] = true;
	return most;
}

static void show_calls(const struct record *record, struct text *table) {
	bool shown[COUNTS_CALL_COUNT] = {false};
	text_format(table, "%-10s %14s %16s  bytes a call: share of the calls\n", "call", "calls", "bytes");
	for (enum counts_call call; (call = record_next_call(record, shown)) != COUNTS_CALL_COUNT;) {
		text_format(table, "%-10s %14" PRIu64 " %16" PRIu64, record_call_name(call), record_calls(record, call),
			    record->sums.bytes[call]);
		record_show_sizes(&record->sums.calls[call][0][0], COUNTS_ALIGNMENTS, record_calls(record, call),
				  table);
		text_add_string(table, "\n");
	}
}

static void add_count(uint64_t count, const char *one, const char *many, struct text *table) {
	text_format(table, "%" PRIu64 " %s", count, count == 1 ? one : many);
}

void record_show_orders(const struct record *record, struct text *table) {
	const struct counts_sums *sums = &record->sums;
	uint64_t ends = 0;
	for (enum counts_order order = 0; order < COUNTS_ORDERS; order++)
		ends += sums->orders[order];
	if (!ends)
		return;
	text_add_string(table, "of ");
	add_count(ends, "block followed to its end", "blocks followed to their end", table);
	static const char *const words[COUNTS_ORDERS] = {"the last left", "the first left", "one between",
							 "the only one", "another thread's"};
	for (enum counts_order order = 0; order < COUNTS_ORDERS; order++)
		text_format(table, "%s %s %.0f%%", order ? "," : ": when freed", words[order],
			    100.0 * (double)sums->orders[order] / (double)ends);
	text_add_string(table, "\n");
}

static void show_allocations(const struct record *record, struct text *table) {
	uint64_t all[COUNTS_CLASSES];
	if (!record->allocated)
		return;
	record_blocks(record, all);
	text_format(table, "%-10s %14s %16s  bytes a block: share of the blocks\n", "heap", "blocks", "bytes");
	text_format(table, "%-10s %14" PRIu64 " %16" PRIu64, "allocated", record->allocated,
		    record->sums.allocated_bytes);
	record_show_sizes(all, 1, record->allocated, table);
	text_format(table, "\n%-10s %14" PRIu64 "\n", "freed", record->freed);
	record_show_orders(record, table);
}

void record_show_missing(const struct record *record, struct text *table) {
	const struct {
		uint64_t count;
		const char *one, *many, *what;
	} missing[] = {
		{record->damaged, "process", "processes", "without counts: " RECORD_ROOM},
		{record->not_seen, "child", "children", "could not be recorded"},
		{record->overflown, "thread", "threads",
		 "more than are counted one by one, or than there was room for: some counts are too little"},
		{record->running, "process", "processes", "went on when the program had ended: counted up to then"},
	};
	for (size_t i = 0; i < sizeof(missing) / sizeof(missing[0]); i++)
		if (missing[i].count) {
			add_count(missing[i].count, missing[i].one, missing[i].many, table);
			text_format(table, " %s\n", missing[i].what);
		}
}

void record_show_run(const struct record *record, struct text *table) {
	text_format(table, "%s: ", record->program);
	if (record->status < 0)
		text_format(table, "ended by signal %d", -record->status);
	else
		text_format(table, "status %d", record->status);
	text_format(table, "; %.3f s, CPU %.3f s and %.3f s in the system; %" PRIu64 " page faults; %.1f MiB; ",
		    (double)record->wall_ns / (double)NS_PER_SECOND, (double)record->user_ns / (double)NS_PER_SECOND,
		    (double)record->system_ns / (double)NS_PER_SECOND, record->minor_faults + record->major_faults,
		    (double)record->peak_bytes / (1 << 20));
	add_count(record->processes, "process", "processes", table);
	text_add_string(table, ", ");
	add_count(record->threads, "thread", "threads", table);
	text_add_string(table, "\n");
}

void record_show(const struct record *record, struct text *table) {
	record_show_run(record, table);
	show_calls(record, table);
	show_allocations(record, table);
	record_show_missing(record, table);
}
