/* SPDX-License-Identifier: Apache-2.0 */
#include "peers/launch.h"

#include "bench/rng.h"
#include "peers/pin.h"
#include "peers/steps.h"
#include "peers/suites/copy_grid.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WINDOWS_AROUND = 9 };

struct request {
	struct peer_plan plan;
	struct peer_choice choice;
	uint32_t wanted;
};

enum kind { BEGINS, RECORD, CELL };

struct message {
	uint32_t kind, row;
	union {
		struct peer_record record;
		struct grid_seen cell;
	} of;
};

static size_t bytes_of(enum kind kind) {
	return offsetof(struct message, of) + (kind == RECORD ? sizeof(struct peer_record)
					       : kind == CELL ? sizeof(struct grid_seen)
							      : 0);
}

/* ---- the process that is launched -------------------------------------------------------------------------------- */

static struct message out;

static void send(enum kind kind, uint32_t row) {
	out.kind = kind;
	out.row = row;
	if (fwrite(&out, bytes_of(kind), 1, stdout) != 1)
		exit(1);
}

static uint32_t grid_row;

static void send_cell(const struct grid_seen *seen) {
	out.of.cell = *seen;
	send(CELL, grid_row);
}

static void measure_row(uint32_t place, const struct peer_row *row, const struct peer_machine *machine,
			const struct peer_plan *plan) {
	static struct peer_chains chains;
	struct peer_contest contest = {0};
	struct peer_record *record = &out.of.record;
	struct peer_plan own = *plan;
	own.seed = rng_seed_of(plan->seed, row->name);
	*record = (struct peer_record){.row = place};
	chains.count = 0;
	peer_chains_sample(&chains, WINDOWS_AROUND);
	if (row->setup(row, machine, &contest))
		peer_measure(&contest, &own, &chains, record);
	else
		peer_words_copy(record->skipped, sizeof record->skipped,
				contest.skipped != NULL ? contest.skipped : "no reason given");
	if (row->teardown != NULL)
		row->teardown(row, &contest);
	peer_chains_sample(&chains, WINDOWS_AROUND);
	record->probe = peer_probe_of(&chains);
	send(RECORD, place);
}

static void take(void *to, size_t bytes) {
	if (bytes != 0 && fread(to, bytes, 1, stdin) != 1)
		exit(1);
}

int peer_launch_serve(void) {
	static struct peer_rows rows;
	static struct request request;
	struct simd_profile profile;
	struct simd_kernels kernels;
	take(&request, sizeof request);
	struct peer_machine machine = {.features = simd_features_detect(),
				       .kernels = &kernels,
				       .profile = &profile,
				       .variants = request.plan.variants,
				       .first = request.plan.first};
	peer_choice_profile(&request.choice, &profile);
	simd_select(machine.features, &profile, &kernels);
	peer_rows_list(&machine, &rows);
	peer_pin_to_last();
	for (; request.wanted != 0; request.wanted--) {
		uint32_t row[2]; /* its place, how many cells */
		take(row, sizeof row);
		uint32_t *cells = calloc(row[1] + 1, sizeof *cells);
		if (cells == NULL || row[0] >= rows.count)
			return 1;
		take(cells, row[1] * sizeof *cells);
		send(BEGINS, row[0]);
		fflush(stdout);
		grid_row = row[0];
		if (rows.listed[row[0]].row->grid)
			copy_grid(rows.listed[row[0]].row, &machine, &request.plan, cells, row[1], send_cell);
		else
			measure_row(row[0], rows.listed[row[0]].row, &machine, &request.plan);
		fflush(stdout);
		free(cells);
	}
	return 0;
}

/* ---- who launches ------------------------------------------------------------------------------------------------ */

static bool write_request(FILE *file, const struct peer_plan *plan, const struct peer_choice *choice,
			  const struct peer_wanted *wanted, size_t count) {
	const struct request request = {*plan, *choice, (uint32_t)count};
	bool written = fwrite(&request, sizeof request, 1, file) == 1;
	for (size_t i = 0; i < count; i++) {
		const uint32_t row[2] = {wanted[i].row, wanted[i].cells};
		written &= fwrite(row, sizeof row, 1, file) == 1;
		written &= fwrite(wanted[i].cell, sizeof *wanted[i].cell, row[1], file) == row[1];
	}
	return written && fflush(file) == 0 && fseek(file, 0, SEEK_SET) == 0;
}

static void listen(FILE *from, const struct peer_listener *listener) {
	static struct message in;
	while (fread(&in, bytes_of(BEGINS), 1, from) == 1) {
		size_t rest = bytes_of((enum kind)in.kind) - bytes_of(BEGINS);
		if (rest != 0 && fread(&in.of, rest, 1, from) != 1)
			return;
		if (in.kind == RECORD)
			listener->record(listener->context, &in.of.record);
		else if (in.kind == CELL)
			listener->cell(listener->context, in.row, &in.of.cell);
		else
			listener->begins(listener->context, in.row);
	}
}

static void become_launch(int request, int answer) {
	char *const arguments[] = {(char[]){"bench-peers"}, (char[]){PEER_LAUNCH_ARGUMENT}, NULL};
	if (dup2(request, STDIN_FILENO) < 0 || dup2(answer, STDOUT_FILENO) < 0)
		_exit(1);
	execv("/proc/self/exe", arguments);
	_exit(1);
}

bool peer_launch(const struct peer_plan *plan, const struct peer_choice *choice, const struct peer_wanted *wanted,
		 size_t count, const struct peer_listener *listener) {
	int memory = memfd_create("request", MFD_CLOEXEC), ends[2], status = -1;
	FILE *request = memory >= 0 ? fdopen(memory, "w+") : NULL;
	if (request == NULL || !write_request(request, plan, choice, wanted, count) || pipe(ends) != 0)
		return false;
	fflush(NULL);
	pid_t child = fork();
	if (child == 0) {
		close(ends[0]);
		become_launch(memory, ends[1]);
	}
	close(ends[1]);
	FILE *from = fdopen(ends[0], "r");
	if (from != NULL)
		listen(from, listener);
	fclose(from);
	fclose(request);
	return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
