/* A function, a sum over sizes, a counter that another core has, too. README.md says how to go on. */
#include "bench/benchmark.h"
static uint64_t *words, count, result;

static void run_mix(void *state, uint64_t iterations) {
	uint64_t x = 1;
	for (; iterations != 0; iterations--)
		x = (x ^ x >> 33) * UINT64_C(0xff51afd7ed558ccd);
	bench_consume(result = x);
}

static enum bench_setup_result set_up_sum(const struct benchmark *row, struct bench_context *context) {
	count = row->parameter / sizeof(*words);
	words = bench_map(context, &(struct bench_memory){.bytes = row->parameter});
	for (uint64_t i = 0; words != NULL && i < count; i++)
		words[i] = i;
	return words != NULL ? BENCH_READY : BENCH_SKIP;
}
static void run_sum(void *state, uint64_t iterations) {
	for (; iterations != 0; iterations--) {
		uint64_t total = 0;
		for (uint64_t i = 0; i < count; i++)
			total += words[i];
		bench_consume(result = total);
	}
}
/* The oracle, behind setup: NULL, or what is wrong, and the row fails with that word. */
static const char *check(const struct benchmark *row, void *state) {
	uint64_t wanted = row->run == run_mix ? UINT64_C(0xff51afd7ed558ccd) : count * (count - 1) / 2;
	row->run(state, 1);
	return result == wanted ? NULL : "the result is wrong";
}
static int64_t shared; /* negative: over */
static void count_there(void *argument) {
	while (__atomic_fetch_add(&shared, 1, __ATOMIC_RELAXED) >= 0)
		;
}
static enum bench_setup_result set_up_shared(const struct benchmark *row, struct bench_context *context) {
	shared = 0;
	return bench_core_start(context, BENCH_CORE_ANY, count_there, NULL);
}
static void run_shared(void *state, uint64_t iterations) {
	for (; iterations != 0; iterations--)
		__atomic_fetch_add(&shared, 1, __ATOMIC_RELAXED);
}
static void tear_down_shared(const struct benchmark *row, struct bench_context *context) {
	__atomic_store_n(&shared, INT64_MIN, __ATOMIC_RELAXED);
	context->reason = bench_cores_join(context) ? NULL : "the other core does not end";
}
#define SUM(bytes) .per_iteration = (bytes), .parameter = (bytes), .setup = set_up_sum, .check = check, .run = run_sum
#define SHARED     .setup = set_up_shared, .run = run_shared, .teardown = tear_down_shared
static const struct benchmark rows[] = {
	{.name = "mix", .iteration = "multiply the one before", .check = check, .run = run_mix},
	{.name = "sum/4KiB", .iteration = "sum of 4 KiB", .unit = BENCH_UNIT_BYTES, SUM(4 << 10)},
	{.name = "sum/256KiB", .iteration = "sum of 256 KiB", .unit = BENCH_UNIT_BYTES, SUM(256 << 10)},
	{.name = "sum/16MiB", .iteration = "sum of 16 MiB", .unit = BENCH_UNIT_BYTES, SUM(16 << 20)},
	{.name = "shared", .iteration = "add where another core adds", SHARED},
};
BENCH_SUITE(rows);
