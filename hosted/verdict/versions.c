/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/verdict/versions.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

/* The i-th launch of one side with the i-th of the other, where both have the benchmark; how many. */
static size_t pair_up(const struct launches *a, const struct launches *b, const char *name,
		      double figures[2][CHANGE_PAIRS_MAX]) {
	size_t pairs = 0;
	for (size_t i = 0; i < a->count && i < b->count; i++) {
		figures[0][pairs] = launches_figure(a, i, name);
		figures[1][pairs] = launches_figure(b, i, name);
		pairs += figures[0][pairs] > 0 && figures[1][pairs] > 0;
	}
	return pairs;
}

enum { LAUNCHES_LEAST = 3 };

/* Too few launches for pairs, and enough on either side to know how much they differ: as single ones are judged, by the
 * deviation within both sides. What their medians know more of is left out, as what drifted between two folders is not
 * in either. */
static void compare_few(const struct launches *a, const struct launches *b, struct judge_row *row) {
	size_t mine, theirs;
	double of_a = launches_deviation(a, row->name, &mine), of_b = launches_deviation(b, row->name, &theirs);
	if (mine < LAUNCHES_LEAST || theirs < LAUNCHES_LEAST)
		return;
	double freedom = (double)(mine + theirs - 2);
	double variance = ((double)(mine - 1) * of_a * of_a + (double)(theirs - 1) * of_b * of_b) / freedom;
	change_of_launches(row->a_ns, row->b_ns, sqrt(variance), mine + theirs - 1, &row->rules, &row->change);
}

/* Many launches on both sides are pairs. One launch on a side is as good as what is known of launches: from the other
 * side, where that has many, else from the file. */
static void compare_one(const struct judge *judge, const struct launches *a, const struct launches *b,
			struct judge_row *row) {
	double figures[2][CHANGE_PAIRS_MAX];
	if (a->count > 1 && b->count > 1) {
		row->launches = pair_up(a, b, row->name, figures);
		if (!change_of_pairs(figures[0], figures[1], row->launches, &row->rules, &row->change))
			change_of_launches(row->a_ns, row->b_ns, 0, 0, &row->rules, &row->change);
		if (!row->change.bounded)
			compare_few(a, b, row);
		return;
	}
	const struct launches *many = a->count > 1 ? a : b;
	size_t known;
	double deviation = many->count > 1 ? launches_deviation(many, row->name, &known)
					   : judge_deviation(judge, &a->all[0], row->name, &known);
	row->launches = 1;
	change_of_launches(row->a_ns, row->b_ns, deviation, known, &row->rules, &row->change);
}

/* true: it is added. */
static bool add_gap(const struct launches *a, const struct launches *b, const char *name,
		    struct versions_found *found) {
	struct gap_outcome mine = launches_outcome(a, name), theirs = launches_outcome(b, name);
	struct gap *gap = &found->gaps[found->gap_count];
	gap->name = name;
	gap->against = b->name;
	bool is_gap = gap_find(&mine, &theirs, gap);
	found->gap_count += is_gap;
	return is_gap;
}

static void add_room(const struct launches *launches, struct judge_row *row) {
	for (size_t i = 0; i < launches->count; i++)
		row_room_add(&row->room, results_find(&launches->all[i], row->name));
	row->room.apart |= launches_apart(launches, row->name);
}

static void add_row(const struct judge *judge, const struct launches *a, const struct launches *b, const char *name,
		    struct versions_found *found) {
	double mine = launches_median(a, name), theirs = launches_median(b, name);
	if (!(mine > 0) || !(theirs > 0))
		return;
	struct judge_row *row = &found->rows[found->count++];
	*row = (struct judge_row){
		.name = name,
		.against = b->name,
		.a_ns = mine,
		.b_ns = theirs,
		.rules = judge_rules(judge, name),
		.room.least = judge->room,
	};
	add_room(a, row);
	add_room(b, row);
	row_room_settle(&row->room);
	compare_one(judge, a, b, row);
}

void versions_compare(const struct judge *judge, const struct launches *a, const struct launches *b,
		      struct versions_found *found) {
	const struct results *first = &a->all[0], *other = &b->all[0];
	for (size_t i = 0; i < first->count; i++)
		if (!add_gap(a, b, first->benchmarks[i].name, found))
			add_row(judge, a, b, first->benchmarks[i].name, found);
	for (size_t i = 0; i < other->count; i++)
		if (!results_find(first, other->benchmarks[i].name))
			add_gap(a, b, other->benchmarks[i].name, found);
}
