/* SPDX-License-Identifier: Apache-2.0
 *
 * Dumps of CPUID, whatever is in them: a line of complaint, or a machine whose parts belong together, shown in every
 * form.
 */
#include "bench/machine/show.h"
#include "caps/dump/dump.h"
#include "fuzz/fuzz.h"
#include "hosted/export/export_hwloc.h"

#include <stdlib.h>
#include <string.h>

static void check(const struct caps_machine *machine) {
	need(machine->cpu_count && machine->kind_count);
	for (size_t i = 0; i < machine->cpu_count; i++) {
		const struct caps_cpu *cpu = &machine->cpus[i];
		need(i == 0 || machine->cpus[i - 1].number < cpu->number);
		need(cpu->kind < machine->kind_count && cpu->thread < machine->cpu_count);
		need(cpu->package < machine->packages.value && cpu->die < machine->dies.value);
		need(cpu->cluster < machine->clusters.value && cpu->core < machine->cores.value);
	}
	for (size_t i = 0; i < machine->tlb_count; i++)
		need(machine->tlbs[i].kind < machine->kind_count && machine->tlbs[i].entries);
}

static void show(struct facts *facts) {
	struct text text = {0};
	machine_show_table(facts, &text);
	machine_show_json(facts, &text);
	export_hwloc(facts, &text);
	need(!text.failed && memchr(text.bytes, '\0', text.length) == NULL);
	text_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
	struct facts facts = {0};
	struct text complaint = {0};
	char line[200] = "";
	size_t room = caps_dump_bytes(length);
	struct caps_arena arena = {.memory = facts_keep_room(&facts, room), .bytes = room};
	int error = caps_dump_read((const char *)bytes, length, &arena, &facts.raw, line, sizeof(line));
	need(error == 0 || (error == CAPS_EINVAL && line[0]));
	if (error == 0) {
		need(facts_describe(&facts, &complaint) == 0);
		check(facts.machine);
		show(&facts);
	}
	text_free(&complaint);
	facts_free(&facts);
	return 0;
}
