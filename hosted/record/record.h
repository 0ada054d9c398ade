/* SPDX-License-Identifier: Apache-2.0
 *
 * A record: what a program asked of memory, over all of its processes and threads, and what it took. Made of what the
 * preloaded library counted (preload/counts.h), kept as JSON (docs/formats.md, "A record").
 */
#pragma once

#include "bench/text.h"
#include "bench/tune/signature.h"
#include "preload/counts.h"

#include <stdbool.h>
#include <stdint.h>

enum { RECORD_PROGRAM_BYTES = 64, RECORD_PACES = 32 };

#define RECORD_OF_PROGRAM_SCHEMA "anechoic-record/1"

/* Why a process most likely has no counts. */
#define RECORD_ROOM                                                                                               \
	"a process' counts want 18 MiB of addresses (ulimit -v), as large a file (ulimit -f), and a folder that " \
	"is not full"
_Static_assert(sizeof(struct counts_file) > 17 << 20 && sizeof(struct counts_file) <= 18 << 20, "RECORD_ROOM");

struct record {
	struct tune_signature machine;
	char program[RECORD_PROGRAM_BYTES];   /* its file's name, without folders and arguments */
	int status;                           /* its exit status; -N: signal N ended it */
	uint64_t wall_ns, user_ns, system_ns; /* CPU time is that of all children that were waited for */
	uint64_t minor_faults, major_faults;
	uint64_t start_faults; /* of the minor ones, those before the processes' own code; 0: not known */
	uint64_t peak_bytes;   /* resident, of the largest process */
	uint64_t read_bytes;   /* by read(2) and its like, of all children that were waited for; 0: not known */
	uint64_t processes;    /* that were seen; one that calls exec counts anew */
	uint64_t threads;
	uint64_t running;          /* of the processes: when the record was made */
	uint64_t damaged;          /* files of processes that hold no counts, mostly as there was no room for them */
	uint64_t not_seen;         /* children that no file could be made for */
	uint64_t overflown;        /* threads beyond what a process has slots or room for: counts may be too little */
	uint64_t allocated, freed; /* blocks; those that realloc took and gave count, too */
	uint64_t freed_more; /* blocks that threads freed beyond what they allocated: so many at least are others' */
	struct counts_sums sums;
	/* What looks from outside found (hosted/record/glance.h): looks at processes that ran, the CPU time of these
	 * until then, and what of it went to the calls of each kind (COUNTS_IN_NOTHING: 0). */
	uint64_t glances, glanced_ns, in_ns[COUNTS_INS];
	/* Minor faults of these, by the CPU time from one to the next, which is the mean over the time between looks:
	 * class n is less than 2^n ns, and not less than half of it. */
	uint64_t fault_paces[RECORD_PACES];
};

const char *record_call_name(enum counts_call call);
const char *record_kind_name(enum counts_kind kind);
const char *record_order_name(enum counts_order order);

/* Of any size known or not. */
uint64_t record_calls(const struct record *record, enum counts_call call);

/* What a class has, of `width` counts each; blocks by the size asked for, however that was. */
uint64_t record_in_class(const uint64_t *counts, size_t width, uint32_t class);
uint64_t record_blocks_in_class(const struct record *record, uint32_t class);
void record_blocks(const struct record *record, uint64_t blocks[COUNTS_CLASSES]);

double record_cpu_ns(const struct record *record);

/* From one allocation of a process to its next, on the mean, by the clock that lifetimes are by: time that passed, or
 * CPU time, of which several processes have more. At least 1. */
double record_allocation_ns(const struct record *record);

/* What is read at a time of a slot, whose calls counted by the byte are much the most of it. */
struct record_room {
	struct counts_sums sums;
	uint64_t calls[COUNTS_SMALL_CALL][COUNTS_ALIGNMENTS];
	uint64_t allocations[COUNTS_KINDS][COUNTS_SMALL_BLOCK];
	uint64_t frees[COUNTS_SMALL_CHUNKS];
};

/* Adds what a process' file holds; -1, and what is no such file, counts as damaged. Sums stay at UINT64_MAX. Nothing is
 * in `room` before or after. */
void record_take_process(struct record *record, struct record_room *room, int file);

/* Adds `from` to `to`. */
void record_add(struct counts_sums *to, const struct counts_sums *from);

void record_write(const struct record *record, struct text *json);

/* Reads what record_write has written. false, with a line in `complaint` that names `name`. Pure. */
bool record_read(const char *bytes, size_t length, const char *name, struct record *record, struct text *complaint);

/* For people: the largest first. */
void record_show(const struct record *record, struct text *table);

/* Its parts, lines all but the sizes: the program's run; behind two blanks the five classes that most of `all` calls or
 * blocks, 1 at least, are of, of `width` counts each; in which order blocks were freed, nothing where none was;
 * and what was not counted. */
void record_show_run(const struct record *record, struct text *table);
void record_show_sizes(const uint64_t *counts, size_t width, uint64_t all, struct text *table);
void record_show_orders(const struct record *record, struct text *table);
void record_show_missing(const struct record *record, struct text *table);

/* The call that was made most of those that are not `taken`, which then it is; COUNTS_CALL_COUNT: there is none. */
enum counts_call record_next_call(const struct record *record, bool taken[COUNTS_CALL_COUNT]);
