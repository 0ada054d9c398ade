/* SPDX-License-Identifier: Apache-2.0
 *
 * What the shared kernel asks of an architecture: declared once here, supplied by kernel/x86_64/ and kernel/aarch64/
 * under the same file names. An architecture builds and classifies page-table entries; the walker is shared
 * (pagetable.c). It saves and restores registers; who runs when is shared (kernel.c). The pure parts (pte.c) are
 * compiled for the host, too, and tested there.
 *
 * The kernel is one core, not re-entrant, built with general registers only; no floating point or vector register is
 * touched in privileged mode. Interrupts stay masked in it. Of other cores, see below.
 */
#pragma once

#include "boot_info.h"
#include "lib/serial.h"
#include "platform.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Mixing them does not compile. */
typedef struct {
	uint64_t value;
} paddr_t;
typedef struct {
	uint64_t value;
} vaddr_t;

/* ---- page-table entries (pte.c: pure) ---------------------------------------------------------------------------- */

enum page_rights {
	PAGE_READ = 1u << 0,
	PAGE_WRITE = 1u << 1,
	PAGE_EXECUTE = 1u << 2,       /* never with PAGE_WRITE */
	PAGE_USER = 1u << 3,          /* the programme's; execute is then the programme's only */
	PAGE_DEVICE = 1u << 4,        /* uncached device memory */
	PAGE_WRITE_COMBINE = 1u << 5, /* framebuffer */
};

typedef uint64_t pte_t;

/* Levels count from the leaf: 0 maps 4 KiB, 1 maps 2 MiB, 2 maps 1 GiB; 3 and 4 hold tables only. 512 entries a
 * table. An absent entry is 0. */
pte_t arch_pte_leaf(paddr_t page, unsigned level, unsigned rights);
pte_t arch_pte_table(paddr_t table);
bool arch_pte_is_table(pte_t entry, unsigned level);
paddr_t arch_pte_address(pte_t entry, unsigned level);
unsigned arch_pte_rights(pte_t entry); /* of a leaf; 0: withheld */

/* A leaf that keeps all that it says, and is absent to the processor; and as it was. */
pte_t arch_pte_withhold(pte_t leaf);
pte_t arch_pte_give(pte_t leaf);

/* Whether a leaf may be replaced by one of another frame, all else alike, while a TLB has the old one. */
extern const bool arch_pte_may_be_replaced;

/* ---- names ------------------------------------------------------------------------------------------------------- */

extern const char arch_name[];          /* "x86_64", "aarch64" */
extern const uint16_t arch_elf_machine; /* e_machine of a programme for it */

/* ---- the processor (cpu.c, mmu.c) -------------------------------------------------------------------------------- */

struct arch_cpu {
	bool pages_1gib;
	unsigned levels; /* of page tables: 4, or 5 where the way in had five */
	unsigned physical_bits;
	bool timer;     /* a one-shot watchdog timer was found */
	unsigned cores; /* present; 1 where nothing says how many */
	char model[64];
	char hypervisor[32];
	char emulated[96]; /* why figures are functional only; empty: not known to be emulated */
	char entry_level[16];
	char left_off[128]; /* features that the processor claims and that were not switched on, and why; empty: none */
};

/* Own GDT/IDT or VBAR, trap stacks, floating point and vectors on, interrupt controllers masked. Finds what the CPU
 * has, and fills core_list. */
void arch_cpu_start(const struct boot_info *info, struct arch_cpu *cpu);

/* Switches to our root table. The kernel and its stack are identity-mapped in both the old and the new one. */
void arch_mmu_switch(paddr_t root, unsigned levels);

/* The TLBs forget `count` neighbouring leaves of `leaf_bytes` each, and more than them where that is quicker. */
void arch_tlb_flush(vaddr_t address, uint64_t leaf_bytes, uint64_t count);

/* They forget exactly `count` neighbouring leaves, one after the other; and all. */
void arch_tlb_invalidate(vaddr_t address, uint64_t leaf_bytes, uint64_t count);
void arch_tlb_invalidate_all(void);

/* Copied instructions become executable: data cache to instruction cache, where the architecture asks for it. */
void arch_code_publish(const void *bytes, uint64_t length);

/* ---- clock (clock.c) --------------------------------------------------------------------------------------------- */

uint64_t arch_ticks(void);

