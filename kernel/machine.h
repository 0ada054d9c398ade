/* SPDX-License-Identifier: Apache-2.0
 *
 * The one machine's state, shared by the parts of the shared kernel. Of those it knows the shapes that it is
 * made of, and calls none: each says in its own header what it does with it. Written by the first core alone.
 */
#pragma once

#include "boot_info.h"
#include "kernel/arch.h"
#include "kernel/clock.h"
#include "kernel/core_list.h"
#include "kernel/gate.h"
#include "kernel/memory/memory_map.h"
#include "kernel/memory/pagetable.h"
#include "lib/elf.h"
#include "lib/escapes.h"

#include <stdbool.h>
#include <stdint.h>

/* A device that was asked for before there were page tables of ours (device.h). */
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
	char cores_word[MACHINE_WORD_BYTES];  /* key `cores` */
	char stop_at[MACHINE_WORD_BYTES];     /* key `stop-at` */
	struct escapes escapes;

	struct memory_map memory; /* physical pages */
	struct memory_map space;  /* the programme's addresses between GATE_MAP_BASE and GATE_MAP_END */
	struct pagetable pages;
	bool pages_made;  /* a device is mapped when it is asked for */
	bool pages_small; /* none is larger than 4 KiB: key `pages` */
	struct machine_device devices[MACHINE_DEVICES_MAX];
	unsigned device_count; /* asked for; beyond the array where they were too many */
	uint64_t heap_end;
	uint64_t core_areas[CORE_LIST_MAX]; /* physical: of CORE_ARCH of each CPU; 0: not made (core_area.h) */

	struct clock clock;
	struct clock clock_second; /* by another reference, where the machine states no frequency */
	uint64_t clock_wanted;     /* counts of the reference that the first reading waits for */
	struct elf_image program;
	struct gate_start *start;
	struct platform_counters counters;
	uint64_t signals; /* as those of core_state.h, on the first core */
	struct {
		uint64_t every_ticks; /* 0: nothing is planted */
		uint64_t length_ticks, next;
		struct platform_planted planted;
	} plant;
	bool witnessed;    /* somebody asked what takes cores' time: counted from then on */
	bool pages_untold; /* entries were exchanged, and no TLB knows of it */
	bool pmu_counts;   /* counters are ours, what was found in them is to be put back */
	uint64_t scatter;  /* state of what places mappings; 0: nothing is scattered */

	bool guard_armed;
	uint64_t guard_resume; /* where the programme keeps its struct gate_resume */
	uint64_t guard_instruction;
	uint64_t guard_stack;
	uint64_t catch_resume; /* the same of GATE_CATCH; 0: it is the guard that is told of faults */
	uint64_t catch_instruction;
	uint64_t catch_stack;
	uint64_t guard_deadline; /* ticks; all ones: none */
	uint64_t guard_end;      /* the same, but no checkpoint moves it */
	uint64_t slice_start;    /* ticks as the firmware last gave the machine back (handback) */
};

extern struct machine machine;
