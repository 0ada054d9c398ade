/* SPDX-License-Identifier: Apache-2.0
 *
 * The gate: the one way from the programme (ring 3, EL0) into the kernel. Included by the kernel and by kernel/user/,
 * which is linked into the programme and implements platform.h with it.
 *
 * Calling convention. x86_64: number in RAX, arguments in RDI, RSI, RDX, R10, result in RAX, entered by the UD2 at the
 * symbol `gate_stub`, which the kernel steps over. aarch64: number in X8, arguments in X0..X3, result in X0, entered by
 * the SVC #0 there. Of either a second one is a fault, wherever it stands: what strays calls nothing. All other
 * registers are kept.
 * Results are 0 or positive, or a negative enum platform_error. An argument that is out of its range is
 * PLATFORM_EINVAL: so is memory that is not, throughout, the programme's own with the rights that the call needs, no
 * memory at all, a structure that is not aligned to 8 bytes, and a number that is not in the list.
 */
#pragma once

/* The programme's address space. It is linked at GATE_PROGRAM_BASE; the kernel and all RAM are identity-mapped far
 * below, for the kernel only. */
#define GATE_PROGRAM_BASE      UINT64_C(0x700000000000)
#define GATE_STUB              GATE_PROGRAM_BASE        /* linker/program.ld puts `gate_stub` first */
#define GATE_HEAP_BASE         UINT64_C(0x701000000000) /* sbrk, grows up */
#define GATE_MAP_BASE          UINT64_C(0x702000000000) /* platform_memory_map, first fit, guard pages between */
#define GATE_MAP_END           UINT64_C(0x70f000000000)
#define GATE_STACK_BASE        UINT64_C(0x70f000000000) /* main's and the guarded stack, each between guard pages */
#define GATE_START_BASE        UINT64_C(0x70ff00000000) /* struct gate_start, read-only */
#define GATE_PROGRAM_END       UINT64_C(0x800000000000) /* nothing of the programme's lies here or above */

#define GATE_MAIN_STACK_BYTES  (256u * 1024u)
#define GATE_GUARD_STACK_BYTES (64u * 1024u)

/* Every call: its name, its handler, and what it names of the programme's memory. Its number is its place. Of memory,
 * n being an argument's number:
 *
 *   NOTHING
 *   BYTES(n)                reads as many bytes as argument n + 1 says, at argument n
 *   TAKES(n, type)          reads a structure at argument n, once
 *   FILLS(n)                writes as many bytes at the most
 *   GIVES(n, type)          writes one there
 *   KEEPS(n, type, member)  reads one up to the member, once, and writes that later
 *   TRADES(n, type)         reads one, once, and writes it */
