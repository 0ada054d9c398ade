/* A class, and a template over sizes, in C++17. README.md says how to go on. */
#include "bench/benchmark.h"
namespace {
uint64_t *words, count, result;

struct mixer {
	uint64_t x = 1;
	void step() {
		x = (x ^ x >> 33) * UINT64_C(0xff51afd7ed558ccd);
	}
};
void run_mix(void *, uint64_t iterations) {
	mixer mix;
	for (; iterations != 0; iterations--)
		mix.step();
	bench_consume(result = mix.x);
}
template <uint64_t bytes> bench_setup_result set_up_sum(const benchmark *, bench_context *context) {
	const bench_memory wanted{bytes, BENCH_PAGE_4KIB, 0, 0, false};
	count = bytes / sizeof(*words);
	words = static_cast<uint64_t *>(bench_map(context, &wanted));
	for (uint64_t i = 0; words != nullptr && i < count; i++)
		words[i] = i;
	return words != nullptr ? BENCH_READY : BENCH_SKIP;
}
void run_sum(void *, uint64_t iterations) {
	for (; iterations != 0; iterations--) {
		uint64_t total = 0;
		for (uint64_t i = 0; i < count; i++)
			total += words[i];
		bench_consume(result = total);
	}
}
/* The oracle, behind setup: nullptr, or what is wrong, and the row fails with that word. */
const char *check(const benchmark *row, void *state) {
	const uint64_t wanted = row->run == run_mix ? UINT64_C(0xff51afd7ed558ccd) : count * (count - 1) / 2;
	row->run(state, 1);
	return result == wanted ? nullptr : "the result is wrong";
}
constexpr benchmark row(const char *name, const char *iteration, void (*run)(void *, uint64_t)) {
	benchmark made{}; /* what is not named here, see benchmark.h, is nothing */
	made.name = name, made.iteration = iteration, made.run = run, made.check = check;
	return made;
}
template <uint64_t bytes> constexpr benchmark sum(const char *name) {
	benchmark made = row(name, "sum of the words", run_sum);
	made.unit = BENCH_UNIT_BYTES, made.per_iteration = bytes, made.setup = set_up_sum<bytes>;
	return made;
}
constexpr benchmark rows[] = {row("mix", "multiply the one before", run_mix), sum<4 << 10>("sum/4KiB"),
			      sum<256 << 10>("sum/256KiB"), sum<16 << 20>("sum/16MiB")};
} // namespace
BENCH_SUITE(rows);
