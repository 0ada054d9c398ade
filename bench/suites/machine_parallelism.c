/* SPDX-License-Identifier: Apache-2.0
 *
 * How many misses a core has in flight: chains of loads that do not wait for one another, side by side.
 *
 *   machine/parallelism/SIZE/CHAINS
 *
 * Each chain goes round the same random cycle of one pointer a line (bench/suites/chase.h), from another place. With
 * every chain more, throughput grows until something is full, and stays there: that many are in flight. SIZE should lie
 * in the level that is asked for; `machine/latency` shows where levels end.
 */
#include "bench/consume.h"
#include "bench/suites.h"
#include "bench/suites/chase.h"
#include "bench/suites/mapping.h"
#include "bench/suites/row_text.h"
#include "lib/units.h"
#include "platform.h"

enum { CHAINS_MOST = 32 };

struct chains {
	void **at[CHAINS_MOST]; /* where each goes on */
	size_t mapped_bytes;
	void *memory;
};

/* ---- a loop for each number of chains ---------------------------------------------------------------------------- */

/* All of them in variables: in registers, or where there are too few on the stack, which no miss waits for. */
#define CHAINS_1(DO)  DO(0)
#define CHAINS_2(DO)  CHAINS_1(DO) DO(1)
#define CHAINS_3(DO)  CHAINS_2(DO) DO(2)
#define CHAINS_4(DO)  CHAINS_3(DO) DO(3)
#define CHAINS_5(DO)  CHAINS_4(DO) DO(4)
#define CHAINS_6(DO)  CHAINS_5(DO) DO(5)
#define CHAINS_7(DO)  CHAINS_6(DO) DO(6)
#define CHAINS_8(DO)  CHAINS_7(DO) DO(7)
#define CHAINS_9(DO)  CHAINS_8(DO) DO(8)
#define CHAINS_10(DO) CHAINS_9(DO) DO(9)
#define CHAINS_11(DO) CHAINS_10(DO) DO(10)
#define CHAINS_12(DO) CHAINS_11(DO) DO(11)
#define CHAINS_13(DO) CHAINS_12(DO) DO(12)
#define CHAINS_14(DO) CHAINS_13(DO) DO(13)
#define CHAINS_15(DO) CHAINS_14(DO) DO(14)
#define CHAINS_16(DO) CHAINS_15(DO) DO(15)
#define CHAINS_17(DO) CHAINS_16(DO) DO(16)
#define CHAINS_18(DO) CHAINS_17(DO) DO(17)
#define CHAINS_19(DO) CHAINS_18(DO) DO(18)
#define CHAINS_20(DO) CHAINS_19(DO) DO(19)
#define CHAINS_21(DO) CHAINS_20(DO) DO(20)
#define CHAINS_22(DO) CHAINS_21(DO) DO(21)
#define CHAINS_23(DO) CHAINS_22(DO) DO(22)
#define CHAINS_24(DO) CHAINS_23(DO) DO(23)
#define CHAINS_25(DO) CHAINS_24(DO) DO(24)
#define CHAINS_26(DO) CHAINS_25(DO) DO(25)
#define CHAINS_27(DO) CHAINS_26(DO) DO(26)
#define CHAINS_28(DO) CHAINS_27(DO) DO(27)
#define CHAINS_29(DO) CHAINS_28(DO) DO(28)
#define CHAINS_30(DO) CHAINS_29(DO) DO(29)
#define CHAINS_31(DO) CHAINS_30(DO) DO(30)
#define CHAINS_32(DO) CHAINS_31(DO) DO(31)

#define COUNTS_8(DO)  DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8)
#define COUNTS_16(DO) COUNTS_8(DO) DO(9) DO(10) DO(11) DO(12) DO(13) DO(14) DO(15) DO(16)
#define COUNTS_24(DO) COUNTS_16(DO) DO(17) DO(18) DO(19) DO(20) DO(21) DO(22) DO(23) DO(24)
#define COUNTS_32(DO) COUNTS_24(DO) DO(25) DO(26) DO(27) DO(28) DO(29) DO(30) DO(31) DO(32)

