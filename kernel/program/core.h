/* SPDX-License-Identifier: Apache-2.0
 *
 * The machine's other cores, as gate calls of the first core's ask for them, and as handback needs them. `core` is the
 * programme's number of one (core_list_nth); results are platform.h's errors.
 */
#pragma once

#include "kernel/arch.h"
#include "kernel/gate.h"

#include <stdbool.h>
#include <stdint.h>

/* PLATFORM_EBUSY: a task has been started there and not joined. The task is copied. */
int64_t core_start(uint64_t core, const struct gate_task *task);

/* PLATFORM_EBUSY: it runs still; PLATFORM_EFAULT: it faulted or was stopped, see core_raise. */
int64_t core_join(uint64_t core);

/* Makes the fault that the last join told of the guarded function's: GATE_RESUMED. */
int64_t core_raise(uint64_t core);

/* Ends what runs there, which its join then tells of as PLATFORM_TIMED_OUT. 0 where nothing runs, too; PLATFORM_EIO: it
 * did not end, and the core is lost. */
int64_t core_stop(uint64_t core);

/* Asleep without the look around for a next task. PLATFORM_EINVAL: it was never started; PLATFORM_EBUSY: its task was
 * not joined; PLATFORM_EIO: it does not answer. */
int64_t core_rest(uint64_t core);

/* Every core that has a task forgets these leaves, as arch_tlb_flush has them, and goes on with it; what was stored to
 * the page tables before is what it sees from then on. false: one does not answer. */
bool core_tlb_flush(vaddr_t address, uint64_t leaf_bytes, uint64_t count);

/* The programme, and the kernel with it, goes on on another CPU, as soon as the call is served; this one is another
 * core then. PLATFORM_EINVAL: there is no such CPU; PLATFORM_EBUSY: tasks are not joined, or a guard is armed;
 * PLATFORM_EUNSUPPORTED: handback; else why it does not come. */
int64_t core_move(uint64_t cpu);

/* Where the kernel goes on there, never to return: its loop. */
extern void (*core_go_on)(void);

/* core_list_find; PLATFORM_EUNSUPPORTED: there is none. */
int64_t core_find(uint64_t relation, uint64_t index);
int64_t core_describe(uint64_t core, struct platform_core *description);

/* Of the first core, 0, now; of another, as they were when it came last. */
int64_t core_registers(uint64_t core, struct gate_registers *registers);

/* As platform_witness_read, of one. */
int64_t core_witness(uint64_t core, struct platform_witness *witness);

/* Starts every core, for no task: each is asleep afterwards, or named on the console as one that did not come.
 * PLATFORM_EUNSUPPORTED: there is nothing to start them with. */
int core_start_all(void);

/* Before the firmware gets the machine: ends what runs, and waits until all are asleep; `leave`: and gives them back
 * for good. Whoever does not is named on the console, and false the answer. */
bool core_quiet(bool leave);
