/* SPDX-License-Identifier: Apache-2.0
 *
 * The local APIC: the one-shot watchdog, and the mask of everything else. The task priority is just below the timer's
 * class, so no I/O APIC and no message interrupt reaches the processor: what firmware or devices leave pending stays
 * pending, and nothing of theirs has to be changed. Only NMI, and the 8259s (masked in cpu.c), go past it; LINT0 and
 * LINT1 are masked, too.
 *
 * Counts in TSC ticks where the APIC has TSC-deadline mode, else in its own, whose ratio to the TSC is measured once.
 * Source: Intel SDM volume 3A, 10.5 (timer), 10.8.3 (priorities), 10.12 (x2APIC).
 */
#include "kernel/clock.h"
#include "kernel/memory/device.h"
#include "kernel/x86_64/apic_icr.h"
#include "kernel/x86_64/instructions.h"
#include "kernel/x86_64/registers.h"
#include "kernel/x86_64/x86_64.h"
#include "lib/units.h"

#include <stddef.h>

/* Register offsets of the memory-mapped form. */
enum apic_register {
	APIC_ID = 0x20,
	APIC_VERSION = 0x30,
	APIC_TPR = 0x80,
	APIC_EOI = 0xb0,
	APIC_SVR = 0xf0,
	APIC_LVT_CMCI = 0x2f0,
	APIC_ICR_LOW = 0x300,
	APIC_ICR_HIGH = 0x310,
	APIC_LVT_TIMER = 0x320,
	APIC_LVT_THERMAL = 0x330,
	APIC_LVT_PERFORMANCE = 0x340,
	APIC_LVT_LINT0 = 0x350,
	APIC_LVT_LINT1 = 0x360,
	APIC_LVT_ERROR = 0x370,
	APIC_INITIAL_COUNT = 0x380,
	APIC_CURRENT_COUNT = 0x390,
	APIC_DIVIDE = 0x3e0,
};

enum {
	CPUID_1_ECX_X2APIC = 1u << 21,
	CPUID_1_ECX_TSC_DEADLINE = 1u << 24,
	SVR_ENABLE = 1u << 8,
	ICR_PENDING = 1u << 12,
	LVT_MASKED = 1u << 16,
	LVT_TSC_DEADLINE = 2u << 17,
	DIVIDE_BY_128 = 0xa,
	TASK_PRIORITY = VECTOR_TIMER - 0x10,
};

static const uint64_t APIC_BASE_ADDRESS = UINT64_C(0x000ffffffffff000);

/* Of the TSC: a few milliseconds, in which the ratio is seen to better than the watchdog needs. */
static const uint64_t RATIO_TICKS_MIN = UINT64_C(10000000);

static bool x2apic;
static bool deadline;
static uint64_t mmio;
static uint64_t ratio_counts; /* counts of the APIC's timer in so many ticks */
static uint64_t ratio_ticks;
static bool started;            /* before it the APIC is the firmware's alone */
static bool settled;            /* the ratio is measured, or not needed */
static uint64_t deadline_ticks; /* of the armed deadline; 0: not armed */

/* The firmware's registers, in the order in which they go back: the vector table while all is masked, the timer's
 * count before its mode's interrupt, the priority last. */
static const enum apic_register kept[] = {
	APIC_DIVIDE,   APIC_LVT_ERROR, APIC_LVT_LINT0,     APIC_LVT_LINT1, APIC_LVT_THERMAL, APIC_LVT_PERFORMANCE,
	APIC_LVT_CMCI, APIC_LVT_TIMER, APIC_INITIAL_COUNT, APIC_SVR,       APIC_TPR,
};
enum { KEPT_COUNT = sizeof(kept) / sizeof(kept[0]) };
static uint32_t firmware_kept[KEPT_COUNT];
static uint64_t firmware_base;
static uint64_t firmware_deadline;
static uint64_t left_ticks; /* of our watchdog while the firmware has the machine */
static uint32_t left_counts;

