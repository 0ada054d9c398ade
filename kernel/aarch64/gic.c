/* SPDX-License-Identifier: Apache-2.0
 *
 * Interrupt controllers GICv2 and GICv3 (and 4, which is no different here), as far as silence asks for it: every
 * source is disabled at the distributor but the timer's private interrupt. What was enabled before is put back on
 * release. Pending interrupts stay pending; the firmware gets them then.
 *
 * Another core of ours has one source, the software-generated interrupt by which the first core ends what it runs.
 *
 * Deliberately not here: LPIs, extended ranges: nothing of ours turns them on, and what the firmware turned on for them
 * goes to the firmware.
 * Source: GICv2 (IHI 0048) chapter 4; GICv3 and GICv4 (IHI 0069) chapter 12.
 */
#include "kernel/aarch64/aarch64.h"
#include "kernel/aarch64/registers.h"
#include "kernel/acpi.h"
#include "kernel/core_list.h"
#include "kernel/memory/device.h"

enum {
	GICD_CTLR = 0x0000,
	GICD_CTLR_ENABLE_GRP0 = 1 << 0, /* seen from the non-secure side of two: group 1 */
	GICD_CTLR_ENABLE_GRP1 = 1 << 1, /* v3 */
	GICD_CTLR_ARE = 1 << 4,
	GICD_TYPER = 0x0004,
	GICD_TYPER_ITLINES_BITS = 5,
	GICD_IGROUPR = 0x0080,
	GICD_ISENABLER = 0x0100,
	GICD_ICENABLER = 0x0180,
	GICD_IPRIORITYR = 0x0400,
	GICD_ITARGETSR = 0x0800,
	GICD_SGIR = 0x0f00,
	GICD_SGIR_TARGET_SHIFT = 16,
	GICD_BYTES_V2 = 0x1000,
	GICD_BYTES_V3 = 0x10000,

	GICC_CTLR = 0x0000,
	GICC_CTLR_ENABLE = 1 << 0,
	GICC_PMR = 0x0004,
	GICC_IAR = 0x000c,
	GICC_EOIR = 0x0010,
	GICC_BYTES = 0x2000,

	GICR_CTLR = 0x0000,
	GICR_CTLR_RWP = 1 << 3,
	GICR_WAKER = 0x0014,
	GICR_WAKER_PROCESSOR_SLEEP = 1 << 1,
	GICR_WAKER_CHILDREN_ASLEEP = 1 << 2,
	GICR_TYPER = 0x0008,
	GICR_TYPER_VLPIS = 1 << 1,
	GICR_TYPER_LAST = 1 << 4,
	GICR_FRAME_BYTES = 0x10000,
	GICR_SGI = GICR_FRAME_BYTES, /* second frame: private interrupts, registers at the distributor's offsets */
	GICR_CORES_MAX = 4096,
	GICR_RANGES_MAX = 16,

	INTERRUPTS_A_REGISTER = 32,
	INTERRUPT_REGISTERS_MAX = 32,
	INTID_PRIVATE_END = 32,
	INTID_SIGNAL = 0, /* to another core of ours */
	INTID_SPECIAL = 1020,
	INTID_MASK_V2 = 0x3ff,
	INTID_MASK_V3 = 0xffffff,

	PRIORITY_TIMER = 0x80,
	PRIORITY_MASK_NONE = 0xf0,
};

static const uint32_t GICD_CTLR_RWP = UINT32_C(1) << 31;

#define MPIDR_AFF_LOW  UINT64_C(0x0000ffffff)
#define MPIDR_AFF3     UINT64_C(0xff00000000)
#define MPIDR_AFFINITY (MPIDR_AFF3 | MPIDR_AFF_LOW)

static struct {
	unsigned version; /* 0: none, 2, 3 */
	uint64_t distributor;
	uint64_t cpu_interface; /* v2 */
	uint64_t redistributor; /* v3: of this core */
	uint32_t timer;         /* INTID */
	unsigned registers;     /* of one bit an interrupt */
	/* v3: where other cores' are */
	unsigned ranges;
	struct {
		uint64_t base, length;
	} range[GICR_RANGES_MAX];
	uint64_t alone[CORE_LIST_MAX]; /* that of a CPU, where the MADT names it with the CPU */
} gic;

