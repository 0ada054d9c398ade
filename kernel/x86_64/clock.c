/* SPDX-License-Identifier: Apache-2.0
 *
 * The TSC, what the machine states of its frequency, and the counters beside it: the ACPI PM timer, else the PIT.
 * Sources: Intel SDM volume 3B, 18.7.3 (CPUID 15H, 16H); KVM's documentation, "cpuid" and "msr" (0x40000010,
 * pvclock); ACPI 6.4, 4.8.3.3; Intel 8254 data sheet.
 */
#include "kernel/clock.h"
#include "kernel/acpi.h"
#include "kernel/machine.h"
#include "kernel/x86_64/instructions.h"
#include "kernel/x86_64/registers.h"
#include "kernel/x86_64/trap.h"

#include <stddef.h>
#include <string.h>

enum { CPUID_80000007_EDX_INVARIANT_TSC = 1u << 8, KVM_FEATURE_CLOCKSOURCE2 = 1u << 3 };

uint64_t arch_ticks(void) {
	return tsc_read();
}

static bool kvm_leaves(uint32_t *last) {
	struct cpuid leaf = cpuid_read(0x40000000, 0);
	*last = leaf.eax;
	return memcmp(&leaf.ebx, "KVMK", 4) == 0;
}

/* What the host multiplies our TSC with. The page is asked for, read and taken back: nobody writes to memory of ours
 * after it. */
static uint64_t kvmclock_hz(void) {
	static volatile struct {
		uint32_t version, reserved0;
		uint64_t tsc_timestamp, system_time;
		uint32_t tsc_to_system_mul;
		int8_t tsc_shift;
		uint8_t flags, reserved1[2];
	} page __attribute__((aligned(64)));
	msr_write(MSR_KVM_SYSTEM_TIME_NEW, (uint64_t)(uintptr_t)&page | 1);
	uint64_t multiplier = page.tsc_to_system_mul;
	int shift = page.tsc_shift;
	msr_write(MSR_KVM_SYSTEM_TIME_NEW, 0);
	if (multiplier == 0)
		return 0;
	uint64_t hz = (UINT64_C(1000000000) << 32) / multiplier;
	return shift >= 0 ? hz >> shift : hz << -shift;
}

static bool hypervisor_present(void) {
	return cpuid_read(1, 0).ecx >> 31;
}

uint64_t arch_clock_stated_hz(const char **name, const char **counter, bool *invariant) {
	*counter = "TSC";
	*invariant = cpuid_read(0x80000000, 0).eax >= 0x80000007 &&
		     cpuid_read(0x80000007, 0).edx & CPUID_80000007_EDX_INVARIANT_TSC;
	uint32_t last = cpuid_read(0, 0).eax;
	if (last >= 0x15) {
		struct cpuid ratio = cpuid_read(0x15, 0); /* TSC = crystal (ECX) * EBX / EAX */
		*name = "CPUID 0x15";
		if (ratio.eax != 0 && ratio.ebx != 0 && ratio.ecx != 0)
			return clock_scale(ratio.ecx, ratio.ebx, ratio.eax);
	}
	uint32_t last_kvm;
	if (hypervisor_present() && kvm_leaves(&last_kvm)) {
		*name = "CPUID 0x40000010";
		uint32_t khz = last_kvm >= 0x40000010 ? cpuid_read(0x40000010, 0).eax : 0;
		if (khz != 0)
			return khz * UINT64_C(1000);
		*name = "kvmclock";
		uint64_t hz = cpuid_read(0x40000001, 0).eax & KVM_FEATURE_CLOCKSOURCE2 ? kvmclock_hz() : 0;
		if (hz != 0)
			return hz;
	}
	*name = "CPUID 0x16";
	return last >= 0x16 ? (cpuid_read(0x16, 0).eax & 0xffff) * UINT64_C(1000000) : 0;
}

/* ---- references -------------------------------------------------------------------------------------------------- */

static uint16_t pm_timer_port;

static uint64_t pm_timer_read(void) {
	return port_read32(pm_timer_port);
}

enum {
	PIT_DATA = 0x40,
	PIT_COMMAND = 0x43,
	PIT_RATE = 0x34,
	PIT_CHANNEL_SPEAKER = 2,
	PORT_B = 0x61,
	PORT_B_GATE_2 = 1u << 0,
	PORT_B_SPEAKER = 1u << 1,
	PORT_B_WRITABLE = 0xf,
};

