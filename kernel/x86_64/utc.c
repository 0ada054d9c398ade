/* SPDX-License-Identifier: Apache-2.0
 *
 * The date without firmware: KVM's wall clock at the machine's start and the time since, else the real-time clock.
 * Source: KVM's documentation, "msr" (MSR_KVM_WALL_CLOCK_NEW, MSR_KVM_SYSTEM_TIME_NEW).
 */
#include "kernel/arch.h"
#include "kernel/x86_64/instructions.h"
#include "kernel/x86_64/registers.h"
#include "kernel/x86_64/x86_64.h"
#include "lib/rtc.h"
#include "lib/units.h"

/* As the machine started, and the time since; KVM writes the former once. */
static uint64_t kvmclock_seconds(void) {
	static volatile struct { uint32_t version, seconds, nanoseconds; } wall __attribute__((aligned(64)));
	struct kvmclock clock;
	msr_write(MSR_KVM_WALL_CLOCK_NEW, (uint64_t)(uintptr_t)&wall);
	kvmclock_read(&clock);
	return wall.seconds == 0 ? 0 : wall.seconds + clock.system_time / NS_PER_SECOND;
}

bool arch_utc(uint64_t *seconds, const char **source) {
	*source = "kvmclock";
	*seconds = cpuid_has_kvmclock(cpu_leaves()) ? civil_believed(kvmclock_seconds()) : 0;
	if (*seconds)
		return true;
	*source = "RTC, taken for UTC";
	return rtc_read(&arch_port_io, seconds);
}