/* A counter that runs beside the ticks: what a frequency is taken from. Read by the shared calibrator (clock.c). */
struct arch_reference {
	const char *name; /* "kvmclock", "ACPI PM timer", "PIT" */
	uint64_t hz;
	unsigned bits; /* it wraps modulo 2^bits */
	uint64_t (*read)(void);
};

/* Frequency that the machine states about itself (CPUID, CNTFRQ), 0 where it does not; *name says where from. */
uint64_t arch_clock_stated_hz(const char **name, const char **counter, bool *invariant);

/* The references of this machine, the best first; false: there are no more than `index`. Starts the one that it gives.
 * begin(kind) is called before the first touch of what may be none: 0 for the best kind of all, 1 for the next. */
bool arch_clock_reference(unsigned index, void (*begin)(unsigned kind), struct arch_reference *reference);

/* ---- the date (utc.c) -------------------------------------------------------------------------------------------- */

/* Seconds since 1970, UTC, now, where no firmware said them; *source names who does. false: nobody. */
bool arch_utc(uint64_t *seconds, const char **source);

/* ---- watchdog (timer.c) ------------------------------------------------------------------------------------------ */

/* To be called before the first use of it: ends what arch_cpu_start began to measure, which takes some milliseconds
 * from then on. false: it does not count, and there is none. */
bool arch_timer_settle(void);

/* One shot, `ticks` from now; 0 disarms. Every other source stays masked at its controller. */
void arch_timer_arm(uint64_t ticks);

/* ---- prefetchers (prefetchers.c) --------------------------------------------------------------------------------- */

/* Of the core that this runs on: as platform_prefetchers_switch. */
int arch_prefetchers_switch(uint64_t off, struct platform_prefetchers *prefetchers);

/* All as they were found. */
void arch_prefetchers_put_back(void);

/* Whether one that is to be off did not go off again after the firmware had the machine. */
bool arch_prefetchers_lost(void);

/* ---- what takes this core's time (witness.c) --------------------------------------------------------------------- */

/* Of the core that this runs on, `cpu` by its number: what has to be asked for is from here on, once; nothing is any
 * more. What was counted in between is kept. */
void arch_witness_open(unsigned cpu);
void arch_witness_close(unsigned cpu);

/* All but the interrupts; opened. */
void arch_witness_read(unsigned cpu, struct platform_witness *witness);

/* ---- I/O ports (port_io.c) --------------------------------------------------------------------------------------- */

extern const struct port_io arch_port_io;

/* ---- what a core says of itself (raw.c) -------------------------------------------------------------------------- */

struct gate_registers;

/* Of the core that this runs on. */
void arch_registers_read(struct gate_registers *registers);

/* Of another one, as they were when it came. */
const struct gate_registers *arch_core_registers(unsigned cpu);

/* ---- hardware counters (pmu.c) ----------------------------------------------------------------------------------- */

/* As platform_pmu_describe; *pmu is all 0, nothing is counted. */
void arch_pmu_describe(struct platform_pmu *pmu);

/* Counts those of pmu->events that can be counted together, from the first on, and lets the programme read them where
 * pmu->slots says: how many. 0: nothing was changed. PLATFORM_EINVAL: a code with bits that are no event's. What was
 * found is kept until arch_pmu_stop puts it back. On the first core. */
struct gate_pmu;
int arch_pmu_start(struct gate_pmu *pmu);
void arch_pmu_stop(void);

/* ---- traps and the programme ------------------------------------------------------------------------------------- */

/* The programme's registers as a trap found them; the layout is the architecture's. */
struct arch_frame;

enum arch_trap_kind {
	ARCH_TRAP_GATE,     /* a call through the gate */
	ARCH_TRAP_FAULT,    /* of the programme: contained where a guard is armed */
	ARCH_TRAP_TIMER,    /* the watchdog */
	ARCH_TRAP_SPURIOUS, /* an interrupt nobody asked for: counted */
	ARCH_TRAP_STOP,     /* of another core: arch_core_signal */
	ARCH_TRAP_EMULATED, /* served by the architecture (aarch64: MRS of an ID register): just resume */
	ARCH_TRAP_PANIC,    /* of the kernel itself, machine check, NMI, double fault */
};

struct arch_trap {
	enum arch_trap_kind kind;
	uint64_t number;             /* GATE: the call's number */
	uint64_t arguments[4];       /* GATE */
	uint64_t ticks;              /* TIMER: as soon as it was known for one */
	struct platform_fault fault; /* FAULT, TIMER, STOP, PANIC: all but symbol */
};