static uint32_t apic_read(enum apic_register offset) {
	return x2apic ? (uint32_t)msr_read(MSR_IA32_X2APIC + offset / 16) : mmio_read32(mmio + offset);
}

static void apic_write(enum apic_register offset, uint32_t value) {
	if (x2apic)
		msr_write(MSR_IA32_X2APIC + offset / 16, value);
	else
		mmio_write32(mmio + offset, value);
}

/* Not every APIC has every entry. */
static bool has_register(enum apic_register offset) {
	unsigned lvt_last = apic_read(APIC_VERSION) >> 16 & 0xff;
	return !(offset == APIC_LVT_PERFORMANCE && lvt_last < 4) && !(offset == APIC_LVT_THERMAL && lvt_last < 5) &&
	       !(offset == APIC_LVT_CMCI && lvt_last < 6);
}

static void mode_choose(bool takeover) {
	uint64_t base = msr_read(MSR_IA32_APIC_BASE);
	uint32_t features = cpu_leaves()->version.ecx;
	deadline = features & CPUID_1_ECX_TSC_DEADLINE;
	/* There is no way back from x2APIC but a reset of the APIC: under handback it stays as it was. */
	x2apic = base & APIC_BASE_EXTD || (takeover && features & CPUID_1_ECX_X2APIC);
	uint64_t wanted = base | APIC_BASE_ENABLE | (x2apic ? APIC_BASE_EXTD : 0);
	if (wanted != base)
		msr_write(MSR_IA32_APIC_BASE, wanted);
	mmio = base & APIC_BASE_ADDRESS;
	if (!x2apic)
		device_map((paddr_t){mmio}, PAGE_BYTES, PAGE_READ | PAGE_WRITE | PAGE_DEVICE);
}

static void sources_mask(void) {
	apic_write(APIC_SVR, SVR_ENABLE | VECTOR_SPURIOUS);
	apic_write(APIC_TPR, TASK_PRIORITY);
	apic_write(APIC_LVT_TIMER, LVT_MASKED | VECTOR_TIMER);
	apic_write(APIC_LVT_LINT0, LVT_MASKED);
	apic_write(APIC_LVT_LINT1, LVT_MASKED);
	apic_write(APIC_LVT_ERROR, LVT_MASKED);
	static const enum apic_register others[] = {APIC_LVT_PERFORMANCE, APIC_LVT_THERMAL, APIC_LVT_CMCI};
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (has_register(others[i]))
			apic_write(others[i], LVT_MASKED);
	}
}

/* The timer's own entry, last of what is set up. */
static void timer_open(void) {
	if (!deadline)
		apic_write(APIC_DIVIDE, DIVIDE_BY_128);
	apic_write(APIC_LVT_TIMER, VECTOR_TIMER | (deadline ? LVT_TSC_DEADLINE : 0));
	/* In the memory-mapped form the mode must have arrived before the deadline's MSR is written: a read of the
	 * device waits. */
	(void)apic_read(APIC_LVT_TIMER);
}

/* Counts beside the rest of the start. */
static void ratio_begin(void) {
	apic_write(APIC_DIVIDE, DIVIDE_BY_128);
	apic_write(APIC_INITIAL_COUNT, UINT32_MAX);
	ratio_ticks = tsc_read();
	ratio_counts = apic_read(APIC_CURRENT_COUNT);
}

bool arch_timer_settle(void) {
	settled = true;
	if (deadline)
		return true;
	while (tsc_read() - ratio_ticks < RATIO_TICKS_MIN)
		;
	ratio_counts -= apic_read(APIC_CURRENT_COUNT);
	ratio_ticks = tsc_read() - ratio_ticks;
	apic_write(APIC_INITIAL_COUNT, 0);
	timer_open();
	return ratio_counts != 0;
}

void timer_start(bool takeover) {
	started = true;
	mode_choose(takeover);
	sources_mask();
	if (deadline)
		timer_open();
	else
		ratio_begin();
}

