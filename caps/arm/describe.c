/* SPDX-License-Identifier: Apache-2.0
 *
 * aarch64: what a processor's registers say of it, where its CPUs lie, and its caches. Its TLBs are told by nobody.
 */
#include "caps/arm/arm.h"

static bool nothing_known(const struct caps_build *build) {
	for (size_t i = 0; i < build->machine->cpu_count; i++)
		if (build->cpus[i]->known || build->cpus[i]->os_package >= 0)
			return false;
	return !build->raw->os_cache_count;
}

static void timer(const struct caps_build *build) {
	for (size_t i = 0; i < build->machine->cpu_count; i++)
		if (caps_arm_known(build->cpus[i], CAPS_CNTFRQ_EL0)) {
			build->machine->timer_hz = (struct caps_number){
				build->cpus[i]->registers[CAPS_CNTFRQ_EL0],
				caps_arm_from(CAPS_CNTFRQ_EL0, build->cpus[i]),
			};
			return;
		}
}

int caps_arm_describe(struct caps_build *build) {
	struct caps_arm arm = {.build = build};
	if (nothing_known(build))
		return CAPS_EINVAL;
	timer(build);
	if (!caps_arm_identify(&arm) || !caps_arm_places(&arm) || !caps_arm_kinds(&arm) || !caps_arm_caches(&arm))
		return CAPS_ENOMEM;
	return 0;
}