#define GATE_CALLS(CALL)                                                                                               \
	/* (status): does not return */                                                                                \
	CALL(EXIT, exit, NOTHING)                                                                                      \
	/* (enum platform_stream, bytes, length) */                                                                    \
	CALL(WRITE, write, BYTES(1))                                                                                   \
	/* (bytes): the heap's old end; what is fresh behind it is not zeroed: kernel/user/ does */                    \
	CALL(HEAP_GROW, heap_grow, NOTHING)                                                                            \
	/* (bytes, page_bytes, flags): the address; not zeroed either */                                               \
	CALL(MEMORY_MAP, memory_map, NOTHING)                                                                          \
	/* (address, bytes, flags): PLATFORM_EBUSY for what an armed guard stands on */                                \
	CALL(MEMORY_PROTECT, memory_protect, NOTHING)                                                                  \
	/* (address, bytes): as PROTECT */                                                                             \
	CALL(MEMORY_UNMAP, memory_unmap, NOTHING)                                                                      \
	/* (): bytes */                                                                                                \
	CALL(MEMORY_FREE, memory_free, NOTHING)                                                                        \
	/* (struct platform_clock *) */                                                                                \
	CALL(CLOCK, clock, GIVES(0, struct platform_clock))                                                            \
	/* (struct platform_counters *) */                                                                             \
	CALL(COUNTERS, counters, GIVES(0, struct platform_counters))                                                   \
	/* (struct gate_resume *, timeout_ns, total_ns): as platform_run_guarded */                                    \
	CALL(GUARD_ARM, guard_arm, KEEPS(0, struct gate_resume, fault))                                                \
	/* (struct gate_resume *): under a guard, which stays, faults are told there until CATCH_END or its end */     \
	CALL(CATCH, catch, KEEPS(0, struct gate_resume, fault))                                                        \
	/* () */                                                                                                       \
	CALL(CATCH_END, catch_end, NOTHING)                                                                            \
	/* () */                                                                                                       \
	CALL(GUARD_DISARM, guard_disarm, NOTHING)                                                                      \
	/* (timeout_ns) */                                                                                             \
	CALL(CHECKPOINT, checkpoint, NOTHING)                                                                          \
	/* (core, struct gate_task *) */                                                                               \
	CALL(CORE_START, core_start, TAKES(1, struct gate_task))                                                       \
	/* (core): PLATFORM_EBUSY at once where it runs still, PLATFORM_EFAULT where it faulted */                     \
	CALL(CORE_JOIN, core_join, NOTHING)                                                                            \
	/* (core): the fault that the last join told of, as the guarded function's own; without one PLATFORM_EFAULT */ \
	CALL(CORE_RAISE, core_raise, NOTHING)                                                                          \
	/* (core): as platform_core_stop */                                                                            \
	CALL(CORE_STOP, core_stop, NOTHING)                                                                            \
	/* (core): asleep at the end of the call, where it has no task; PLATFORM_EBUSY: it has one */                  \
	CALL(CORE_REST, core_rest, NOTHING)                                                                            \
	/* (cpu): as platform_core_stay; floating-point and vector state is whatever it was there */                   \
	CALL(CORE_MOVE, core_move, NOTHING)                                                                            \
	/* (enum platform_relation, index): as platform_core_find */                                                   \
	CALL(CORE_FIND, core_find, NOTHING)                                                                            \
	/* (core, struct platform_core *) */                                                                           \
	CALL(CORE_DESCRIBE, core_describe, GIVES(1, struct platform_core))                                             \
	/* (): the only call that another core has: its task has returned */                                           \
	CALL(CORE_END, core_end, NOTHING)                                                                              \
	/* (): as platform_results_close */                                                                            \
	CALL(RESULTS_CLOSE, results_close, NOTHING)                                                                    \
	/* (seed): see space_scatter */                                                                                \
	CALL(MEMORY_SCATTER, memory_scatter, NOTHING)                                                                  \
	/* (number, bytes, capacity): see raw_table_copy */                                                            \
	CALL(TABLE, table, FILLS(1))                                                                                   \
	/* (core, struct gate_registers *) */                                                                          \
	CALL(REGISTERS, registers, GIVES(1, struct gate_registers))                                                    \
	/* (struct platform_page_request *): as platform_pages_repeat, up to GATE_PAGES_MOST pages over all rounds */  \
	CALL(PAGES_REPEAT, pages_repeat, TAKES(0, struct platform_page_request))                                       \
	/* (page, page, enum platform_exchange): as platform_page_exchange */                                          \
	CALL(PAGE_EXCHANGE, page_exchange, NOTHING)                                                                    \
	/* (off, struct platform_prefetchers *): as platform_prefetchers_switch */                                     \
	CALL(PREFETCHERS, prefetchers, GIVES(1, struct platform_prefetchers))                                          \
	/* (core, struct platform_witness *): of one core, as platform_witness_read */                                 \
	CALL(WITNESS, witness, GIVES(1, struct platform_witness))                                                      \
	/* (every_ns, length_ns, struct platform_planted *): as platform_plant */                                      \
	CALL(PLANT, plant, GIVES(2, struct platform_planted))                                                          \
	/* (struct platform_pmu *) */                                                                                  \
	CALL(PMU_DESCRIBE, pmu_describe, GIVES(0, struct platform_pmu))                                                \
	/* (struct gate_pmu *): as platform_pmu_start, but 0, and the number in it */                                  \
	CALL(PMU_START, pmu_start, TRADES(0, struct gate_pmu))                                                         \
	/* () */                                                                                                       \
	CALL(PMU_STOP, pmu_stop, NOTHING)

