/* SPDX-License-Identifier: Apache-2.0
 *
 * The one machine's state, shared by the parts of the shared kernel: kernel.c (start, loop, end), space.c (address
 * space), program.c (the programme's start), gate.c (calls), guard.c (faults and the watchdog).
 */
#pragma once

#include "boot_info.h"
#include "kernel/arch.h"
#include "kernel/clock.h"
#include "kernel/gate.h"
#include "kernel/memory_map.h"
#include "kernel/pagetable.h"
#include "lib/elf.h"

#include <stdbool.h>
#include <stdint.h>

/* A device that was asked for before our page tables were in force. */
struct machine_device {
	uint64_t base;
	uint64_t length;
	unsigned rights;
};

enum { MACHINE_DEVICES_MAX = 16, MACHINE_WORD_BYTES = 32 };

struct machine {
	const struct boot_info *info;
	struct kernel_call *call; /* NULL under takeover */
	struct arch_cpu cpu;
	uint64_t start_ticks;
	uint64_t phase_ticks[PLATFORM_PHASE_COUNT];
	char exit_way[MACHINE_WORD_BYTES];    /* key `exit` */
	char accelerator[MACHINE_WORD_BYTES]; /* key `accelerator` */

	struct memory_map memory; /* physical pages */
	struct memory_map space;  /* the programme's addresses between GATE_MAP_BASE and GATE_MAP_END */
	struct pagetable pages;
	bool pages_live;
	struct machine_device devices[MACHINE_DEVICES_MAX];
	unsigned device_count;
	uint64_t heap_end;

	struct clock clock;
	struct clock clock_second; /* by another reference, where the machine states no frequency */
	uint64_t clock_wanted;     /* counts of the reference that the first reading waits for */
	struct elf_image program;
	struct gate_start *start;
	struct platform_counters counters;
	uint64_t scatter; /* state of what places mappings; 0: nothing is scattered */

	bool guard_armed;
	uint64_t guard_resume; /* where the programme keeps its struct gate_resume */
	uint64_t guard_instruction;
	uint64_t guard_stack;
	uint64_t guard_deadline; /* ticks; all ones: none */
	uint64_t guard_end;      /* the same, but no checkpoint moves it */
	uint64_t slice_start;    /* ticks as the firmware last gave the machine back (handback) */
};

/* kernel.c */
extern struct machine machine;
_Noreturn void machine_end(int status);
/* One more reading of the references; the first one lasts until they have been looked at for long enough. */
void machine_clock_read(void);
/* A function of its own: tools/bench_start.py finds the phases by its calls. */
void start_phase_end(enum platform_phase phase);

/* space.c: the address space. Results as platform.h's errors. */
void space_start(void);
void space_reclaim(void);
int64_t space_heap_grow(uint64_t bytes);
int64_t space_map(uint64_t bytes, uint64_t page_bytes, uint64_t flags);
/* Mappings of 4 KiB pages from here on are made of random pieces of a block twice as large, in random order, and PLATFORM_ENOMEM where no
 * such block is free; 0: as they come. */
void space_scatter(uint64_t seed);
/* PLATFORM_EBUSY: the guard stands on it. */
int space_protect(uint64_t address, uint64_t bytes, uint64_t flags);
int space_unmap(uint64_t address, uint64_t bytes);
/* Fresh pages of 4 KiB at a fixed address. */
int space_back(uint64_t address, uint64_t bytes, unsigned rights);
/* Memory that the kernel has, shown to the programme. */
int space_show(uint64_t address, uint64_t physical, uint64_t bytes, unsigned rights);
/* Other rights for identity-mapped pages of the kernel's; their leaves lie within. */
void space_kernel_protect(paddr_t base, uint64_t length, unsigned rights);
/* Whether the programme itself may read (PAGE_READ), write (PAGE_WRITE) or execute (PAGE_EXECUTE) all of it: the one
 * check of an address that the programme names. Of no bytes it may do nothing. The answer holds for the gate call that
 * asks: mappings are changed by gate calls of the first core alone, and only added to while another runs. */
bool space_user_may(uint64_t address, uint64_t bytes, unsigned right);
/* Whether the programme can be sent to `instruction`, with the byte at `stack` on its stack. */
bool space_user_may_go_on(uint64_t instruction, uint64_t stack);

/* program.c: the programme's pages; what it is told, and its first instruction, as soon as the clock has a frequency. */
void program_load(void);
void program_start(void);

/* core.c: another core of the programme's. */
int64_t core_start(uint64_t core, const struct gate_task *task);
int64_t core_join(uint64_t core);
int64_t core_raise(uint64_t core);
bool core_runs(void);

/* gate.c. GATE_RESUMED: no result, the programme goes on elsewhere. */
#define GATE_RESUMED INT64_MIN
int64_t gate_serve(uint64_t number, const uint64_t arguments[4]);
/* As kernel/gate.h lists it, "MEMORY_MAP"; NULL: there is no such call. */
const char *gate_name(uint64_t number);

/* guard.c. `resume`: where the programme keeps `from`, which it may write to. */
int64_t guard_arm(uint64_t resume, const struct gate_resume *from, uint64_t timeout_ns, uint64_t total_ns);
/* Whether an armed guard needs something of this memory. */
bool guard_stands_on(uint64_t address, uint64_t bytes);
void guard_disarm(void);
void guard_timeout_set(uint64_t timeout_ns);
void guard_fault(struct arch_frame *frame, const struct platform_fault *fault);
void guard_timer(struct arch_frame *frame, const struct platform_fault *fault);

/* handback.c: a request to the firmware; its answer. PLATFORM_EUNSUPPORTED under takeover. */
int firmware_request(enum kernel_request request, const void *bytes, uint64_t length, int status);
