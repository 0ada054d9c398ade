/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/core_list.h"

struct core_list core_list;

void core_list_add(struct core_list *list, uint64_t id) {
	for (unsigned i = 0; i < list->count; i++) {
		if (list->cores[i].id == id)
			return;
	}
	if (list->count < CORE_LIST_MAX)
		list->cores[list->count++].id = id;
	else
		list->left_out++;
}

enum topology_relation core_list_relation(const struct core_list *list, unsigned cpu) {
	return topology_relation(&list->cores[0].place, &list->cores[cpu].place);
}

/* The next CPU behind *cpu of *rank or, from the list's begin, of a worse one; false: that was the last. */
static bool next(const struct core_list *list, unsigned *rank, unsigned *cpu) {
	for (; *rank < TOPOLOGY_RANKS; (*rank)++, *cpu = 0) {
		while (++*cpu < list->count) {
			if (topology_rank(core_list_relation(list, *cpu)) == *rank)
				return true;
		}
	}
	return false;
}

unsigned core_list_nth(const struct core_list *list, unsigned number) {
	unsigned rank = 0, cpu = 0;
	for (unsigned at = 1; next(list, &rank, &cpu); at++) {
		if (at == number)
			return cpu;
	}
	return 0;
}

unsigned core_list_find(const struct core_list *list, enum topology_relation relation, unsigned index) {
	unsigned rank = 0, cpu = 0;
	for (unsigned at = 1; next(list, &rank, &cpu); at++) {
		if (core_list_relation(list, cpu) == relation && index-- == 0)
			return at;
	}
	return 0;
}