#ifdef __ASSEMBLER__

.set gate_number, 0
#define GATE_NUMBER(name, ...)         \
	.set GATE_##name, gate_number; \
	.set gate_number, gate_number + 1;
	GATE_CALLS(GATE_NUMBER)

#else

#include "lib/id_registers.h"
#include "lib/units.h"
#include "platform.h"

#include <stdint.h>

#define GATE_NUMBER(name, ...) GATE_##name,
enum gate_call { GATE_CALLS(GATE_NUMBER) GATE_CALL_COUNT };

/* Where the kernel resumes the programme after a contained fault. Owned by the programme, read at ARM time: an
 * instruction that the programme may not execute or a stack that it may not write to is refused then, and what is
 * needed later cannot be unmapped or protected until DISARM. The
 * kernel resumes at `instruction` with the stack pointer `stack` and, as first argument (RDI, X0), the address of
 * this structure; all other general registers are 0. The code there resets the floating-point and vector state (it
 * can, unprivileged, where an emulated ring 0 cannot) and restores its own callee-saved registers from its stack. The
 * fault is in `fault` by then. */
struct gate_resume {
	uint64_t instruction;
	uint64_t stack;
	struct platform_fault fault; /* written by the kernel, symbol and name included */
};

/* What a core says of itself, on aarch64; `known` is 0 on x86_64, and of a core that has not run yet. */
struct gate_registers {
	uint64_t known;
	uint64_t caches_known;      /* bit n: caches[n] was read */
	uint64_t caches[ID_CACHES]; /* CCSIDR_EL1 by CSSELR_EL1 */
	uint64_t values[ID_REGISTER_COUNT];
};

/* What another core runs, and where; all other general registers are 0, floating-point and vector state whatever it
 * was. Read at START. */
struct gate_task {
	uint64_t instruction;
	uint64_t stack; /* 16-byte aligned */
	uint64_t argument;
};

/* What to count, and where it can be read. */
struct gate_pmu {
	uint64_t count; /* wanted, at most PLATFORM_PMU_EVENTS_MAX; then, from the first on, started */
	struct platform_pmu_event events[PLATFORM_PMU_EVENTS_MAX];
	uint64_t slots[PLATFORM_PMU_EVENTS_MAX]; /* for ECX of RDPMC; the number of PMEVCNTR<n>_EL0, GATE_PMU_CYCLES */
};
#define GATE_PMU_CYCLES        31 /* PMCCNTR_EL0, which has this bit in the PMU's sets */

/* Time that gate_start.checkpoint_ticks stands for: a tenth of a slice of the firmware's (gate.c), and little beside a
 * time-out. */
#define GATE_CHECKPOINT_NS     (50 * NS_PER_MS)

/* Of one call: what they take on a host that emulates this ring, some 0.2 s, is little beside a time-out. */
#define GATE_PAGES_MOST        1024

/* What the programme finds at its start; the address is in the first argument register of the entry point. */
struct gate_start {
	struct platform_info info;
	struct platform_text command_line; /* one string of words: crt0 splits it into argv */
	struct platform_text config;
	struct platform_text previous_log;
	struct platform_text profile;
	uint64_t guard_stack;      /* top of the guarded stack, 16-byte aligned */
	uint64_t checkpoint_ticks; /* GATE_CHECKPOINT with the same time need not be called again sooner */
	uint64_t pmu_losses;       /* changes whenever what was counted was lost: put back unasked */
	char left_off[128];        /* as struct arch_cpu has them, and what keys leave out */
};

#endif
