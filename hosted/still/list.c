/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/still/list.h"

#include "lib/number_list.h"

struct search {
	unsigned cpu;
	bool found;
};

static void compare(void *argument, unsigned number) {
	struct search *search = argument;
	search->found |= number == search->cpu;
}

bool still_list_has(const char *list, unsigned cpu) {
	struct search search = {.cpu = cpu};
	number_list_read(list, compare, &search);
	return search.found;
}
