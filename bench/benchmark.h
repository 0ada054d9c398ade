/* SPDX-License-Identifier: Apache-2.0
 *
 * What a suite gives the runner: rows of a table. A suite (bench/suites/) is compiled once, freestanding, and the same
 * object is linked into the image and into the hosted program; it may use platform.h, mem/, simd/ and the C library's
 * malloc and free, no other libc. A suite never prints.
 */
#pragma once

#include "simd/simd.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BENCH_CORES_MAX = 64 };

struct tlb_geometry; /* bench/tlb_geometry/geometry.h */

/* What a setup gets and fills. One exists at a time; zeroed before setup. */
struct bench_context {
	simd_features features;             /* of this CPU */
	const struct simd_kernels *kernels; /* selected for it */
	void *state;                        /* the suite's: handed to run and teardown */
	const char *reason;                 /* why setup could not: static text, or reason_text */
	char reason_text[96];
	/* Other cores that it runs on, as platform_core_start has them: its record names them. */
	unsigned cores[BENCH_CORES_MAX];
	unsigned core_count;
	/* What setup found of the TLBs, for the record; the suite's, until its next setup. NULL: it was not asked. */
	const struct tlb_geometry *tlb_geometry;
	bool injected_broken; /* setup is to spoil its work, and so to answer BENCH_FAIL: host-tests/test_suites.c */
};

enum bench_setup_result {
	BENCH_READY = 0,
	BENCH_SKIP = 1, /* this machine cannot: context->reason says why */
	BENCH_FAIL = 2, /* it should have: context->reason says what went wrong, a wrong result included */
};

enum bench_unit {
	BENCH_UNIT_NONE = 0,
	BENCH_UNIT_BYTES,    /* throughput in bytes */
	BENCH_UNIT_ELEMENTS, /* operations, objects, lanes */
};

/* Reference benchmarks (bench/suites/reference.c) that bound others. */
enum bench_limit {
	BENCH_LIMIT_NONE = 0,
	BENCH_LIMIT_STORES, /* "reference/stores" */
};

struct benchmark {
	const char *name; /* "copy/4KiB/256bit": group first, parts separated by '/' */
	/* What one iteration is, one line: "copy 4096 bytes, 32-byte loads and stores, both buffers in L1". */
	const char *iteration;
	enum bench_unit unit;
	uint64_t per_iteration; /* units an iteration */
	uint64_t memory_bytes;  /* that setup will ask for: more than there is means skipped, not failed */
	uint64_t parameter;     /* the suite's: a size, an index */
	enum bench_limit limit; /* whose throughput, over as many units or more, this one cannot pass */
	uint64_t quick_ns;      /* most that --quick takes of it, warm-up included; 0: as long as of any other */
	bool headline;          /* runs without being asked for; the others only by a filter or --all */
	enum bench_setup_result (*setup)(const struct benchmark *benchmark, struct bench_context *context);
	/* Loops inside itself: no call through a pointer in the timed loop. */
	void (*run)(void *state, uint64_t iterations);
	/* NULL: nothing to do. Where it sets context->reason, `run` went wrong, and the row fails. */
	void (*teardown)(const struct benchmark *benchmark, struct bench_context *context);
};

/* A row that is made when it is asked for, with what its strings are. Not to be moved. */
struct bench_row {
	struct benchmark benchmark;
	char name[64];
	char iteration[128];
};

/* A suite; the order of the table in suites.c is the order of the run. */
struct bench_suite {
	const char *name;                   /* rows of machine/... run where they are asked for by name alone */
	const struct benchmark *benchmarks; /* NULL: `make` makes them */
	/* Writes row `index`, whole. For families of hundreds, whose table nobody shall carry who does not run them. */
	void (*make)(size_t index, struct bench_row *row);
	size_t count;
	size_t (*count_made)(void); /* instead of `count` where that hangs on the machine; NULL: it does not */
};
