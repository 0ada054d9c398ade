/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/user/raw.h"

#include "lib/cpuid_walk.h"

static struct cpuid read_leaf(uint32_t leaf, uint32_t subleaf) {
	struct cpuid answer;
	__asm__ volatile("cpuid"
			 : "=a"(answer.eax), "=b"(answer.ebx), "=c"(answer.ecx), "=d"(answer.edx)
			 : "a"(leaf), "c"(subleaf));
	return answer;
}

static void keep(void *argument, uint32_t leaf, uint32_t subleaf, struct cpuid answer) {
	struct raw_core *core = argument;
	if (core->leaf_count < RAW_LEAVES_MAX)
		core->leaves[core->leaf_count++] =
			(struct raw_leaf){leaf, subleaf, {answer.eax, answer.ebx, answer.ecx, answer.edx}};
}

void raw_core_ask(struct raw_core *core) {
	cpuid_walk(read_leaf, keep, core);
}

void raw_core_tell(const struct raw_core *core, uint32_t cpu) {
	for (size_t i = 0; i < core->leaf_count; i++) {
		const struct platform_raw raw = {.kind = PLATFORM_RAW_LEAF,
						 .cpu = cpu,
						 .id = core->leaves[i].leaf,
						 .sub_id = core->leaves[i].subleaf,
						 .bytes = core->leaves[i].registers,
						 .length = sizeof(core->leaves[i].registers)};
		core->reader->take(core->reader->argument, &raw);
	}
}