/* As the firmware had it. */
static struct {
	uint32_t enabled[INTERRUPT_REGISTERS_MAX];
	uint32_t distributor_control;
	uint32_t group;
	uint8_t timer_priority;
	uint32_t interface_control;
	uint32_t priority_mask;
	uint64_t sre, igrpen1, ctlr, pmr;
} saved;

/* volatile: device registers, each accessed once and in program order. */
static uint32_t read32(uint64_t address) {
	return *(volatile uint32_t *)address;
}

static void write32(uint64_t address, uint32_t value) {
	*(volatile uint32_t *)address = value;
}

static void write8(uint64_t address, uint8_t value) {
	*(volatile uint8_t *)address = value;
}

/* ---- finding it -------------------------------------------------------------------------------------------------- */

static uint64_t affinity(void) {
	return register_read(MPIDR_EL1) & MPIDR_AFFINITY;
}

/* GICR_TYPER: affinity in its upper half, the four levels side by side. */
static bool redistributor_is_of(uint64_t core, uint64_t frame, uint32_t *typer_low) {
	*typer_low = read32(frame + GICR_TYPER);
	return read32(frame + GICR_TYPER + 4) == (uint32_t)((core & MPIDR_AFF_LOW) | (core & MPIDR_AFF3) >> 8);
}

/* `map`: frames are mapped as they are come by. */
static uint64_t redistributor_in(uint64_t base, uint64_t length, uint64_t of, bool map) {
	uint64_t frame = base;
	for (unsigned core = 0; core < GICR_CORES_MAX && frame - base < length; core++) {
		uint32_t typer;
		if (map && !device_map((paddr_t){frame}, 2 * GICR_FRAME_BYTES, PAGE_READ | PAGE_WRITE | PAGE_DEVICE))
			break;
		if (redistributor_is_of(of, frame, &typer))
			return frame;
		if (typer & GICR_TYPER_LAST)
			break;
		frame += (uint64_t)GICR_FRAME_BYTES * (typer & GICR_TYPER_VLPIS ? 4 : 2);
	}
	return 0;
}

static void core_note(const struct acpi_madt_entry *entry) {
	uint64_t id = entry->id & MPIDR_AFFINITY;
	if (id == affinity()) {
		gic.cpu_interface = entry->address;
		if (entry->redistributor != 0)
			gic.redistributor = entry->redistributor;
	}
	for (unsigned cpu = 1; entry->redistributor != 0 && cpu < core_list.count; cpu++) {
		if (core_list.cores[cpu].id == id)
			gic.alone[cpu] = entry->redistributor;
	}
}

static void range_note(const struct acpi_madt_entry *entry) {
	if (gic.redistributor == 0)
		gic.redistributor = redistributor_in(entry->address, entry->length, affinity(), false);
	if (gic.ranges < GICR_RANGES_MAX) {
		gic.range[gic.ranges].base = entry->address;
		gic.range[gic.ranges++].length = entry->length;
	}
}

/* `version`: as the table says; 0: unsaid. */
static void madt_read(uint64_t rsdp, unsigned *version) {
	struct acpi_madt madt;
	struct acpi_madt_entry entry;
	if (!acpi_madt_open(rsdp, &madt))
		return;
	while (acpi_madt_next(&madt, &entry)) {
		if (entry.type == ACPI_MADT_GICD) {
			gic.distributor = entry.address;
			*version = entry.gic_version;
		} else if (entry.type == ACPI_MADT_GICC) {
			core_note(&entry);
		} else if (entry.type == ACPI_MADT_GICR) {
			range_note(&entry);
		}
	}
}

static void map(uint64_t base, uint64_t length) {
	device_map((paddr_t){base}, length, PAGE_READ | PAGE_WRITE | PAGE_DEVICE);
}

