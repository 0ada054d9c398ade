/* SPDX-License-Identifier: Apache-2.0
 *
 * The gate: the one way from the programme (ring 3, EL0) into the kernel. Included by the kernel and by kernel/user/,
 * which is linked into the programme and implements platform.h with it.
 *
 * Calling convention. x86_64: number in RAX, arguments in RDI, RSI, RDX, R10, result in RAX, entered by the UD2 at
 * the symbol `gate_stub` (a UD2 anywhere else is a fault), which the kernel steps over; all other registers are kept.
 * aarch64: number in X8, arguments in X0..X3, result in X0, entered by SVC #0 anywhere; all other registers are kept.
 * Results are 0 or positive, or a negative enum platform_error. Pointers are checked against the programme's own
 * mappings; a bad one is PLATFORM_EINVAL.
 */
#pragma once

#include "platform.h"

#include <stdint.h>

/* The programme's address space. It is linked at GATE_PROGRAM_BASE; the kernel and all RAM are identity-mapped far
 * below, for the kernel only. */
#define GATE_PROGRAM_BASE      UINT64_C(0x700000000000)
#define GATE_STUB              GATE_PROGRAM_BASE        /* linker/program.ld puts `gate_stub` first */
#define GATE_HEAP_BASE         UINT64_C(0x701000000000) /* sbrk, grows up */
#define GATE_MAP_BASE          UINT64_C(0x702000000000) /* platform_memory_map, first fit, guard pages between */
#define GATE_MAP_END           UINT64_C(0x70f000000000)
#define GATE_STACK_BASE        UINT64_C(0x70f000000000) /* main's and the guarded stack, each between guard pages */
#define GATE_START_BASE        UINT64_C(0x70ff00000000) /* struct gate_start, read-only */

#define GATE_MAIN_STACK_BYTES  (256u * 1024u)
#define GATE_GUARD_STACK_BYTES (64u * 1024u)

enum gate_call {
	GATE_EXIT = 0,       /* (status): does not return */
	GATE_WRITE = 1,      /* (enum platform_stream, bytes, length) */
	GATE_HEAP_GROW = 2,  /* (bytes): the heap's old end; what is fresh behind it is not zeroed: kernel/user/ does */
	GATE_MEMORY_MAP = 3, /* (bytes, page_bytes, flags): the address; not zeroed either */
	GATE_MEMORY_PROTECT = 4, /* (address, bytes, flags) */
	GATE_MEMORY_UNMAP = 5,   /* (address, bytes) */
	GATE_MEMORY_FREE = 6,    /* (): bytes */
	GATE_CLOCK = 7,          /* (struct platform_clock *) */
	GATE_COUNTERS = 8,       /* (struct platform_counters *) */
	GATE_GUARD_ARM = 9,      /* (struct gate_resume *, timeout_ns) */
	GATE_GUARD_DISARM = 10,  /* () */
	GATE_CHECKPOINT = 11,    /* (timeout_ns) */
	GATE_CORE_START = 12,    /* (core, struct gate_task *) */
	GATE_CORE_JOIN = 13,  /* (core): PLATFORM_EBUSY at once where it runs still, PLATFORM_EFAULT where it faulted */
	GATE_CORE_RAISE = 14, /* (core): the fault that the last join told of, as the guarded function's own; without a
			       * guard PLATFORM_EFAULT */
	GATE_CORE_END = 15,   /* (): the only call that another core has: its task has returned */
	GATE_MEMORY_SCATTER = 16, /* (seed): see space_scatter */
	GATE_CALL_COUNT = 17,
};

/* Where the kernel resumes the programme after a contained fault. Owned by the programme, read at ARM time. The
 * kernel resumes at `instruction` with the stack pointer `stack` and, as first argument (RDI, X0), the address of
 * this structure; all other general registers are 0. The code there resets the floating-point and vector state (it
 * can, unprivileged, where an emulated ring 0 cannot) and restores its own callee-saved registers from its stack. The
 * fault is in `fault` by then. */
struct gate_resume {
	uint64_t instruction;
	uint64_t stack;
	struct platform_fault fault; /* written by the kernel, symbol and name included */
};

/* What another core runs, and where; all other general registers are 0, floating-point and vector state whatever it
 * was. Read at START. */
struct gate_task {
	uint64_t instruction;
	uint64_t stack; /* 16-byte aligned */
	uint64_t argument;
};

/* Time that gate_start.checkpoint_ticks stands for: a tenth of a slice of the firmware's (gate.c), and little beside a
 * time-out. */
#define GATE_CHECKPOINT_NS (50 * UINT64_C(1000000))

/* What the programme finds at its start; the address is in the first argument register of the entry point. */
struct gate_start {
	struct platform_info info;
	struct platform_text command_line; /* one string of words: crt0 splits it into argv */
	struct platform_text config;
	struct platform_text previous_log;
	uint64_t guard_stack;      /* top of the guarded stack, 16-byte aligned */
	uint64_t checkpoint_ticks; /* GATE_CHECKPOINT with the same time need not be called again sooner */
};
