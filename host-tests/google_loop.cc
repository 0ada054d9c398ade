// SPDX-License-Identifier: Apache-2.0
//
// The loop of reference/adds/3 as a user of Google Benchmark writes it; `make repeatability` runs it beside ours.
#include <benchmark/benchmark.h>

#include <cstdint>

static void three_adds(benchmark::State &state) {
	std::uint64_t value = 0;
	for (auto _ : state) {
		value++;
		__asm__ volatile("" : "+r"(value));
		value++;
		__asm__ volatile("" : "+r"(value));
		value++;
		__asm__ volatile("" : "+r"(value));
	}
	benchmark::DoNotOptimize(value);
}
BENCHMARK(three_adds);
BENCHMARK_MAIN();
