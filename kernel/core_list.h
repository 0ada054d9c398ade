/* SPDX-License-Identifier: Apache-2.0
 *
 * The machine's logical CPUs, numbered as Linux numbers them: the one that the kernel was entered on is 0, the others
 * follow in the order of the MADT, those that are enabled, each id once (firmware names a core by type 0 and again by
 * type 9), without the ids that mean none. Filled while the firmware's tables can be read, by the architecture;
 * unchanging from then on but for `home`. Pure.
 *
 * Source: Linux, arch/x86/kernel/acpi/boot.c, arch/arm64/kernel/smp.c (acpi_parse_*).
 */
#pragma once

#include "lib/topology.h"

#include <stdbool.h>
#include <stdint.h>

enum { CORE_LIST_MAX = 512, CORE_NONE = CORE_LIST_MAX };

struct core_list {
	unsigned count;
	unsigned left_out; /* that there was no room for */
	unsigned home;     /* the CPU that the programme runs on, and the kernel with it: the first core */
	struct core_list_entry {
		uint64_t id; /* as the architecture addresses it: APIC id, MPIDR's affinity */
		struct topology_place place;
		bool in_pen; /* of boot_info (aarch64): nobody else starts it, or switches it off */
	} cores[CORE_LIST_MAX];
};
extern struct core_list core_list;

/* The first call names the CPU that the kernel runs on, each further one an entry of the MADT. */
void core_list_add(struct core_list *list, uint64_t id);

/* The other CPUs, from number 1 on in the order in which they are the better to take (topology_rank), equals by their
 * number in the list: that one's. CORE_NONE: there is none of that number. */
unsigned core_list_nth(const struct core_list *list, unsigned number);

/* The number, as core_list_nth has it, of the CPU that is `index` others of that relation behind the first; 0: none. */
unsigned core_list_find(const struct core_list *list, enum topology_relation relation, unsigned index);

/* To the first core. */
enum topology_relation core_list_relation(const struct core_list *list, unsigned cpu);
