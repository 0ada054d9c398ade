/* SPDX-License-Identifier: Apache-2.0
 *
 * A device tree out of any bytes, and the tables that are made of it, read as the kernel reads them.
 */
#include "boot/tree/tree.h"
#include "fuzz/fuzz.h"
#include "kernel/acpi.h"
#include "lib/serial.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
	static struct tree_machine machine;
	static uint8_t tables[TREE_TABLES_BYTES] __attribute__((aligned(16)));
	enum { HEADER_BYTES = 40, SIZE_AT = 4 };
	if (length < HEADER_BYTES)
		return 0;
	uint8_t *tree = malloc(length); /* to the byte */
	if (tree == NULL)
		abort();
	memcpy(tree, bytes, length);
	for (size_t i = 0; i < 4; i++) /* whoever hands one over vouches for its size */
		tree[SIZE_AT + i] = (uint8_t)(length >> (24 - 8 * i));
	if (tree_read(tree, &machine)) {
		uint64_t rsdp = tree_tables(&machine, tables);
		struct acpi_madt madt;
		struct acpi_madt_entry entry;
		struct serial_port ports[SERIAL_PORTS_MAX];
		serial_ports_list(rsdp, false, ports);
		if (!acpi_madt_open(rsdp, &madt))
			abort();
		while (acpi_madt_next(&madt, &entry))
			;
	}
	free(tree);
	return 0;
}
