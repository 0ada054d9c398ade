/* SPDX-License-Identifier: Apache-2.0
 *
 * The machine's CPUs: their numbers, and which is the better one to take.
 */
#include "kernel/core_list.h"

#include <criterion/criterion.h>

static struct core_list list;

static void add(uint64_t id, uint64_t core, uint64_t cluster, uint64_t package) {
	unsigned before = list.count;
	core_list_add(&list, id);
	if (list.count != before)
		list.cores[before].place = (struct topology_place){true, core, cluster, package};
}

/* Entered on id 6; the MADT names it in its turn, and two ids twice. */
Test(core_list, numbers_are_linuxs) {
	const uint64_t madt[] = {0, 2, 4, 6, 0x100, 0x1ff, 2, 4};
	core_list_add(&list, 6);
	for (size_t i = 0; i < sizeof(madt) / sizeof(madt[0]); i++)
		core_list_add(&list, madt[i]);
	const uint64_t wanted[] = {6, 0, 2, 4, 0x100, 0x1ff};
	cr_assert_eq(list.count, sizeof(wanted) / sizeof(wanted[0]));
	for (unsigned cpu = 0; cpu < list.count; cpu++)
		cr_expect_eq(list.cores[cpu].id, wanted[cpu], "%u", cpu);
}

Test(core_list, ends_where_it_is_full) {
	for (uint64_t id = 0; id < CORE_LIST_MAX + 3; id++)
		core_list_add(&list, 3 * id);
	cr_expect_eq(list.count, CORE_LIST_MAX);
	cr_expect_eq(list.left_out, 3);
	cr_expect_eq(list.cores[CORE_LIST_MAX - 1].id, 3 * (CORE_LIST_MAX - 1));
}

Test(core_list, order_is_by_relation_then_by_number) {
	add(0, 0, 0, 0);
	add(1, 0, 0, 0);  /* sibling */
	add(16, 8, 4, 1); /* other package */
	add(2, 1, 0, 0);  /* same cluster */
	add(8, 4, 1, 0);  /* other cluster */
	add(3, 1, 0, 0);  /* same cluster */
	const unsigned wanted[] = {3, 4, 5, 2, 1};
	for (unsigned i = 0; i < 5; i++)
		cr_expect_eq(core_list_nth(&list, i + 1), wanted[i], "%u", i + 1);
	cr_expect_eq(core_list_nth(&list, 0), CORE_NONE);
	cr_expect_eq(core_list_nth(&list, 6), CORE_NONE);
	cr_expect_eq(core_list_find(&list, TOPOLOGY_SIBLING, 0), 5);
	cr_expect_eq(core_list_find(&list, TOPOLOGY_SIBLING, 1), 0);
	cr_expect_eq(core_list_find(&list, TOPOLOGY_CLUSTER, 0), 1);
	cr_expect_eq(core_list_find(&list, TOPOLOGY_CLUSTER, 1), 3);
	cr_expect_eq(core_list_find(&list, TOPOLOGY_OTHER_CORE, 0), 2);
	cr_expect_eq(core_list_find(&list, TOPOLOGY_OTHER_PACKAGE, 0), 4);
	list.home = 2; /* the programme went to the other package */
	cr_expect_eq(core_list_nth(&list, 1), 0);
	cr_expect_eq(core_list_nth(&list, 2), 1);
	cr_expect_eq(core_list_nth(&list, 5), 5);
	cr_expect_eq(core_list_find(&list, TOPOLOGY_OTHER_PACKAGE, 0), 1);
	cr_expect_eq(core_list_find(&list, TOPOLOGY_OTHER_CORE, 0), 0);
}
