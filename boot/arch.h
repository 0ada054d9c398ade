/* SPDX-License-Identifier: Apache-2.0
 *
 * What the loader asks of an architecture: the instructions that C cannot say, and the ABI of the kernel's entry point.
 * Supplied by boot/x86_64/arch.c and boot/aarch64/arch.c.
 */
#pragma once

#include "boot_info.h"
#include "lib/conf.h"
#include "lib/elf.h"
#include "lib/serial.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The counter of boot_info.entry_ticks. */
uint64_t boot_arch_ticks(void);

enum elf_machine boot_arch_machine(void);
const char *boot_arch_name(void);

/* The processor says of itself that it is a guest's. false where it says nothing. */
bool boot_arch_says_virtual(void);

/* send8 is NULL: the loader writes through the firmware. */
extern const struct port_io boot_arch_port_io;

/* Whether nothing but ACPI tables names the interrupt controller. */
extern const bool boot_arch_needs_acpi;

/* ACPI tables of the machine that a device tree describes, in `room` of boot_arch_tree_bytes at a multiple of 16; the
 * RSDP's address, 0: it is no tree. Where trees are not read there is no room needed and no answer but 0. */
extern const size_t boot_arch_tree_bytes;
uint64_t boot_arch_tree_tables(const void *tree, void *room);

/* false: the processor lacks what the kernel cannot do without; its names are in `lacks`. */
bool boot_arch_suffices(char *lacks, size_t capacity);

/* What was just written is in memory for whoever runs with caches or MMU off, and fresh for the instruction fetch. */
void boot_arch_publish(const void *bytes, uint64_t length);

/* Ends the emulator with `status`, where `way` is a launcher's (x86_64: "isa-debug-exit", aarch64: "semihosting");
 * returns where it is absent or another, or nobody listens. */
void boot_arch_exit(int status, struct conf_span way);

/* Calls the kernel with interrupts masked, and puts the interrupt mask back when it returns. */
void boot_arch_enter_kernel(uint64_t entry, struct boot_info *info, struct kernel_call *call);
