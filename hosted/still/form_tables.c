/* SPDX-License-Identifier: Apache-2.0
 *
 * Of ACPI's tables the header alone, and of two of them the ports: in others are keys of licences and networks'
 * addresses. Of disks nothing but what they hang on.
 * Source: ACPI 6.4, 5.2.6 (header), 5.2.3.2 (generic address); Microsoft, SPCR and DBG2 (lib/serial.h).
 */
#include "hosted/still/form.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TABLES_MOST = 128, NAME_BYTES = 16, SIGNATURE_BYTES = 4 };
#define TABLES "sys/firmware/acpi/tables"

struct names {
	char names[TABLES_MOST][NAME_BYTES];
	size_t count;
};

/* "SSDT12": as Linux numbers those of one signature. */
static void take_table(void *argument, const char *name) {
	struct names *names = argument;
	size_t letters = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
	if (letters < SIGNATURE_BYTES || name[letters] != '\0' || letters >= NAME_BYTES || names->count == TABLES_MOST)
		return;
	snprintf(names->names[names->count++], NAME_BYTES, "%s", name);
}

static int compare(const void *a, const void *b) {
	return strcmp(a, b);
}

/* Without the blanks and zeroes behind it. */
static void add_padded(char *text, size_t capacity, const char *bytes, size_t length) {
	while (length && (bytes[length - 1] == ' ' || bytes[length - 1] == '\0'))
		length--;
	snprintf(text, capacity, "%.*s", (int)length, bytes);
}

void form_tables(const struct tree *tree, struct text *answer) {
	enum { OEM_ID = 10, OEM_ID_BYTES = 6, OEM_TABLE_ID = 16, OEM_TABLE_ID_BYTES = 8, HEADER_BYTES = 36 };
	struct names *names = calloc(1, sizeof(*names));
	bool refused = false;
	if (names)
		tree_list(tree, TABLES, take_table, names);
	if (names && names->count)
		qsort(names->names, names->count, NAME_BYTES, compare);
	for (size_t i = 0; names && i < names->count; i++) {
		char header[HEADER_BYTES], oem[8], table[12];
		size_t length = tree_bytes(tree, header, sizeof(header), TABLES "/%s", names->names[i]);
		refused |= length == 0;
		if (length != sizeof(header)) {
			form_list(answer, names->names[i]);
			continue;
		}
		add_padded(oem, sizeof(oem), header + OEM_ID, OEM_ID_BYTES);
		add_padded(table, sizeof(table), header + OEM_TABLE_ID, OEM_TABLE_ID_BYTES);
		form_list_format(answer, "%s (%s %s)", names->names[i], oem, table);
	}
	if (refused)
		text_add_string(answer, "; whose they are root may read");
	free(names);
}

static uint64_t read_le(const unsigned char *bytes, size_t length) {
	uint64_t value = 0;
	for (size_t i = length; i > 0; i--)
		value = value << 8 | bytes[i - 1];
	return value;
}

void form_ports(const struct tree *tree, struct text *answer) {
	enum { TYPE = 36, SPACE = 40, ADDRESS = 44, BAUD = 58, SPCR_BYTES = 59, PORTS = 40, DBG2_BYTES = 44 };
	unsigned char bytes[64];
	size_t length = tree_bytes(tree, bytes, sizeof(bytes), TABLES "/SPCR");
	if (length >= SPCR_BYTES) {
		form_list_format(answer, "SPCR: interface %u at %s 0x%llx, rate's code %u", bytes[TYPE],
				 bytes[SPACE] == 0   ? "memory"
				 : bytes[SPACE] == 1 ? "I/O port"
						     : "another space,",
				 (unsigned long long)read_le(bytes + ADDRESS, 8), bytes[BAUD]);
	} else if (tree_has(tree, TABLES "/SPCR")) {
		form_list(answer, "SPCR, which root may read");
	}
	length = tree_bytes(tree, bytes, sizeof(bytes), TABLES "/DBG2");
	if (length >= DBG2_BYTES) {
		form_list_format(answer, "DBG2: %llu", (unsigned long long)read_le(bytes + PORTS, 4));
	} else if (tree_has(tree, TABLES "/DBG2")) {
		form_list(answer, "DBG2, which root may read");
	}
	if (answer->length == 0 && tree_has(tree, TABLES))
		text_add_string(answer, "neither SPCR nor DBG2");
}

/* ---- disks ------------------------------------------------------------------------------------------------------- */

/* By the way of the link in /sys/block; the first that is in it. */
static const char *const buses[][2] = {
	{"/usb", "USB"},  {"/nvme", "NVMe"},     {"/mmc", "SD or eMMC"},
	{"/ata", "SATA"}, {"/virtio", "virtio"}, {"/host", "SCSI"},
};
enum { BUSES = sizeof(buses) / sizeof(buses[0]), OTHER_BUS = BUSES };

struct disks {
	const struct tree *tree;
	size_t counts[BUSES + 1], removable[BUSES + 1], large_sectors[BUSES + 1];
};

static void take_disk(void *argument, const char *name) {
	struct disks *disks = argument;
	char target[TREE_PATH];
	uint64_t number;
	size_t bus = 0;
	if (!tree_link(disks->tree, target, "sys/block/%s", name) || strstr(target, "/virtual/"))
		return;
	while (bus < BUSES && !strstr(target, buses[bus][0]))
		bus++;
	disks->counts[bus]++;
	disks->removable[bus] += tree_number(disks->tree, &number, "sys/block/%s/removable", name) && number != 0;
	disks->large_sectors[bus] +=
		tree_number(disks->tree, &number, "sys/block/%s/queue/logical_block_size", name) && number > 512;
}

void form_disks(const struct tree *tree, struct text *answer) {
	struct disks disks = {.tree = tree};
	if (!tree_list(tree, "sys/block", take_disk, &disks))
		return;
	for (size_t i = 0; i <= OTHER_BUS; i++) {
		if (disks.counts[i] == 0)
			continue;
		form_list_format(answer, "%zu x %s", disks.counts[i], i == OTHER_BUS ? "of another kind" : buses[i][1]);
		if (disks.removable[i])
			text_format(answer, " (%zu removable)", disks.removable[i]);
		if (disks.large_sectors[i])
			text_format(answer, " (%zu with sectors beyond 512 bytes)", disks.large_sectors[i]);
	}
	if (answer->length == 0)
		text_add_string(answer, "none");
}
