/* SPDX-License-Identifier: Apache-2.0
 *
 * `make tune-check`: what a profile chose, by another program. Its own loops, buffers, offsets, sizes and order; from
 * tune it takes the profile alone. Linux only.
 *
 *     tune-check PROFILE...   all of the first; with several, how far their choices agree
 *
 * A cell is an operation, a size from 16 bytes to 64 KiB and an alignment: at that size and one place, and once more
 * over the sizes up to the next cell's and all places, drawn anew in each round. A kernel works in steps, and no choice
 * by a few bands of sizes follows them: the one cell says what that costs at a size, the other whether the band's
 * method is the right one for the sizes around it.
 *
 * In each round every method is timed once, in random order; some rounds are of one launch of this programme, others of
 * another, because what a launch decides once is in all of its rounds. The rounds of even number say which method is
 * fastest, those of odd number what the chosen one takes of its time: with the same samples for both the fastest would
 * be the luckiest. The interval of the median ratio is that of signs. Exit status: 0 all bars met, 1 one is missed, 2
 * it could not be done.
 */
#include "bench/ticks.h"
#include "bench/tune/profile_read.h"
#include "hosted/results/files.h"
#include "peers/tune/cells.h"
#include "peers/tune/company.h"
#include "peers/tune/verdicts.h"

#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

enum { PROFILES_MAX = 32, CLOCK_TICKS = 10 * 1000 * 1000, SEED = 20261127 };

static bool launch(char *self, int file, unsigned number) {
	extern char **environ;
	char file_word[16], number_word[16], measure_word[] = "--measure";
	char *words[] = {self, measure_word, file_word, number_word, NULL};
	snprintf(file_word, sizeof(file_word), "%d", file);
	snprintf(number_word, sizeof(number_word), "%u", number);
	pid_t pid;
	int status;
	return posix_spawn(&pid, "/proc/self/exe", NULL, NULL, words, environ) == 0 &&
	       waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool measure_in_launches(char *self) {
	int file = memfd_create("tune-check", 0);
	bool good = file >= 0 && cells_map(file);
	for (unsigned number = 0; number < LAUNCHES && good; number++)
		good = launch(self, file, number);
	if (!good)
		fprintf(stderr, "tune-check: a launch failed\n");
	return good;
}

static bool read_profile(const char *name, struct profile_file *file) {
	struct text bytes = {0}, why = {0};
	bool good = files_read(name, FILES_BYTES_MOST, &bytes, &why) == 0;
	if (!good) {
		fprintf(stderr, "%.*s", (int)why.length, why.length != 0 ? why.bytes : "");
	} else if (!profile_read(bytes.bytes, bytes.length, features, file, &why)) {
		fprintf(stderr, "%s: %.*s\n", name, (int)why.length, why.length != 0 ? why.bytes : "");
		good = false;
	}
	text_free(&bytes);
	text_free(&why);
	return good;
}

static double measure_ns_a_tick(void) {
	struct timespec begin, end;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	uint64_t ticks = ticks_begin();
	do {
		clock_gettime(CLOCK_MONOTONIC, &end);
	} while (ticks_begin() - ticks < CLOCK_TICKS);
	double ns = (double)(end.tv_sec - begin.tv_sec) * 1e9 + (double)(end.tv_nsec - begin.tv_nsec);
	return ns / (double)(ticks_begin() - ticks);
}

static void stay_on_this_cpu(void) {
	cpu_set_t set;
	int cpu = sched_getcpu();
	CPU_ZERO(&set);
	CPU_SET(cpu >= 0 ? (unsigned)cpu : 0, &set);
	(void)sched_setaffinity(0, sizeof(set), &set);
}

static bool check(const struct profile_file *files, size_t count) {
	static const enum simd_operation in_company[] = {SIMD_OPERATION_COPY, SIMD_OPERATION_COMPARE,
							 SIMD_OPERATION_FILL, SIMD_OPERATION_CRC32C};
	double ns_a_tick = measure_ns_a_tick();
	bool good = verdicts_check(&files[0], ns_a_tick);
	for (size_t i = 0; i < sizeof(in_company) / sizeof(in_company[0]); i++)
		good &= company_check(&files[0], in_company[i]);
	good &= company_check_dispatch(&files[0], ns_a_tick);
	if (count > 1)
		good &= verdicts_check_agreement(files, count);
	return good;
}

/* As a launch: argv[2] is the samples' file, argv[3] its number. */
static int measure(char **argv) {
	unsigned number = (unsigned)atoi(argv[3]);
	if (!cells_map(atoi(argv[2])) || !cells_open(SEED + number))
		return 2;
	cells_measure(number * ROUNDS_A_LAUNCH);
	return 0;
}

int main(int argc, char **argv) {
	static struct profile_file files[PROFILES_MAX];
	size_t count = 0;
	features = simd_features_detect();
	stay_on_this_cpu();
	if (argc == 4 && strcmp(argv[1], "--measure") == 0)
		return measure(argv);
	if (argc < 2 || argc > PROFILES_MAX) {
		fprintf(stderr, "usage: tune-check PROFILE...\n");
		return 2;
	}
	for (; count + 1 < (size_t)argc; count++)
		if (!read_profile(argv[count + 1], &files[count]))
			return 2;
	if (!cells_open(SEED) || !measure_in_launches(argv[0]))
		return 2;
	return check(files, count) ? 0 : 1;
}