static unsigned pit_channel;

/* The speaker's channel and port as the firmware had them. */
static struct {
	bool taken;
	uint8_t port_b;
	uint8_t control; /* access, mode and BCD, as a control word has them */
	uint8_t count[2];
} pit_firmware;

/* Latched, so that both halves are of one moment. Counts down; the negative counts up. */
static uint64_t pit_read(void) {
	port_write8(PIT_COMMAND, (uint8_t)(pit_channel << 6));
	uint32_t low = port_read8((uint16_t)(PIT_DATA + pit_channel));
	uint32_t high = port_read8((uint16_t)(PIT_DATA + pit_channel));
	return 0u - (high << 8 | low);
}

/* By the read-back command: status, then the count that it stands at, in the bytes that its access says. */
static void pit_firmware_save(void) {
	enum { READ_BACK_CHANNEL_2 = 0xc8, STATUS_CONTROL = 0x3f, ACCESS_BOTH = 0x30 };
	pit_firmware.port_b = port_read8(PORT_B) & PORT_B_WRITABLE;
	port_write8(PIT_COMMAND, READ_BACK_CHANNEL_2);
	uint8_t status = port_read8(PIT_DATA + PIT_CHANNEL_SPEAKER) & STATUS_CONTROL;
	for (unsigned i = 0; i < 2; i++)
		if (status & (0x10u << i))
			pit_firmware.count[i] = port_read8(PIT_DATA + PIT_CHANNEL_SPEAKER);
	/* Never programmed: without an access it would be a command to latch. */
	pit_firmware.control = (uint8_t)(status & ACCESS_BOTH ? status : status | ACCESS_BOTH);
	pit_firmware.taken = true;
}

void clock_leave(void) {
	if (!pit_firmware.taken)
		return;
	port_write8(PIT_COMMAND, (uint8_t)(PIT_CHANNEL_SPEAKER << 6 | pit_firmware.control));
	for (unsigned i = 0; i < 2; i++)
		if (pit_firmware.control & (0x10u << i))
			port_write8(PIT_DATA + PIT_CHANNEL_SPEAKER, pit_firmware.count[i]);
	port_write8(PORT_B, pit_firmware.port_b);
}

/* A channel at its full 65,536 counts: 0, whose interrupt stays masked, or under handback, where that may be the
 * firmware's tick, the speaker's, with the speaker off. Present where it moves. */
static bool pit_start(bool takeover) {
	enum { TRIES = 100 };
	pit_channel = takeover ? 0 : PIT_CHANNEL_SPEAKER;
	if (!takeover) {
		pit_firmware_save();
		port_write8(PORT_B, (uint8_t)((pit_firmware.port_b & ~PORT_B_SPEAKER) | PORT_B_GATE_2));
	}
	port_write8(PIT_COMMAND, (uint8_t)(PIT_RATE | pit_channel << 6));
	port_write8((uint16_t)(PIT_DATA + pit_channel), 0);
	port_write8((uint16_t)(PIT_DATA + pit_channel), 0);
	uint64_t first = pit_read();
	for (unsigned i = 0; i < TRIES; i++) {
		if (pit_read() != first)
			return true;
	}
	return false;
}

static bool pm_timer_find(struct arch_reference *reference) {
	struct acpi_fadt fadt;
	if (!acpi_fadt_read(machine.info->acpi_rsdp, &fadt) || fadt.pm_timer.address == 0 ||
	    fadt.pm_timer.space != ACPI_SPACE_IO)
		return false;
	pm_timer_port = (uint16_t)fadt.pm_timer.address;
	*reference = (struct arch_reference){"ACPI PM timer", 3579545, fadt.pm_timer_32bit ? 32 : 24, pm_timer_read};
	return true;
}

static bool pit_find(struct arch_reference *reference) {
	if (!pit_start(machine.info->hold == BOOT_HOLD_TAKEOVER))
		return false;
	*reference = (struct arch_reference){"PIT", 1193182, 16, pit_read};
	return true;
}

bool arch_clock_reference(unsigned index, struct arch_reference *reference) {
	struct arch_reference pm_timer;
	if (!pm_timer_find(&pm_timer))
		return index == 0 && pit_find(reference);
	if (index == 0)
		*reference = pm_timer;
	return index == 0 || (index == 1 && pit_find(reference));
}
