/* SPDX-License-Identifier: Apache-2.0
 *
 * A suite of this tree as one from outside: the same text, compiled and linked as a stranger's, for `make suite-bench`
 * to set beside itself. No other suite may include what it does.
 */
#include "bench/benchmark.h"
#include "platform.h"

/* With what bench_map adds it is as large as ours was, and so, where that was given back, most often the same memory:
 * which physical pages a row gets is worth more than the bar. Callers leave a page of what they ask for unused. */
static int map_as_suite(size_t bytes, size_t page_bytes, unsigned flags, void **memory) {
	static struct bench_context unread;
	(void)flags;
	const struct bench_memory wanted = {.bytes = bytes - BENCH_PAGE_4KIB, .page_bytes = page_bytes};
	*memory = bench_map(&unread, &wanted);
	return *memory != NULL ? 0 : PLATFORM_ENOMEM;
}

/* The runner gives it back. */
static int unmap_as_suite(void *memory, size_t bytes) {
	(void)memory, (void)bytes;
	return 0;
}

static const struct platform_info *describe_as_suite(void) {
	static const struct platform_info info = {.page_sizes = PLATFORM_PAGE_2MIB};
	return &info;
}

#define platform_memory_map   map_as_suite
#define platform_memory_unmap unmap_as_suite
#define platform_describe     describe_as_suite
#include "bench/suites/tlb.c"

BENCH_SUITE(rows);
