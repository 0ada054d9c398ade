/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory modules: SMBIOS 3.7 (DSP0134), 7.18 "Memory Device (Type 17)". No string of any structure is read: serial
 * numbers, asset tags and names of the machine are strings.
 */
#include "caps/tables/tables.h"

#include <string.h>

enum {
	SMBIOS_HEADER = 4,
	SMBIOS_MEMORY_DEVICE = 17,
	SMBIOS_END = 127,

	DATA_WIDTH = 0x0a,
	SIZE = 0x0c,
	SIZE_UNKNOWN = 0xffff,
	SIZE_EXTENDED = 0x7fff,
	SIZE_KIBIBYTES = 0x8000,
	TYPE = 0x12,
	SPEED = 0x15,
	EXTENDED_SIZE = 0x1c,
	CONFIGURED_SPEED = 0x20,
	EXTENDED_SPEED = 0x54,
	EXTENDED_CONFIGURED_SPEED = 0x58,
	UNKNOWN = 0xffff, /* of a width; of a speed: see the extended one */
	SPEED_MT_MAX = 1000000,
	WIDTH_BITS_MAX = 8192, /* beyond these two: no module's */

	TYPE_FLASH = 0x09,
	TYPE_LOGICAL_NON_VOLATILE = 0x1f,
};

static const char *const type_names[] = {
	[0x03] = "DRAM",  [0x07] = "RAM",     [0x09] = "flash",  [0x0f] = "SDRAM",  [0x12] = "DDR",
	[0x13] = "DDR2",  [0x14] = "FB-DIMM", [0x18] = "DDR3",   [0x19] = "FBD2",   [0x1a] = "DDR4",
	[0x1b] = "LPDDR", [0x1c] = "LPDDR2",  [0x1d] = "LPDDR3", [0x1e] = "LPDDR4", [0x1f] = "non-volatile",
	[0x20] = "HBM",   [0x21] = "HBM2",    [0x22] = "DDR5",   [0x23] = "LPDDR5", [0x24] = "HBM3",
};

/* ---- structures -------------------------------------------------------------------------------------------------- */

/* The structure at *at, its formatted part, and *at behind its strings. false: no more, or what follows is cut. */
static bool next_structure(const struct caps_bytes *table, size_t *at, struct caps_entry *entry) {
	if (*at > table->length || table->length - *at < SMBIOS_HEADER)
		return false;
	const uint8_t *bytes = table->bytes + *at;
	if (bytes[0] == SMBIOS_END || bytes[1] < SMBIOS_HEADER || bytes[1] > table->length - *at)
		return false;
	*entry = (struct caps_entry){bytes, bytes[1], bytes[0]};
	size_t end = *at + bytes[1];
	while (table->length - end >= 2 && (table->bytes[end] || table->bytes[end + 1]))
		end++;
	*at = end + 2;
	return true;
}

/* Fields that a structure of an older version has not are 0, which is "not known" for all that is read here. */
static uint16_t word(const struct caps_entry *entry, unsigned at) {
	return at + 2 <= entry->length ? caps_read16(entry->bytes + at) : 0;
}
static uint32_t double_word(const struct caps_entry *entry, unsigned at) {
	return at + 4 <= entry->length ? caps_read32(entry->bytes + at) : 0;
}

static struct caps_number number(uint64_t value) {
	struct caps_source source = {.from = CAPS_FROM_SMBIOS, .detail = SMBIOS_MEMORY_DEVICE};
	return value ? (struct caps_number){value, source} : (struct caps_number){0};
}

/* ---- modules ----------------------------------------------------------------------------------------------------- */

static uint64_t size_bytes(const struct caps_entry *entry) {
	uint16_t size = word(entry, SIZE);
	if (size == SIZE_UNKNOWN)
		return 0;
	if (size == SIZE_EXTENDED)
		return (uint64_t)(double_word(entry, EXTENDED_SIZE) & 0x7fffffff) << 20;
	return size & SIZE_KIBIBYTES ? (uint64_t)(size & 0x7fff) << 10 : (uint64_t)size << 20;
}

static uint32_t speed(const struct caps_entry *entry, unsigned at, unsigned extended_at) {
	uint32_t value = word(entry, at);
	if (value == UNKNOWN)
		value = double_word(entry, extended_at) & 0x7fffffff;
	return value <= SPEED_MT_MAX ? value : 0;
}

/* As it is configured; where that is not told, what the module can do. */
static uint32_t speed_mt(const struct caps_entry *entry) {
	uint32_t configured = speed(entry, CONFIGURED_SPEED, EXTENDED_CONFIGURED_SPEED);
	return configured ? configured : speed(entry, SPEED, EXTENDED_SPEED);
}

static bool is_empty(const struct caps_entry *entry) {
	return word(entry, SIZE) == 0;
}

static void read_module(const struct caps_entry *entry, struct caps_module *module) {
	uint16_t width = word(entry, DATA_WIDTH);
	uint8_t type = TYPE < entry->length ? entry->bytes[TYPE] : 0;
	const char *name = type < sizeof(type_names) / sizeof(type_names[0]) ? type_names[type] : NULL;
	module->bytes = number(size_bytes(entry));
	module->mt_second = number(speed_mt(entry));
	module->width_bits = number(width <= WIDTH_BITS_MAX ? width : 0);
	if (name)
		caps_text_set(&module->type, name, strlen(name), number(1).source);
}

static bool transfers(const struct caps_entry *entry) {
	uint8_t type = TYPE < entry->length ? entry->bytes[TYPE] : 0;
	return type != TYPE_FLASH && type != TYPE_LOGICAL_NON_VOLATILE;
}

static uint64_t bandwidth(const struct caps_module *module) {
	return module->mt_second.value * 1000000 * module->width_bits.value / 8;
}

static void tell_bandwidth(struct caps_build *build, size_t with_bandwidth, size_t without) {
	struct caps_machine *machine = build->machine;
	if (with_bandwidth && without)
		caps_remark(machine, build->arena,
			    "%zu memory modules tell no speed or width: the bandwidth on paper is without them",
			    without);
	if (with_bandwidth > 1)
		caps_remark(machine, build->arena,
			    "the bandwidth on paper adds up %zu modules as told; those on one channel share it",
			    with_bandwidth);
}

int caps_smbios_describe(struct caps_build *build) {
	struct caps_machine *machine = build->machine;
	struct caps_entry entry;
	size_t with_bandwidth = 0, without = 0;
	machine->modules = caps_arena_take(build->arena, CAPS_MODULES_MAX * sizeof(*machine->modules));
	if (!machine->modules)
		return CAPS_ENOMEM;
	for (size_t at = 0; next_structure(&build->raw->smbios, &at, &entry);) {
		if (entry.type != SMBIOS_MEMORY_DEVICE || is_empty(&entry))
			continue;
		if (machine->module_count == CAPS_MODULES_MAX) {
			caps_remark(machine, build->arena, "more than %u memory modules: not all are shown",
				    (unsigned)CAPS_MODULES_MAX);
			break;
		}
		struct caps_module *module = &machine->modules[machine->module_count++];
		read_module(&entry, module);
		if (!transfers(&entry))
			continue;
		with_bandwidth += bandwidth(module) != 0;
		without += bandwidth(module) == 0;
		machine->memory_bandwidth = number(machine->memory_bandwidth.value + bandwidth(module));
	}
	tell_bandwidth(build, with_bandwidth, without);
	return 0;
}
