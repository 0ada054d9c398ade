/* SPDX-License-Identifier: Apache-2.0
 *
 * What the kernel needs to know of a machine, out of its device tree, by libfdt. A tree is a stranger's: cells that are
 * missing or wild leave a thing out, and nothing outside of the tree's own bytes is read. Pure.
 *
 * Deliberately not here: drivers' details, clocks, power domains; cores that start by other means than PSCI and
 * spin tables.
 * Source: Devicetree Specification 0.4; Linux's bindings (Documentation/devicetree/bindings): arm/cpus.yaml,
 * arm/psci.yaml, interrupt-controller/arm,gic.yaml and arm,gic-v3.yaml, timer/arm,arch_timer.yaml, serial/.
 */
#pragma once

#include "boot_info.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TREE_CORES_MAX = 512, TREE_PIECES_MAX = 64, TREE_REDISTRIBUTORS_MAX = 16, TREE_NAME_BYTES = 48 };

struct tree_piece {
	uint64_t base, length; /* bytes */
};

/* MINI: the Pi's, a 16550 but for its FIFO. */
enum tree_serial { TREE_SERIAL_NONE, TREE_SERIAL_16550, TREE_SERIAL_MINI, TREE_SERIAL_PL011, TREE_SERIAL_SBSA };

struct tree_machine {
	struct tree_piece memory[TREE_PIECES_MAX];
	size_t memory_count;
	struct tree_piece reserved[TREE_PIECES_MAX]; /* of that memory */
	size_t reserved_count;

	uint64_t cores[TREE_CORES_MAX];   /* MPIDR's affinities */
	uint64_t release[TREE_CORES_MAX]; /* where a core that spins looks for where to go; 0: it does not */
	size_t core_count;
	bool psci, psci_hvc; /* psci_hvc: calls go through HVC, else SMC */

	unsigned gic_version; /* 2, 3; 0: none that we know */
	uint64_t gic_distributor;
	uint64_t gic_interface; /* version 2 */
	struct tree_piece gic_redistributors[TREE_REDISTRIBUTORS_MAX];
	size_t gic_redistributor_count;

	/* INTIDs of the generic timer's interrupts; 0: absent */
	uint32_t timer_secure, timer_physical, timer_virtual, timer_hypervisor;

	enum tree_serial serial;
	uint64_t serial_base;
	unsigned serial_stride, serial_access; /* bytes */

	bool qemu; /* QEMU's own device is in it */
	char name[TREE_NAME_BYTES];
	struct boot_bytes command_line; /* /chosen/bootargs, within the tree */
};

/* Bytes of a tree that begins there; 0: none does. */
size_t tree_bytes(const void *tree);

/* false: it is no tree. */
bool tree_read(const void *tree, struct tree_machine *machine);

/* ---- the same as ACPI tables (tables.c) ---- */

/* What the tables of any such machine need at the most. */
#define TREE_TABLES_BYTES ((size_t)128 * 1024)

/* Writes RSDP, XSDT, FADT, MADT, GTDT and SPCR into `room` (TREE_TABLES_BYTES, at a multiple of 16; memory is
 * identity-mapped), so that the kernel reads one kind of description only. The RSDP's address. */
uint64_t tree_tables(const struct tree_machine *machine, void *room);
