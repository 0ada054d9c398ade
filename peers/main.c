/* SPDX-License-Identifier: Apache-2.0
 *
 * Options, the rows in their order, and the table. What is measured how is peers/peers.h's.
 */
#include "peers/peers.h"

#include "bench/rng.h"
#include "lib/units.h"

#include <dlfcn.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

bool peer_wanted(const struct peer_plan *plan, const char *name) {
	return plan->filter == NULL || strstr(name, plan->filter) != NULL;
}

void *peer_symbol(const char *library, const char *symbol, const char **absent) {
	void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
	if (handle == NULL) {
		*absent = "its library is not installed";
		return NULL;
	}
	void *address = dlsym(handle, symbol);
	*absent = address != NULL ? NULL : "its library lacks the function";
	return address;
}

void *peer_memory(size_t bytes) {
	size_t whole = bytes + LARGE_PAGE_BYTES;
	uint8_t *area = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (area == MAP_FAILED) {
		fprintf(stderr, "bench-peers: no memory for %zu bytes\n", bytes);
		exit(1);
	}
	size_t before = -(uintptr_t)area & (LARGE_PAGE_BYTES - 1);
	if (before != 0)
		munmap(area, before);
	area += before;
	size_t kept = (bytes + 4095) & ~(size_t)4095;
	if (whole - before > kept)
		munmap(area + kept, whole - before - kept);
	(void)madvise(area, kept, MADV_HUGEPAGE);
	memset(area, 1, kept);
	memset(area, 0, kept);
	return area;
}

