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
	return topology_relation(&list->cores[list->home].place, &list->cores[cpu].place);
}

struct walk {
	unsigned rank, next, cpu;
};

/* The next CPU but the first core of the rank, or from the list's begin of a worse one; false: that was the last. */
static bool walk(const struct core_list *list, struct walk *at) {
	for (; at->rank < TOPOLOGY_RANKS; at->rank++, at->next = 0) {
		while (at->next < list->count) {
			at->cpu = at->next++;
			if (at->cpu != list->home && topology_rank(core_list_relation(list, at->cpu)) == at->rank)
				return true;
		}
	}
	return false;
}

unsigned core_list_nth(const struct core_list *list, unsigned number) {
	struct walk at = {0};
	for (unsigned i = 1; walk(list, &at); i++) {
		if (i == number)
			return at.cpu;
	}
	return CORE_NONE;
}

unsigned core_list_find(const struct core_list *list, enum topology_relation relation, unsigned index) {
	struct walk at = {0};
	for (unsigned i = 1; walk(list, &at); i++) {
		if (core_list_relation(list, at.cpu) == relation && index-- == 0)
			return i;
	}
	return 0;
}
