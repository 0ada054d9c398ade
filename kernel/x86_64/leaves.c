/* SPDX-License-Identifier: Apache-2.0
 *
 * What CPUID says. Everybody may ask: nothing but the instruction stands below.
 */
#include "kernel/x86_64/instructions.h"
#include "kernel/x86_64/x86_64.h"

/* Read when they are first asked for: under handback before anything else. */
static struct cpuid_leaves leaves;
static struct cpuid_choice choice;

struct cpuid cpu_leaf_read(uint32_t leaf, uint32_t subleaf) {
	return cpuid_read(leaf, subleaf);
}

static void read(void) {
	cpuid_leaves_read(&leaves, cpu_leaf_read);
	cpuid_choose(&leaves, &choice);
}

const struct cpuid_leaves *cpu_leaves(void) {
	if (leaves.extended.eax == 0)
		read();
	return &leaves;
}

struct cpuid_choice *cpu_choice(void) {
	if (leaves.extended.eax == 0)
		read();
	return &choice;
}
