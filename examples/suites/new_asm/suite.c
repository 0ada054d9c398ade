/* A loop in assembly, mix.S of each architecture, with an oracle in C. README.md says how to go on. */
#include "bench/benchmark.h"
void run_mix(void *state, uint64_t iterations);

static enum bench_setup_result set_up(const struct benchmark *row, struct bench_context *context) {
	static uint64_t result;
	context->state = &result;
	return BENCH_READY;
}
/* Behind setup: NULL, or what is wrong, and the row fails with that word. */
static const char *check(const struct benchmark *row, void *state) {
	const uint64_t *result = state;
	uint64_t wanted = 1;
	for (uint64_t iterations = 0; iterations < 10; iterations++) {
		row->run(state, iterations);
		if (*result != wanted)
			return "the result is wrong";
		wanted = (wanted ^ wanted >> 33) * UINT64_C(0xff51afd7ed558ccd);
	}
	return NULL;
}
static const struct benchmark rows[] = {
	{.name = "mix", .iteration = "multiply the one before", .setup = set_up, .check = check, .run = run_mix}};
BENCH_SUITE(rows);
