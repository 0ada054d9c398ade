/* SPDX-License-Identifier: Apache-2.0
 *
 * The command `tune` of both platforms: measures this machine, and says what came of it.
 */
#pragma once

#include "bench/text.h"
#include "bench/tune/tune.h"

struct tune_request {
	enum tune_for what_for;
	bool thorough;
	bool in_caches; /* nothing beyond the second-level cache: what a guest shares with nobody */
	uint64_t seed;
	uint64_t budget_ns; /* for everything; 0: 25 s, --thorough: 9 minutes */
	uint64_t timeout_ns;
	void (*progress)(const char *phase, double share); /* of the phase; NULL: none */
	const struct tune_launcher *launcher;              /* NULL: all in this process */
};

/* Measures all of it: sweep, choice, crossovers, company, price. Some seconds to minutes, under a guard: 0, or the
 * exit status, and why in `complaint`: 2 it could not, 4 a method failed, or that of interrupted.h. The caller frees
 * *tune in any case. */
int tune_make(const struct tune_request *request, struct tune **tune, struct text *complaint);

/* A launch's part of it, as tune_sweep_rounds: 0, or the exit status as above. */
int tune_make_rounds(const struct tune_request *request, float *samples, size_t bytes, uint32_t first, uint32_t end,
		     struct text *complaint);

/* For people: what each operation takes from what size on, with margins, and the price. Lines have at most
 * TUNE_TABLE_COLUMNS columns; 80, and fewer figures, where there are less than that. `columns` 0: nobody knows. */
enum { TUNE_TABLE_COLUMNS = 100 };
void tune_show_table(const struct tune *tune, enum tune_for what_for, size_t columns, struct text *text);

/* 0, or 3 where the room was too loud to choose on. */
int tune_status(const struct tune *tune);