/* Starts the programme unprivileged at `entry` with `argument` in the first argument register; interrupts enabled
 * there. */
void arch_program_start(struct arch_frame *frame, uint64_t entry, uint64_t stack, uint64_t argument);
void arch_frame_set_result(struct arch_frame *frame, uint64_t result);

/* As gate_resume says: instruction, stack, argument; all other general registers 0, flags as at the start. */
void arch_frame_resume(struct arch_frame *frame, uint64_t instruction, uint64_t stack, uint64_t argument);

/* Runs the programme from *frame until its next trap. Returns with the trap described and the frame updated. Where the
 * programme cannot run from there, whatever it has made of its instruction and stack pointers, that is a fault of the
 * programme's. */
void arch_program_run(struct arch_frame *frame, struct arch_trap *trap);

/* The first core's. */
struct arch_frame *arch_program_frame(void);

/* From now on it is one that can be run on this CPU, as it stands. The areas of both are made. */
void arch_program_move(unsigned cpu);

/* ---- other cores (core.c, core_local.c) --------------------------------------------------------------------------
 *
 * Named by their number in core_list. Two pieces of code run there: the architecture's way in, and core_main
 * (kernel/program/core.c). They share the page tables, the vectors and the read-only state of the first core; all that
 * is written there is the core's own, in its area (core_area.h). Takes no interrupt but the first core's signal. */

/* "APIC id 4", "MPIDR 0x100" */
void arch_core_name(unsigned cpu, char *text, size_t size);

/* Starts one whose area was made: it calls run(cpu), never to return, on the kernel's tables, as privileged and as well
 * equipped as the first core. Returns when it is under way. `ms_ticks`: of a millisecond. PLATFORM_EUNSUPPORTED: there
 * is nothing to start it with; PLATFORM_EIO: it did not come, and does not come later. */
int arch_core_start(unsigned cpu, uint64_t ms_ticks, void (*run)(unsigned cpu));

/* Whether cores are the firmware's, which has to be asked for each and gets it back at the end. */
bool arch_core_is_firmwares(void);

/* Of one that was last seen in arch_core_sleep: its word has been changed. As arch_core_start. */
int arch_core_wake(unsigned cpu, uint64_t ms_ticks, void (*run)(unsigned cpu));

/* Takes it out of a task, as ARCH_TRAP_STOP, or wakes it; nothing where it runs in the kernel just then. */
void arch_core_signal(unsigned cpu);

/* It is to forget these leaves, as arch_tlb_flush has them, wherever it is in its task or in the kernel, and goes on
 * there: asked of one at a time that has done what it was asked before. What was stored to page tables is seen then.
 * Where arch_tlb_flush reaches all TLBs there is nothing to do, and it is done. */
void arch_core_flush_ask(unsigned cpu, vaddr_t address, uint64_t leaf_bytes, uint64_t count);
bool arch_core_flush_is_done(unsigned cpu);

/* Whether one that is on its way to sleep has come so far that the firmware may have the machine. */
bool arch_core_is_quiet(unsigned cpu);

/* There: the frame of the programme on it; forgets what it has of mappings; waits a moment; sleeps as long as the word
 * has this value, or so that only arch_core_wake starts it again; back to the firmware; off, for good where
 * arch_core_start cannot start it again. */
struct arch_frame *arch_core_frame(unsigned cpu);
void arch_core_tlb_flush(void);
void arch_core_pause(void);
void arch_core_sleep(const uint32_t *word, uint32_t value);
_Noreturn void arch_core_leave(unsigned cpu);

/* There: what the first core alone has, watchdog and interrupt controller, is this one's. On the first core, which is
 * none from now on: run(cpu), in its own area and as other cores do. */
void arch_core_become_first(unsigned cpu);
_Noreturn void arch_core_become_other(unsigned cpu, void (*run)(unsigned cpu));
_Noreturn void arch_core_halt(void);

/* ---- the end ----------------------------------------------------------------------------------------------------- */

/* Ends the machine in the way that the configuration names: "isa-debug-exit" (x86_64) and "semihosting" (aarch64) tell
 * an emulator the status, "power-off" and "reset" ask PSCI (aarch64). NULL, "" or another: it stands still, its results
 * shown. */
_Noreturn void arch_exit(int status, const char *way);

/* Handback: from within kernel code, returns *call to the loader in firmware state; comes back when the loader calls
 * again. Our page tables, traps and timers are in force on both sides of this call. */
void arch_handback(void);
