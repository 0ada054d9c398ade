/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/cpuid_walk.h"

enum {
	LEAVES_MAX = 0x40, /* of a range; the highest in use is 0x24, in the extended range 0x26 */
	CPUID_1_ECX_HYPERVISOR = 1u << 31,
};
#define RANGE_HYPERVISOR UINT32_C(0x40000000)
#define RANGE_EXTENDED   UINT32_C(0x80000000)

/* How a leaf's subleaves end. */
enum ends {
	ENDS_AT_TYPE_0,  /* EAX[4:0], a cache's type, is 0 */
	ENDS_AT_LEVEL_0, /* ECX[15:8], a level's type, is 0 */
	ENDS_BY_EAX,     /* EAX of subleaf 0 is the last */
	ENDS_BY_COUNT,   /* those below `count`, whatever they hold */
};

static const struct rule {
	uint32_t leaf;
	enum ends ends;
	uint32_t count; /* at the most */
} rules[] = {
	{0x4, ENDS_AT_TYPE_0, 16},      {0x7, ENDS_BY_EAX, 8},
	{0xb, ENDS_AT_LEVEL_0, 16},     {0xd, ENDS_BY_COUNT, 20},
	{0xf, ENDS_BY_COUNT, 2},        {0x10, ENDS_BY_COUNT, 4},
	{0x14, ENDS_BY_EAX, 4},         {0x18, ENDS_BY_EAX, 32},
	{0x1d, ENDS_BY_EAX, 4},         {0x1f, ENDS_AT_LEVEL_0, 16},
	{0x20, ENDS_BY_EAX, 2},         {0x23, ENDS_BY_COUNT, 6},
	{0x24, ENDS_BY_EAX, 2},         {0x8000001d, ENDS_AT_TYPE_0, 16},
	{0x80000020, ENDS_BY_COUNT, 6}, {0x80000026, ENDS_AT_LEVEL_0, 16},
};

struct walk {
	cpuid_reader *read;
	cpuid_taker *take;
	void *argument;
};

static bool is_last(const struct rule *rule, uint32_t subleaf, struct cpuid first, struct cpuid answer) {
	switch (rule->ends) {
	case ENDS_AT_TYPE_0:
		return (answer.eax & 0x1f) == 0;
	case ENDS_AT_LEVEL_0:
		return (answer.ecx >> 8 & 0xff) == 0;
	case ENDS_BY_EAX:
		return subleaf >= first.eax;
	case ENDS_BY_COUNT:
		break;
	}
	return false;
}

static void walk_leaf(const struct walk *walk, uint32_t leaf) {
	static const struct rule alone = {0, ENDS_BY_COUNT, 1};
	const struct rule *rule = &alone;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i].leaf == leaf)
			rule = &rules[i];
	struct cpuid first = {0};
	for (uint32_t subleaf = 0; subleaf < rule->count; subleaf++) {
		struct cpuid answer = walk->read(leaf, subleaf);
		if (subleaf == 0)
			first = answer;
		if (subleaf == 0 || (answer.eax | answer.ebx | answer.ecx | answer.edx) != 0)
			walk->take(walk->argument, leaf, subleaf, answer);
		if (is_last(rule, subleaf, first, answer))
			return;
	}
}

static void walk_range(const struct walk *walk, uint32_t base) {
	uint32_t last = walk->read(base, 0).eax;
	if (last < base || last - base >= RANGE_HYPERVISOR) /* no such range: some other leaf answered */
		last = base;
	if (last - base >= LEAVES_MAX)
		last = base + LEAVES_MAX - 1;
	for (uint32_t leaf = base; leaf <= last; leaf++)
		walk_leaf(walk, leaf);
}

void cpuid_walk(cpuid_reader *read, cpuid_taker *take, void *argument) {
	const struct walk walk = {read, take, argument};
	walk_range(&walk, 0);
	if (read(0, 0).eax >= 1 && read(1, 0).ecx & CPUID_1_ECX_HYPERVISOR)
		walk_range(&walk, RANGE_HYPERVISOR);
	walk_range(&walk, RANGE_EXTENDED);
}
