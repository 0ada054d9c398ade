/* SPDX-License-Identifier: Apache-2.0
 *
 * The rooms of a run's benchmarks, each judged by the best that the probe showed in any of them, and the run's own.
 */
#pragma once

#include "bench/collect.h"
#include "bench/room/room.h"

struct rooms {
	double best;     /* least ratio_low of all, visits to random placements too; 0: there is none */
	uint64_t chains; /* whose ratio it is */
	struct room_tally tally;
	uint64_t elapsed_ns;
	bool counted[ROOM_COUNTS]; /* over the whole run, as DONE says */
	uint64_t counts[ROOM_COUNTS];
	enum room_word word;
};

/* Of what was collected so far. */
void rooms_of(const struct collector *collector, struct rooms *rooms);

/* Those of a benchmark's visits to random placements, which are no part of `rooms`' own tally. */
void rooms_of_visits(const struct rooms *rooms, const struct collected *benchmark, struct room_tally *tally);

/* Member `room` of the results' context; nothing where no benchmark says anything of it. */
void rooms_write(const struct rooms *rooms, struct text *text);

/* That member of several launches: word and tally alone. */
void rooms_write_words(const struct room_tally *tally, enum room_word word, struct text *text);

/* The table's line; likewise. */
void rooms_show(const struct rooms *rooms, struct text *text);

/* Behind `before`, how many there are of each word, as "14 quiet, 2 loud"; false: nothing, as none has one. */
bool rooms_show_tally(const struct room_tally *tally, const char *before, struct text *text);

/* That line's begin, the word and how many benchmarks have which; false: nothing, as none has one. */
bool rooms_show_words(const struct room_tally *tally, enum room_word word, struct text *text);
