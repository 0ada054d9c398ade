/* SPDX-License-Identifier: Apache-2.0
 *
 * The TSC, what the machine states of its frequency, and the counters beside it: the ACPI PM timer, else the PIT, else
 * the HPET. Sources: lib/cpuid.h; KVM's documentation, "msr" (pvclock); ACPI 6.4, 4.8.3.3; Intel 8254 data sheet; IA-PC
 * HPET specification 1.0a, 2.3.
 */
#include "kernel/clock.h"
#include "kernel/acpi.h"
#include "kernel/machine.h"
#include "kernel/memory/device.h"
#include "kernel/x86_64/instructions.h"
#include "kernel/x86_64/registers.h"
#include "kernel/x86_64/x86_64.h"
#include "lib/units.h"

#include <stddef.h>

enum { CPUID_80000007_EDX_INVARIANT_TSC = 1u << 8 };

uint64_t arch_ticks(void) {
	return tsc_read();
}

void kvmclock_read(struct kvmclock *clock) {
	static volatile struct kvmclock page __attribute__((aligned(64)));
	msr_write(MSR_KVM_SYSTEM_TIME_NEW, (uint64_t)(uintptr_t)&page | 1);
	clock->system_time = page.system_time;
	clock->tsc_to_system_mul = page.tsc_to_system_mul;
	clock->tsc_shift = page.tsc_shift;
	msr_write(MSR_KVM_SYSTEM_TIME_NEW, 0);
}

/* What the host multiplies our TSC with. */
static uint64_t kvmclock_hz(void) {
	struct kvmclock clock;
	kvmclock_read(&clock);
	if (clock.tsc_to_system_mul == 0)
		return 0;
	uint64_t hz = (NS_PER_SECOND << 32) / clock.tsc_to_system_mul;
	return clock.tsc_shift >= 0 ? hz >> clock.tsc_shift : hz << -clock.tsc_shift;
}

uint64_t arch_clock_stated_hz(const char **name, const char **counter, bool *invariant) {
	const struct cpuid_leaves *leaves = cpu_leaves();
	*counter = "TSC";
	*invariant = leaves->power.edx & CPUID_80000007_EDX_INVARIANT_TSC;
	*name = "CPUID 0x16";
	uint64_t hz = cpuid_tsc_hz(leaves, kvmclock_hz, name);
	return hz != 0 ? hz : cpuid_nominal_hz(leaves);
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

static void pit_leave(void) {
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
	    fadt.pm_timer.space != ACPI_SPACE_IO || fadt.pm_timer.address > UINT16_MAX)
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

/* The low half of the main counter: one read, where two halves could be of two moments. */
enum {
	HPET_PERIOD = 0x4, /* its upper half: femtoseconds a count */
	HPET_CONFIGURATION = 0x10,
	HPET_CONFIGURATION_ENABLE = 1u << 0,
	HPET_COUNTER = 0xf0,
	HPET_BYTES = 0x400,
};
static const uint32_t HPET_PERIOD_MAX = 100000000;
static const uint64_t FEMTOSECONDS = UINT64_C(1000000000000000);

static uint64_t hpet_base;
static bool hpet_was_off; /* under handback it is put back so */

static uint64_t hpet_read(void) {
	return mmio_read32(hpet_base + HPET_COUNTER);
}

static bool hpet_find(struct arch_reference *reference) {
	struct acpi_gas at;
	if (!acpi_hpet_read(machine.info->acpi_rsdp, &at) || at.space != ACPI_SPACE_MEMORY)
		return false;
	hpet_base = at.address;
	device_map((paddr_t){hpet_base}, HPET_BYTES, PAGE_READ | PAGE_WRITE | PAGE_DEVICE);
	uint32_t period = mmio_read32(hpet_base + HPET_PERIOD);
	if (period == 0 || period > HPET_PERIOD_MAX)
		return false;
	uint32_t configuration = mmio_read32(hpet_base + HPET_CONFIGURATION);
	hpet_was_off = !(configuration & HPET_CONFIGURATION_ENABLE);
	if (hpet_was_off)
		mmio_write32(hpet_base + HPET_CONFIGURATION, configuration | HPET_CONFIGURATION_ENABLE);
	*reference = (struct arch_reference){"HPET", (FEMTOSECONDS + period / 2) / period, 32, hpet_read};
	return true;
}

static void hpet_leave(void) {
	if (hpet_was_off)
		mmio_write32(hpet_base + HPET_CONFIGURATION,
			     mmio_read32(hpet_base + HPET_CONFIGURATION) & ~(uint32_t)HPET_CONFIGURATION_ENABLE);
}

bool arch_clock_reference(unsigned index, void (*begin)(unsigned kind), struct arch_reference *reference) {
	static struct clock_candidates candidates = {.find = {pm_timer_find, pit_find, hpet_find}};
	/* Those before the one that the key names are passed over as if they had been tried. */
	if (candidates.tried < machine.escapes.value[ESCAPE_TIMER])
		candidates.tried = machine.escapes.value[ESCAPE_TIMER];
	return clock_reference_find(&candidates, index, begin, reference);
}

void clock_leave(void) {
	pit_leave();
	hpet_leave();
}