bool gic_has_registers(void) {
	return gic.version == 3;
}

bool gic_find(const struct boot_info *info) {
	unsigned version = 0;
	madt_read(info->acpi_rsdp, &version);
	gic.timer = timer_find(info);
	gic.version = 0;
	if (gic.distributor == 0 || gic.timer == 0 || gic.timer >= INTID_PRIVATE_END)
		return false;
	bool system_registers =
		register_field(register_read(ID_AA64PFR0_EL1), ID_AA64PFR0_GIC_SHIFT, ID_FIELD_BITS) != 0;
	gic.registers = register_field(read32(gic.distributor + GICD_TYPER), 0, GICD_TYPER_ITLINES_BITS) + 1;
	if (gic.redistributor != 0 && system_registers && version != 2) {
		/* Without affinity routing the firmware drives it as a GICv2; that cannot be changed under it. */
		if ((read32(gic.distributor + GICD_CTLR) & GICD_CTLR_ARE) == 0)
			return false;
		gic.version = 3;
		map(gic.distributor, GICD_BYTES_V3);
		map(gic.redistributor, 2 * GICR_FRAME_BYTES);
	} else if (gic.cpu_interface != 0) {
		gic.version = 2;
		map(gic.distributor, GICD_BYTES_V2);
		map(gic.cpu_interface, GICC_BYTES);
	}
	return gic.version != 0;
}

/* ---- taking and giving back -------------------------------------------------------------------------------------- */

/* Where the registers of the interrupts 32 * index onwards are: in GICv3 the private ones belong to the core. */
static uint64_t bank(unsigned index) {
	return index == 0 && gic.version == 3 ? gic.redistributor + GICR_SGI : gic.distributor;
}

static uint64_t bit_register(unsigned offset, unsigned index) {
	return bank(index) + offset + (uint64_t)index * sizeof(uint32_t);
}

/* GICv3: a disabled interrupt may still come, and the groups are as they were, until the write has
 * arrived (RWP: register write pending). */
static void writes_wait(void) {
	enum { POLLS_MAX = 1000000 };
	if (gic.version != 3)
		return;
	unsigned polls = 0;
	while (read32(gic.distributor + GICD_CTLR) & GICD_CTLR_RWP && polls < POLLS_MAX)
		polls++;
	while (read32(gic.redistributor + GICR_CTLR) & GICR_CTLR_RWP && polls < POLLS_MAX)
		polls++;
}

static void interface_take_v2(void) {
	saved.interface_control = read32(gic.cpu_interface + GICC_CTLR);
	saved.priority_mask = read32(gic.cpu_interface + GICC_PMR);
	write32(gic.cpu_interface + GICC_PMR, PRIORITY_MASK_NONE);
	write32(gic.cpu_interface + GICC_CTLR, GICC_CTLR_ENABLE);
}

static void interface_take_v3(void) {
	saved.sre = register_read(ICC_SRE_EL1);
	register_write(ICC_SRE_EL1, saved.sre | ICC_SRE_SRE);
	barrier_instruction();
	saved.ctlr = register_read(ICC_CTLR_EL1);
	saved.pmr = register_read(ICC_PMR_EL1);
	saved.igrpen1 = register_read(ICC_IGRPEN1_EL1);
	register_write(ICC_CTLR_EL1, 0); /* one write to EOIR ends an interrupt */
	register_write(ICC_PMR_EL1, PRIORITY_MASK_NONE);
	register_write(ICC_IGRPEN1_EL1, 1);
	barrier_instruction();
}

