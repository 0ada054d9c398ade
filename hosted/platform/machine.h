/* SPDX-License-Identifier: Apache-2.0
 *
 * What hosted/platform/ asks of an architecture: supplied by x86_64/ and aarch64/ beside this. Linux's own
 * interfaces only, unprivileged.
 */
#pragma once

#include "platform.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The instruction and the stack pointer in the `ucontext_t` that a signal handler got. */
void machine_signal_registers(const void *ucontext, uint64_t *instruction, uint64_t *stack);

/* First of all in a handler: what the interrupted code may have set, and Linux leaves so (x86_64: EFLAGS.AC, with which
 * compiled code faults), is as the ABI has it. */
void machine_signal_settle(void);

/* A breakpoint's SIGTRAP has the address behind its instruction; as a refused system call's SIGSYS always has. */
extern const bool machine_trap_is_behind;

/* Loads a byte, by an instruction that a handler which got this `ucontext_t` can step over. */
void machine_load(const void *address);
void machine_signal_step_over_load(void *ucontext);

/* "x86_64", "TSC", "ring 3" */
extern const char machine_architecture[];
extern const char machine_counter[];
extern const char machine_level[];

/* As seccomp has it: AUDIT_ARCH_*. */
extern const uint32_t machine_audit_arch;

/* The counter's rate as the machine states it, 0 where it does not; *source says where. */
uint64_t machine_counter_hz(const char **source);

/* The machine promises a constant rate. */
bool machine_counter_invariant(void);

/* "KVM", "TCG", "none", "unknown". */
void machine_hypervisor(char *name, size_t capacity);

/* NULL: MSR_SMI_COUNT can be asked for; else why not. Whether it would be a guest's own. */
const char *machine_smi_refused(void);
bool machine_smi_is_guests(void);

/* Empty where unknown. */
void machine_cpu_model(char *model, size_t capacity);

/* What the CPU that this runs on says: PLATFORM_RAW_LEAF and PLATFORM_RAW_REGISTER. */
void machine_raw_read(const struct platform_raw_reader *reader, uint32_t cpu);
