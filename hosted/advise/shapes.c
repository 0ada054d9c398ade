/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/advise/shapes.h"

#include <math.h>

/* How many blocks live beside one that lives for so long are as many as are allocated meanwhile (J. Little: "A Proof
 * for the Queuing Formula L = lambda W", Operations Research 9 (1961)). */
struct shapes_alive shapes_alive_of(const struct record *record) {
	struct shapes_alive alive = {.each_ns = record_allocation_ns(record)};
	for (size_t i = 0; i < COUNTS_LIFETIMES; i++) {
		double count = (double)record->sums.lifetimes[i];
		alive.at_once[i] = ldexp(0.75, (int)i) / alive.each_ns;
		alive.all += count;
		alive.few += alive.at_once[i] <= SHAPES_FEW_ALIVE ? count : 0;
	}
	return alive;
}

/* Of those that are not few. Between COSTS_SOME_BLOCKS and COSTS_MANY_BLOCKS a block is in part one of each, by the
 * logarithm, as caches are. */
static double share_of_many(const struct record *record, const struct shapes_alive *alive) {
	double many = 0;
	for (size_t i = 0; i < COUNTS_LIFETIMES; i++) {
		double way = log(alive->at_once[i] / COSTS_SOME_BLOCKS);
		way /= log((double)COSTS_MANY_BLOCKS / COSTS_SOME_BLOCKS);
		many += (double)record->sums.lifetimes[i] * fmin(fmax(way, 0), 1);
	}
	return alive->all > alive->few ? many / (alive->all - alive->few) : 0;
}

static double of(double part, double whole) {
	return whole > 0 ? fmin(part / whole, 1) : 0;
}

struct shapes shapes_of(const struct record *record) {
	struct shapes shapes = {{0}};
	const struct shapes_alive alive = shapes_alive_of(record);
	const uint64_t *orders = record->sums.orders;
	double stack = (double)orders[COUNTS_STACK], queue = (double)orders[COUNTS_QUEUE];
	double between = (double)orders[COUNTS_BETWEEN], other = (double)orders[COUNTS_ELSEWHERE];
	double here = stack + queue + between, freed = of((double)record->freed, (double)record->allocated);
	double elsewhere = fmax(of((double)record->freed_more, (double)record->freed),
				of(other, here + (double)orders[COUNTS_ALONE] + other));
	double own = freed * (1 - elsewhere), few = alive.all > 0 ? alive.few / alive.all : 0.5;
	double others = own * (1 - few), many = share_of_many(record, &alive);
	shapes.share[COSTS_KEPT] = 1 - freed;
	shapes.share[COSTS_ELSEWHERE] = freed * elsewhere;
	shapes.share[COSTS_FEW] = own * few;
	shapes.share[COSTS_STACK] = others * (here > 0 ? of(stack, here) : 1);
	shapes.share[COSTS_QUEUE] = others * of(queue, here);
	shapes.share[COSTS_RANDOM] = others * of(between, here) * (1 - many);
	shapes.share[COSTS_MANY] = others * of(between, here) * many;
	return shapes;
}
