/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/machine/words.h"

const char *machine_cache_type(enum caps_cache_type type) {
	static const char *const names[] = {
		[CAPS_CACHE_DATA] = "data", [CAPS_CACHE_INSTRUCTION] = "instruction", [CAPS_CACHE_UNIFIED] = "unified"};
	return names[type];
}

void machine_add_bytes(struct text *text, uint64_t bytes) {
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
	size_t unit = 0;
	for (; bytes && bytes % 1024 == 0 && unit + 1 < sizeof(units) / sizeof(units[0]); unit++)
		bytes /= 1024;
	text_format(text, "%llu %s", (unsigned long long)bytes, units[unit]);
}

void machine_add_cpus(struct text *text, const struct caps_machine *machine, const struct caps_cpu_set *set) {
	const char *comma = "";
	for (size_t i = 0; i < machine->cpu_count; i++) {
		size_t last = i;
		if (!caps_set_has(set, i))
			continue;
		while (last + 1 < machine->cpu_count && caps_set_has(set, last + 1) &&
		       machine->cpus[last + 1].number == machine->cpus[last].number + 1)
			last++;
		text_format(text, last > i ? "%s%u-%u" : "%s%u", comma, machine->cpus[i].number,
			    machine->cpus[last].number);
		comma = ",";
		i = last;
	}
}
