/* SPDX-License-Identifier: Apache-2.0
 *
 * What a suite gives the runner: rows of a table; and what its rows may ask for. A suite is compiled once,
 * freestanding, and the same object is linked into the image and into the hosted program. A suite never prints.
 *
 * Two kinds of suites read this. Those of this tree (bench/suites/) may use platform.h, mem/, simd/ and the C library's
 * malloc and free besides. A suite from outside needs nothing but this header and consume.h, which it
 * includes: C11 or C++17, no other header of the tree, mem/ and simd/ where it wants them; it ends with BENCH_SUITE.
 *
 * Functions return and take plain values; pointers are the caller's unless said otherwise. From setup, check, run and
 * teardown only, on the first core; what runs on another core calls none of them but bench_relax.
 */
#pragma once

#include "bench/consume.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { BENCH_CORES_MAX = 64 };

struct simd_features; /* simd/features.h */
struct simd_kernels;  /* simd/simd.h */
struct tlb_geometry;  /* bench/tlb_geometry/geometry.h */

/* What a setup gets and fills. One exists at a time; zeroed before setup. */
struct bench_context {
	const struct simd_features *features; /* of this CPU */
	const struct simd_kernels *kernels;   /* selected for it */
	void *state;                          /* the suite's: handed to check, run and teardown */
	const char *reason;                   /* why setup could not: static text, or reason_text */
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

/* C++17 has designated initialisers as an extension of its compilers: in the order of the members. */
struct benchmark {
	const char *name; /* "copy/4KiB/256bit": group first, parts separated by '/'; from outside the suite's name is
	                   * put before it */
	/* What one iteration is, one line: "copy 4096 bytes, 32-byte loads and stores, both buffers in L1". */
	const char *iteration;
	enum bench_unit unit;
	uint64_t per_iteration; /* units an iteration */
	uint64_t memory_bytes;  /* that setup will ask for: more than there is means skipped, not failed */
	uint64_t parameter;     /* the suite's: a size, an index */
	/* A row, or with '/' and a size behind it rows, of the same run: "reference/stores", "mine/triad", from outside
	 * without the suite's name, too. This row's throughput cannot pass theirs over as many units or more; the
	 * report draws that. NULL: none. */
	const char *limit;
	/* Instead of that: what one iteration takes at the least, on paper, and who says so. 0, NULL: nobody. */
	double paper_ns;
	const char *paper_source;
	uint64_t quick_ns; /* most that --quick takes of it, warm-up included; 0: as long as of any other */
	bool headline;     /* runs without being asked for; the others only by a filter or --all */
	bool unchecked;    /* the programme says so of rows from outside: nobody knows whether `run` is right */
	/* From outside NULL: there is nothing to set up. */
	enum bench_setup_result (*setup)(const struct benchmark *benchmark, struct bench_context *context);
	/* The oracle, behind setup: NULL where `run` does what it should, else what is wrong, as static text. NULL in
	 * this tree, where setup looks itself; from outside such a row is marked unchecked. */
	const char *(*check)(const struct benchmark *benchmark, void *state);
	/* Loops inside itself: no call through a pointer in the timed loop. */
	void (*run)(void *state, uint64_t iterations);
	/* NULL: nothing to do. Where it sets context->reason, `run` went wrong, and the row fails. */
	void (*teardown)(const struct benchmark *benchmark, struct bench_context *context);
};

/* ---- a suite from outside ---------------------------------------------------------------------------------------- */

/* Changes with whatever above or below a compiled suite depends on, in one macro and one symbol: a suite that was
 * compiled for another number does not link, and is told so. */
#define BENCH_SUITE_ABI 2
extern const char anechoic_suite_abi_2;

struct bench_own_suite {
	const char *abi;
	const struct benchmark *rows;
	size_t count;
};

/* The one symbol of a suite that others see, as its name and a number of its link make of it. */
extern const struct bench_own_suite anechoic_suite;

/* At the end of one of the suite's files; `table` is its array of struct benchmark. */
#define BENCH_SUITE(table) \
	const struct bench_own_suite anechoic_suite = {&anechoic_suite_abi_2, (table), sizeof(table) / sizeof *(table)}

/* return bench_skip(context, "this machine has no ..."); `reason` is static text, or context->reason_text. */
static inline enum bench_setup_result bench_skip(struct bench_context *context, const char *reason) {
	context->reason = reason;
	return BENCH_SKIP;
}

static inline enum bench_setup_result bench_fail(struct bench_context *context, const char *reason) {
	context->reason = reason;
	return BENCH_FAIL;
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

#define BENCH_PAGE_4KIB UINT64_C(4096)
#define BENCH_PAGE_2MIB (UINT64_C(2) << 20)
#define BENCH_PAGE_1GIB (UINT64_C(1) << 30)

struct bench_memory {
	uint64_t bytes;
	uint64_t page_bytes; /* BENCH_PAGE_*; 0: 4 KiB */
	uint64_t alignment;  /* a power of two; 0: a page's, and under --layouts a little behind that */
	uint64_t offset;     /* bytes behind that alignment, below it; behind a page where that is 0 */
	bool contiguous;     /* physically; hosted nobody can promise that */
};

/* Zeroed and touched, given back by the runner behind teardown. From setup only. NULL: context->reason says why, and
 * setup answers BENCH_SKIP. Up to 32 a row. */
void *bench_map(struct bench_context *context, const struct bench_memory *wanted);

/* ---- another core ------------------------------------------------------------------------------------------------ */

enum bench_core {
	BENCH_CORE_ANY,
	BENCH_CORE_SIBLING,       /* a thread of the same core */
	BENCH_CORE_CLUSTER,       /* another core of the same cluster: both share a cache that others do not */
	BENCH_CORE_OTHER_CORE,    /* of the same package, and of no common cluster that is known */
	BENCH_CORE_OTHER_PACKAGE, /* another package */
};

/* Runs function(argument) on a core of that relation to the first which has nothing to run, on a stack of 64 KiB of its
 * own; the record names it. From setup only. BENCH_READY; BENCH_SKIP: there is none, and context->reason says so. What
 * still runs five seconds behind teardown is ended there, and the row fails for it. */
enum bench_setup_result bench_core_start(struct bench_context *context, enum bench_core which,
					 void (*function)(void *argument), void *argument);

/* Waits until all that was started has returned, five seconds at the most; what it wrote is seen then. false: something
 * runs still. */
bool bench_cores_join(struct bench_context *context);

/* In a loop that looks at memory until another core has written there: a core that shares its units with this one has
 * them meanwhile. */
void bench_relax(void);

#ifdef __cplusplus
}
#endif