#define TAKE(i)       void **at_##i = chains->at[i];
#define FOLLOW(i)     at_##i = *at_##i;
#define KEEP(i)       chains->at[i] = at_##i;

#define RUN(count)                                                                                                 \
	static void run_##count(void *argument, uint64_t iterations) {                                             \
		struct chains *chains = argument;                                                                  \
		CHAINS_##count(TAKE) for (; iterations != 0; iterations--){CHAINS_##count(FOLLOW)} CHAINS_##count( \
			KEEP) bench_consume_memory(chains);                                                        \
	}
COUNTS_32(RUN)

#define NAMED(count) run_##count,
static void (*const runs[CHAINS_MOST])(void *, uint64_t) = {COUNTS_32(NAMED)};

/* ---- set-up ------------------------------------------------------------------------------------------------------ */

static void teardown(const struct benchmark *benchmark, struct bench_context *context) {
	struct chains *chains = context->state;
	(void)benchmark;
	if (chains != NULL)
		(void)platform_memory_unmap(chains->memory, chains->mapped_bytes);
	context->state = NULL;
}

static enum bench_setup_result setup(const struct benchmark *benchmark, struct bench_context *context) {
	static struct chains chains; /* one benchmark exists at a time */
	if (benchmark->memory_bytes > platform_describe()->memory_bytes / 2) {
		context->reason = "it is more than half of the memory";
		return BENCH_SKIP;
	}
	chains.memory = mapping_of(benchmark->memory_bytes, &chains.mapped_bytes);
	if (chains.memory == NULL) {
		context->reason = "no memory for the pointers";
		return BENCH_SKIP;
	}
	context->state = &chains;
	const struct chase_elements elements = {.memory = chains.memory,
						.bytes = CHASE_LINE_BYTES,
						.count = benchmark->memory_bytes / CHASE_LINE_BYTES};
	chase_make_cycle(&elements);
	/* Elements lie on the cycle at random, so those that are evenly spread in memory do, too. */
	for (uint64_t i = 0; i < CHAINS_MOST; i++)
		chains.at[i] = chase_element(&elements, i * elements.count / CHAINS_MOST);
	if (context->injected_broken)
		**(void ***)chains.at[0] = chains.at[0];
	if (chase_is_long_enough(chains.at[0], elements.count))
		return BENCH_READY;
	teardown(benchmark, context);
	context->reason = "the cycle closes before it has been everywhere";
	return BENCH_FAIL;
}

/* ---- the rows ---------------------------------------------------------------------------------------------------- */

static const uint64_t sizes[] = {16 << 10, 256 << 10, 4 << 20, UINT64_C(256) << 20};
enum { SIZE_COUNT = sizeof sizes / sizeof sizes[0] };

static void make(size_t index, struct bench_row *row) {
	unsigned count = (unsigned)(index % CHAINS_MOST) + 1;
	uint64_t bytes = sizes[index / CHAINS_MOST];
	struct row_text name = {row->name, sizeof row->name, 0};
	struct row_text iteration = {row->iteration, sizeof row->iteration, 0};
	row_word(&name, "machine/parallelism/");
	row_size(&name, bytes);
	row_word(&name, "/");
	row_number(&name, count);
	row_word(&iteration, "a load in each of ");
	row_number(&iteration, count);
	row_word(&iteration, " chains, one pointer a line of 64 bytes, random, over ");
	row_size(&iteration, bytes);
	row->benchmark = (struct benchmark){
		.name = row->name,
		.iteration = row->iteration,
		.unit = BENCH_UNIT_ELEMENTS,
		.per_iteration = count,
		.memory_bytes = bytes,
		.setup = setup,
		.run = runs[count - 1],
		.teardown = teardown,
	};
}

const struct bench_suite suite_machine_parallelism = {
	.name = "machine/parallelism",
	.count = (size_t)SIZE_COUNT * CHAINS_MOST,
	.make = make,
};
