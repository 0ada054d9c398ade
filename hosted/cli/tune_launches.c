/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/cli/tune_launches.h"

#include "hosted/cli/output.h"
#include "platform.h"

#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The words of a launch: tune measure-rounds FILE BYTES FIRST END SEED THOROUGH IN_CACHES. */
enum { WORD_NAME = 1, WORD_FILE, WORD_BYTES, WORD_FIRST, WORD_END, WORD_SEED, WORD_THOROUGH, WORD_IN_CACHES, WORDS };

enum { WORD_BYTES_MAX = 24, POLL_NS = 20 * 1000 * 1000 };

static const char name[] = "measure-rounds";

/* Not closed on exec: launches inherit it. */
static float *memory(void *self, size_t bytes) {
	struct tune_launches *launches = self;
	launches->file = memfd_create("anechoic-tune", 0);
	if (launches->file < 0 || ftruncate(launches->file, (off_t)bytes) != 0)
		return NULL;
	void *mapped = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, launches->file, 0);
	if (mapped == MAP_FAILED)
		return NULL;
	launches->memory = mapped;
	launches->bytes = bytes;
	return mapped;
}

static int wait_for(const struct tune_launches *launches, pid_t pid) {
	const struct timespec pause = {.tv_nsec = POLL_NS};
	pid_t ended;
	int status;
	while ((ended = waitpid(pid, &status, WNOHANG)) == 0) {
		nanosleep(&pause, NULL);
		platform_checkpoint(launches->timeout_ns);
		if (platform_interrupted() != 0)
			kill(pid, SIGTERM);
	}
	return ended == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

static int launch(void *self, const struct tune_plan *plan, uint32_t first, uint32_t end) {
	extern char **environ;
	const struct tune_launches *launches = self;
	char self_path[] = "/proc/self/exe", command[] = "tune", number[WORDS][WORD_BYTES_MAX];
	char *words[WORDS + 2] = {self_path, command};
	const uint64_t values[WORDS] = {
		[WORD_FILE] = (uint64_t)launches->file,
		[WORD_BYTES] = launches->bytes,
		[WORD_FIRST] = first,
		[WORD_END] = end,
		[WORD_SEED] = plan->seed,
		[WORD_THOROUGH] = plan->thorough,
		[WORD_IN_CACHES] = plan->in_caches,
	};
	for (int i = WORD_NAME; i < WORDS; i++) {
		if (i == WORD_NAME)
			strcpy(number[i], name);
		else
			snprintf(number[i], sizeof(number[i]), "%" PRIu64, values[i]);
		words[i + 1] = number[i];
	}
	pid_t pid;
	if (posix_spawn(&pid, self_path, NULL, NULL, words, environ) != 0)
		return -1;
	return wait_for(launches, pid);
}

void tune_launches_open(struct tune_launches *launches, uint64_t timeout_ns) {
	*launches = (struct tune_launches){.file = -1, .timeout_ns = timeout_ns};
	launches->launcher = (struct tune_launcher){.self = launches, .memory = memory, .launch = launch};
}

void tune_launches_close(struct tune_launches *launches) {
	if (launches->memory != NULL)
		(void)munmap(launches->memory, launches->bytes);
	if (launches->file >= 0)
		(void)close(launches->file);
}

bool tune_launches_are_words(int argc, char **argv) {
	return argc == WORDS && strcmp(argv[WORD_NAME], name) == 0;
}

int tune_launches_measure(char **argv, struct tune_request *request) {
	struct text complaint = {0};
	/* Nobody would read what is measured for a programme that was killed. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	size_t bytes = (size_t)strtoull(argv[WORD_BYTES], NULL, 10);
	void *mapped = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, atoi(argv[WORD_FILE]), 0);
	if (mapped == MAP_FAILED)
		return 2;
	request->seed = strtoull(argv[WORD_SEED], NULL, 10);
	request->thorough = strcmp(argv[WORD_THOROUGH], "1") == 0;
	request->in_caches = strcmp(argv[WORD_IN_CACHES], "1") == 0;
	uint32_t first = (uint32_t)strtoul(argv[WORD_FIRST], NULL, 10),
		 end = (uint32_t)strtoul(argv[WORD_END], NULL, 10);
	int status = tune_make_rounds(request, mapped, bytes, first, end, &complaint);
	(void)munmap(mapped, bytes);
	(void)output_complain(&complaint);
	return status;
}