void gic_take(void) {
	if (gic.version == 0)
		return;
	for (unsigned i = 0; i < gic.registers; i++) {
		saved.enabled[i] = read32(bit_register(GICD_ISENABLER, i));
		write32(bit_register(GICD_ICENABLER, i), ~UINT32_C(0));
	}
	writes_wait();
	uint32_t timer_bit = UINT32_C(1) << gic.timer;
	uint64_t priority = bank(0) + GICD_IPRIORITYR + gic.timer;
	saved.distributor_control = read32(gic.distributor + GICD_CTLR) & ~GICD_CTLR_RWP;
	saved.group = read32(bit_register(GICD_IGROUPR, 0));
	saved.timer_priority = *(volatile uint8_t *)priority;
	write8(priority, PRIORITY_TIMER);
	if (gic.version == 3) {
		write32(bit_register(GICD_IGROUPR, 0), saved.group | timer_bit);
		write32(gic.distributor + GICD_CTLR, saved.distributor_control | GICD_CTLR_ENABLE_GRP1);
		writes_wait();
		interface_take_v3();
	} else {
		write32(bit_register(GICD_IGROUPR, 0), saved.group & ~timer_bit);
		write32(gic.distributor + GICD_CTLR, saved.distributor_control | GICD_CTLR_ENABLE_GRP0);
		interface_take_v2();
	}
	write32(bit_register(GICD_ISENABLER, 0), timer_bit);
	barrier_memory();
}

void gic_release(void) {
	if (gic.version == 0)
		return;
	write32(bit_register(GICD_ICENABLER, 0), UINT32_C(1) << gic.timer);
	writes_wait();
	if (gic.version == 3) {
		register_write(ICC_IGRPEN1_EL1, saved.igrpen1);
		register_write(ICC_PMR_EL1, saved.pmr);
		register_write(ICC_CTLR_EL1, saved.ctlr);
		register_write(ICC_SRE_EL1, saved.sre);
		barrier_instruction();
	} else {
		write32(gic.cpu_interface + GICC_CTLR, saved.interface_control);
		write32(gic.cpu_interface + GICC_PMR, saved.priority_mask);
	}
	write32(gic.distributor + GICD_CTLR, saved.distributor_control);
	writes_wait();
	write32(bit_register(GICD_IGROUPR, 0), saved.group);
	write8(bank(0) + GICD_IPRIORITYR + gic.timer, saved.timer_priority);
	for (unsigned i = 0; i < gic.registers; i++)
		write32(bit_register(GICD_ISENABLER, i), saved.enabled[i]);
	barrier_memory();
}

enum gic_interrupt gic_acknowledge(void) {
	if (gic.version == 0)
		return GIC_NONE;
	uint32_t acknowledged =
		gic.version == 3 ? (uint32_t)register_read(ICC_IAR1_EL1) : read32(gic.cpu_interface + GICC_IAR);
	uint32_t intid = acknowledged & (gic.version == 3 ? INTID_MASK_V3 : INTID_MASK_V2);
	if (intid >= INTID_SPECIAL)
		return GIC_NONE;
	/* Both are let go before the interrupt is ended, or it would be there again: the timer is a level, and what
	 * nobody asked for may be. */
	if (intid == gic.timer)
		arch_timer_arm(0);
	else if (intid != INTID_SIGNAL && intid / INTERRUPTS_A_REGISTER < gic.registers)
		write32(bit_register(GICD_ICENABLER, intid / INTERRUPTS_A_REGISTER),
			UINT32_C(1) << intid % INTERRUPTS_A_REGISTER);
	if (gic.version == 3)
		register_write(ICC_EOIR1_EL1, acknowledged);
	else
		write32(gic.cpu_interface + GICC_EOIR, acknowledged);
	barrier_memory();
	return intid == gic.timer ? GIC_TIMER : intid == INTID_SIGNAL ? GIC_SIGNAL : GIC_OTHER;
}

/* ---- other cores ------------------------------------------------------------------------------------------------- */

void gic_core_find(unsigned cpu, uint64_t of, struct gic_core *core) {
	if (gic.version != 3 || core->redistributor != 0)
		return;
	core->redistributor = gic.alone[cpu];
	if (core->redistributor != 0)
		map(core->redistributor, 2 * GICR_FRAME_BYTES);
	for (unsigned i = 0; i < gic.ranges && core->redistributor == 0; i++)
		core->redistributor = redistributor_in(gic.range[i].base, gic.range[i].length, of, true);
}