void peer_memory_free(void *memory, size_t bytes) {
	munmap(memory, (bytes + 4095) & ~(size_t)4095);
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

static size_t index_of(const struct peer_contest *contest, const struct peer_result *result, const char *name) {
	bool any = strcmp(name, PEER_BEST) == 0;
	size_t found = contest->count;
	for (size_t i = 0; i < contest->count; i++) {
		const struct peer *peer = &contest->peers[i];
		if (peer->absent != NULL || (any ? peer->reference : strcmp(name, peer->name) != 0))
			continue;
		if (found == contest->count || result->peers[i].minimum_ns < result->peers[found].minimum_ns)
			found = i;
	}
	return found;
}

static bool is_void(const struct peer *peer, const struct peer_costs *costs, double cycles) {
	return peer->claims && peer_judge(&peer->claim, costs, cycles) != PEER_VALID;
}

/* "0.220 of at most 0.250 best peer: met; ". Against a reference that is not what it should be:
 * neither met nor missed. */
static void print_bar(const struct peer_row *row, const struct peer_contest *contest, const struct peer_result *result,
		      const struct peer_bar *bar) {
	double operations = row->operations != 0 ? (double)row->operations : 1;
	double ours_ns = result->ours.minimum_ns / operations, seen;
	bool against_void = false;
	if (strcmp(bar->against, PEER_NS) == 0) {
		seen = ours_ns;
	} else if (strcmp(bar->against, PEER_LIMIT) == 0) {
		if (result->limit.minimum_ns <= 0) {
			printf("no limit of this width; ");
			return;
		}
		seen = result->ours.minimum_ns / result->limit.minimum_ns;
	} else {
		size_t peer = index_of(contest, result, bar->against);
		if (peer == contest->count) {
			printf("%s is absent; ", bar->against);
			return;
		}
		seen = result->ratios[peer].minima;
		against_void = is_void(&contest->peers[peer], &result->costs,
				       result->peers[peer].minimum_ns / operations * result->core_ghz);
	}
	double ratio = bar->ratio * (contest->bar_scale > 0 ? contest->bar_scale : 1);
	const char *verdict = seen <= ratio ? "met" : "**missed**";
	printf("%.3f of at most %.3f %s: %s; ", seen, ratio, bar->against, against_void ? "**void**" : verdict);
}

void peer_print_validity(const struct peer *peer, const struct peer_costs *costs, double cycles) {
	const struct peer_claim *claim = &peer->claim;
	if (!peer->claims)
		return;
	struct peer_range range = peer_range_of(claim, costs);
	printf("%.1f of %.1f to %.1f cycles", cycles, range.least, range.most);
	if (claim->instructions > 0)
		printf(", %.1f of at most %.0f instructions", claim->instructions, claim->instructions_most);
	printf(": %s ", peer_validity_name(peer_judge(claim, costs, cycles)));
}

static void print_row(const struct peer_row *row, const struct peer_contest *contest,
		      const struct peer_result *result) {
	double operations = row->operations != 0 ? (double)row->operations : 1;
	printf("| %s | **ours** (%s) | %.3f | %.3f | ", row->name, contest->ours.name,
	       result->ours.minimum_ns / operations, result->ours.median_ns / operations);
	if (row->bytes != 0)
		printf("%.1f", (double)row->bytes * operations / (result->ours.minimum_ns * result->core_ghz));
	printf(" | | | ");
	for (const struct peer_bar *bar = row->bars; bar < row->bars + PEER_BARS_MAX && bar->against != NULL; bar++)
		print_bar(row, contest, result, bar);
	printf("|\n");
	for (size_t i = 0; i < contest->count; i++) {
		const struct peer_figure *peer = &result->peers[i];
		const struct peer_comparison *ratio = &result->ratios[i];
		if (contest->peers[i].absent != NULL) {
			printf("| | %s | skipped: %s | | | | | |\n", contest->peers[i].name, contest->peers[i].absent);
			continue;
		}
		printf("| | %s | %.3f | %.3f | ", contest->peers[i].name, peer->minimum_ns / operations,
		       peer->median_ns / operations);
		if (row->bytes != 0)
			printf("%.1f", (double)row->bytes * operations / (peer->minimum_ns * result->core_ghz));
		printf(" | %.3f | %.3f [%.3f, %.3f] | ", ratio->minima, ratio->median, ratio->lower, ratio->upper);
		peer_print_validity(&contest->peers[i], &result->costs,
				    peer->minimum_ns / operations * result->core_ghz);
		printf("|\n");
	}
	const struct peer_figure *limit = &result->limit;
	if (limit->minimum_ns > 0)
		printf("| | limit: %s | %.3f | %.3f | %.1f | %.3f | | |\n", contest->limit.name,
		       limit->minimum_ns / operations, limit->median_ns / operations,
		       (double)row->bytes * operations / (limit->minimum_ns * result->core_ghz),
		       result->ours.minimum_ns / limit->minimum_ns);
}

static void run_row(const struct peer_row *row, const struct peer_machine *machine, const struct peer_plan *plan) {
	struct peer_contest contest = {0};
	if (row->setup(row, machine, &contest)) {
		struct peer_plan own = *plan;
		struct peer_result result;
		own.seed = rng_seed_of(plan->seed, row->name);
		peer_measure(&contest, &own, &result);
		print_row(row, &contest, &result);
	} else {
		printf("| %s | skipped: %s | | | | | | |\n", row->name,
		       contest.skipped != NULL ? contest.skipped : "no reason given");
	}
	if (row->teardown != NULL)
		row->teardown(row, &contest);
	fflush(stdout);
}

static void run_suite(const struct peer_suite *suite, const struct peer_machine *machine,
		      const struct peer_plan *plan) {
	bool headed = false;
	for (size_t i = 0; i < suite->count; i++) {
		if (!peer_wanted(plan, suite->rows[i].name))
			continue;
		if (!headed)
			printf("\n## %s\n\n| row | who | ns, least | ns, median | B/cycle | ours/peer, least | "
			       "ours/peer, median of "
			       "pairs [95 %%] | bar |\n|---|---|---|---|---|---|---|---|\n",
			       suite->name);
		headed = true;
		run_row(&suite->rows[i], machine, plan);
	}
	if (suite->further != NULL)
		suite->further(machine, plan);
}

/* ---- options ----------------------------------------------------------------------------------------------------- */

static const struct peer_plan plan_usual = {.rounds = 101, .rounds_least = 9, .sample_ns = 20000, .row_ns = 1500000000};
static const struct peer_plan plan_quick = {
	.rounds = 31, .rounds_least = 5, .sample_ns = 10000, .row_ns = 200000000, .quick = true};

static int usage(FILE *file, int status) {
	fprintf(file, "usage: bench-peers [--quick] [--seed=N] [--list] [part of a row's name]\n");
	return status;
}

/* Interrupts of most devices are served by the first cores. */
static int pin_to_last(void) {
	cpu_set_t set;
	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return -1;
	for (int cpu = CPU_SETSIZE - 1; cpu >= 0; cpu--) {
		if (!CPU_ISSET((size_t)cpu, &set))
			continue;
		CPU_ZERO(&set);
		CPU_SET((size_t)cpu, &set);
		return sched_setaffinity(0, sizeof(set), &set) == 0 ? cpu : -1;
	}
	return -1;
}

static int list(const struct peer_plan *plan) {
	for (const struct peer_suite *const *suite = peer_suites; *suite != NULL; suite++)
		for (size_t i = 0; i < (*suite)->count; i++)
			if (peer_wanted(plan, (*suite)->rows[i].name))
				printf("%s\n", (*suite)->rows[i].name);
	return 0;
}

int main(int argc, char **argv) {
	struct peer_plan plan = plan_usual;
	uint64_t seed = (uint64_t)time(NULL);
	const char *filter = NULL;
	bool only_list = false;
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--quick") == 0)
			plan = plan_quick;
		else if (strcmp(argv[i], "--list") == 0)
			only_list = true;
		else if (strcmp(argv[i], "--help") == 0)
			return usage(stdout, 0);
		else if (strncmp(argv[i], "--seed=", 7) == 0)
			seed = strtoull(argv[i] + 7, NULL, 0);
		else if (argv[i][0] == '-' || filter != NULL)
			return usage(stderr, 2);
		else
			filter = argv[i];
	}
	plan.seed = seed;
	plan.filter = filter;
	if (only_list)
		return list(&plan);
	struct simd_kernels kernels;
	struct peer_machine machine = {simd_features_detect(), &kernels};
	simd_select(machine.features, NULL, &kernels);
	int cpu = pin_to_last();
	printf("core %d, %.3f GHz by a chain of dependent additions; seed %" PRIu64
	       "; %u rounds of samples of at least %.0f us\n",
	       cpu, peer_core_ghz(), seed, plan.rounds, (double)plan.sample_ns / 1000);
	for (const struct peer_suite *const *suite = peer_suites; *suite != NULL; suite++)
		run_suite(*suite, &machine, &plan);
	return 0;
}