void timer_core_start(void) {
	mode_choose(true);
	sources_mask();
	timer_open();
}

void arch_timer_arm(uint64_t ticks) {
	if (deadline) {
		deadline_ticks = ticks != 0 ? tsc_read() + ticks : 0;
		msr_write(MSR_IA32_TSC_DEADLINE, deadline_ticks);
		return;
	}
	uint64_t counts = clock_scale(ticks, ratio_counts, ratio_ticks);
	if (ticks != 0 && counts == 0)
		counts = 1;
	apic_write(APIC_INITIAL_COUNT, counts > UINT32_MAX ? UINT32_MAX : (uint32_t)counts);
}

void timer_acknowledge(void) {
	apic_write(APIC_EOI, 0);
}

/* ---- other cores ------------------------------------------------------------------------------------------------- */

uint32_t timer_apic_id(void) {
	uint32_t value = apic_read(APIC_ID);
	return x2apic ? value : value >> 24;
}

bool timer_apic_command(uint32_t id, uint32_t command) {
	enum { LOOKS_MAX = 100000 };
	uint32_t high;
	if (x2apic) {
		/* Unlike a device's register, the MSR waits for nothing that was stored before it. */
		__asm__ volatile("mfence; lfence" : : : "memory");
		msr_write(MSR_IA32_X2APIC + APIC_ICR_LOW / 16, apic_icr_msr(id, command));
		return true;
	}
	if (!apic_icr_high(id, &high))
		return false;
	apic_write(APIC_ICR_HIGH, high);
	apic_write(APIC_ICR_LOW, command);
	for (unsigned i = 0; i < LOOKS_MAX; i++) {
		if (!(apic_read(APIC_ICR_LOW) & ICR_PENDING))
			return true;
	}
	return false;
}

/* ---- handback ---------------------------------------------------------------------------------------------------- */

static bool present(void) {
	return cpu_leaves()->version.edx & CPUID_1_EDX_APIC;
}

void timer_firmware_save(void) {
	if (!present())
		return;
	firmware_base = msr_read(MSR_IA32_APIC_BASE);
	x2apic = firmware_base & APIC_BASE_EXTD;
	mmio = firmware_base & APIC_BASE_ADDRESS;
	if (!(firmware_base & APIC_BASE_ENABLE))
		return;
	for (unsigned i = 0; i < KEPT_COUNT; i++)
		firmware_kept[i] = has_register(kept[i]) ? apic_read(kept[i]) : 0;
	if (cpu_leaves()->version.ecx & CPUID_1_ECX_TSC_DEADLINE)
		firmware_deadline = msr_read(MSR_IA32_TSC_DEADLINE);
}

void timer_leave(void) {
	if (!started)
		return;
	uint64_t now = tsc_read();
	left_ticks = deadline_ticks == 0 ? 0 : deadline_ticks > now ? deadline_ticks - now : 1;
	left_counts = deadline ? 0 : apic_read(APIC_CURRENT_COUNT);
	arch_timer_arm(0);
	if (firmware_base & APIC_BASE_ENABLE) {
		for (unsigned i = 0; i < KEPT_COUNT; i++) {
			if (has_register(kept[i]))
				apic_write(kept[i], firmware_kept[i]);
		}
		if (firmware_deadline != 0)
			msr_write(MSR_IA32_TSC_DEADLINE, firmware_deadline);
	}
	msr_write(MSR_IA32_APIC_BASE, firmware_base);
}

void timer_take_up(void) {
	if (!started)
		return;
	mode_choose(false);
	sources_mask();
	if (!deadline && !settled) { /* what was begun is lost */
		ratio_begin();
		return;
	}
	apic_write(APIC_INITIAL_COUNT, 0);
	timer_open();
	if (deadline)
		arch_timer_arm(left_ticks);
	else
		apic_write(APIC_INITIAL_COUNT, left_counts);
}