/* The private interrupts' registers: this core's own frame of the redistributor, or its bank of the distributor. */
static void signal_open(uint64_t private, bool group_1) {
	uint32_t bit = UINT32_C(1) << INTID_SIGNAL, group = read32(private + GICD_IGROUPR);
	write32(private + GICD_ICENABLER, ~UINT32_C(0));
	write8(private + GICD_IPRIORITYR + INTID_SIGNAL, PRIORITY_TIMER);
	write32(private + GICD_IGROUPR, group_1 ? group | bit : group & ~bit);
	write32(private + GICD_ISENABLER, bit);
	barrier_memory();
}

static void redistributor_wake(uint64_t redistributor) {
	enum { POLLS_MAX = 1000000 };
	write32(redistributor + GICR_WAKER, read32(redistributor + GICR_WAKER) & ~(uint32_t)GICR_WAKER_PROCESSOR_SLEEP);
	for (unsigned i = 0; i < POLLS_MAX && read32(redistributor + GICR_WAKER) & GICR_WAKER_CHILDREN_ASLEEP; i++)
		;
}

void gic_core_open(struct gic_core *core) {
	if (gic.version == 3 && core->redistributor != 0) {
		redistributor_wake(core->redistributor);
		signal_open(core->redistributor + GICR_SGI, true);
		register_write(ICC_SRE_EL1, register_read(ICC_SRE_EL1) | ICC_SRE_SRE);
		barrier_instruction();
		register_write(ICC_CTLR_EL1, 0);
		register_write(ICC_PMR_EL1, PRIORITY_MASK_NONE);
		register_write(ICC_IGRPEN1_EL1, 1);
		barrier_instruction();
	} else if (gic.version == 2) {
		signal_open(gic.distributor, false);
		core->target = read32(gic.distributor + GICD_ITARGETSR) & 0xff;
		write32(gic.cpu_interface + GICC_PMR, PRIORITY_MASK_NONE);
		write32(gic.cpu_interface + GICC_CTLR, GICC_CTLR_ENABLE);
	}
}

void gic_core_become_first(const struct gic_core *core) {
	if (gic.version == 0 || (gic.version == 3 && core->redistributor == 0))
		return;
	gic.redistributor = core->redistributor;
	uint32_t timer_bit = UINT32_C(1) << gic.timer, group = read32(bit_register(GICD_IGROUPR, 0));
	write32(bit_register(GICD_ICENABLER, 0), ~UINT32_C(0));
	write8(bank(0) + GICD_IPRIORITYR + gic.timer, PRIORITY_TIMER);
	write32(bit_register(GICD_IGROUPR, 0), gic.version == 3 ? group | timer_bit : group & ~timer_bit);
	write32(bit_register(GICD_ISENABLER, 0), timer_bit);
	barrier_memory();
}

void gic_core_close(void) {
	if (gic.version == 3)
		register_write(ICC_IGRPEN1_EL1, 0);
	else if (gic.version == 2)
		write32(gic.cpu_interface + GICC_CTLR, 0);
	barrier_instruction();
}

/* ICC_SGI1R_EL1: the lowest level as a bit among sixteen, and which sixteen. */
void gic_core_signal(uint64_t of, const struct gic_core *core) {
	barrier_memory();
	if (gic.version == 3) {
		uint64_t aff0 = of & 0xff, aff1 = of >> 8 & 0xff, aff2 = of >> 16 & 0xff, aff3 = of >> 32 & 0xff;
		register_write(ICC_SGI1R_EL1, aff3 << 48 | aff0 / 16 << 44 | aff2 << 32 | (uint64_t)INTID_SIGNAL << 24 |
						      aff1 << 16 | UINT64_C(1) << aff0 % 16);
		barrier_instruction();
	} else if (gic.version == 2) {
		write32(gic.distributor + GICD_SGIR, core->target << GICD_SGIR_TARGET_SHIFT | INTID_SIGNAL);
	}
}
