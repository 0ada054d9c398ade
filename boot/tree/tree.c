/* SPDX-License-Identifier: Apache-2.0
 *
 * See tree.h. Addresses of a node are its bus's: each `ranges` on the way to the root translates them, and where one
 * does not know the address, the node counts as out of the processor's reach.
 */
#include "boot/tree/tree.h"

#include <libfdt.h>

enum {
	CELL_BYTES = 4,
	CELLS_MAX = 4, /* the specification's FDT_MAX_NCELLS */
	DEPTH_MAX = 16,
	PPI_FIRST = 16, /* INTID of the first private peripheral interrupt */
	INTERRUPT_PPI = 1,
	TIMER_INTERRUPTS = 4,
};

static uint32_t cell_at(const void *cells, int index) {
	return fdt32_ld((const fdt32_t *)cells + index);
}

/* A number of one or two cells; more have no meaning as an address, their low ones are taken. */
static uint64_t cells_read(const void *cells, int count) {
	uint64_t value = 0;
	for (int i = 0; i < count; i++)
		value = value << 32 | cell_at(cells, i);
	return value;
}

static uint32_t property_cell(const void *tree, int node, const char *name, uint32_t otherwise) {
	int length;
	const void *value = fdt_getprop(tree, node, name, &length);
	return value != NULL && length >= CELL_BYTES ? cell_at(value, 0) : otherwise;
}

static bool is_compatible(const void *tree, int node, const char *name) {
	return fdt_node_check_compatible(tree, node, name) == 0;
}

/* How many cells an address and a size have below `bus` (Devicetree Specification 0.4, 2.3.5); 0: no number of ours. */
static int bus_cells(const void *tree, int bus, const char *name, uint32_t otherwise) {
	uint32_t cells = property_cell(tree, bus, name, otherwise);
	return cells <= CELLS_MAX ? (int)cells : 0;
}

static int address_cells(const void *tree, int bus) {
	return bus_cells(tree, bus, "#address-cells", 2);
}

static int size_cells(const void *tree, int bus) {
	return bus_cells(tree, bus, "#size-cells", 1);
}

/* "status" is absent or "okay". */
static bool is_enabled(const void *tree, int node) {
	int length;
	const char *status = fdt_getprop(tree, node, "status", &length);
	return status == NULL || (length >= 2 && status[0] == 'o' && status[1] == 'k');
}

/* ---- addresses --------------------------------------------------------------------------------------------------- */

/* One `ranges` of `bus`, whose parent is `above`: an address on the bus as one above it. */
static bool translate_once(const void *tree, int bus, int above, uint64_t *address) {
	int length, child = address_cells(tree, bus), parent = address_cells(tree, above), size = size_cells(tree, bus);
	const uint8_t *ranges = fdt_getprop(tree, bus, "ranges", &length);
	if (ranges == NULL || child < 1 || parent < 1 || size < 1)
		return false;
	if (length == 0)
		return true;
	int row = (child + parent + size) * CELL_BYTES;
	for (; length >= row; length -= row, ranges += row) {
		uint64_t from = cells_read(ranges, child);
		uint64_t bytes = cells_read(ranges + (child + parent) * CELL_BYTES, size);
		if (*address >= from && *address - from < bytes) {
			*address = *address - from + cells_read(ranges + child * CELL_BYTES, parent);
			return true;
		}
	}
	return false;
}

static bool translate(const void *tree, int node, uint64_t *address) {
	int bus = fdt_parent_offset(tree, node);
	for (unsigned depth = 0; bus > 0 && depth < DEPTH_MAX; depth++) {
		int above = fdt_parent_offset(tree, bus);
		if (above < 0 || !translate_once(tree, bus, above, address))
			return false;
		bus = above;
	}
	return bus == 0;
}

/* Row `index` of `reg`, as the processor sees it. */
static bool reg_read(const void *tree, int node, int index, struct tree_piece *piece) {
	int length, bus = fdt_parent_offset(tree, node);
	if (bus < 0)
		return false;
	int address = address_cells(tree, bus), size = size_cells(tree, bus);
	const uint8_t *reg = fdt_getprop(tree, node, "reg", &length);
	if (reg == NULL || address < 1 || size < 0 || length < (index + 1) * (address + size) * CELL_BYTES)
		return false;
	reg += index * (address + size) * CELL_BYTES;
	piece->base = cells_read(reg, address);
	piece->length = cells_read(reg + address * CELL_BYTES, size);
	return piece->base + piece->length >= piece->base && translate(tree, node, &piece->base);
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

static void piece_add(struct tree_piece *pieces, size_t *count, struct tree_piece piece) {
	if (piece.length != 0 && *count < TREE_PIECES_MAX)
		pieces[(*count)++] = piece;
}

static void pieces_of_node(const void *tree, int node, struct tree_piece *pieces, size_t *count) {
	struct tree_piece piece;
	for (int i = 0; i < TREE_PIECES_MAX && reg_read(tree, node, i, &piece); i++)
		piece_add(pieces, count, piece);
}

static void memory_read(const void *tree, struct tree_machine *machine) {
	static const char memory[] = "memory";
	int node = -1;
	while ((node = fdt_node_offset_by_prop_value(tree, node, "device_type", memory, sizeof(memory))) >= 0)
		if (is_enabled(tree, node))
			pieces_of_node(tree, node, machine->memory, &machine->memory_count);
	for (int i = 0; i < fdt_num_mem_rsv(tree); i++) {
		struct tree_piece piece;
		if (fdt_get_mem_rsv(tree, i, &piece.base, &piece.length) == 0)
			piece_add(machine->reserved, &machine->reserved_count, piece);
	}
	int reserved = fdt_path_offset(tree, "/reserved-memory");
	if (reserved < 0)
		return;
	fdt_for_each_subnode(node, tree, reserved)
		pieces_of_node(tree, node, machine->reserved, &machine->reserved_count);
}

/* ---- cores and their firmware ------------------------------------------------------------------------------------ */

static bool property_is(const void *tree, int node, const char *name, const char *wanted) {
	int length;
	const char *value = fdt_getprop(tree, node, name, &length);
	return value != NULL && fdt_stringlist_contains(value, length, wanted);
}

static void psci_read(const void *tree, struct tree_machine *machine) {
	int node = fdt_node_offset_by_compatible(tree, -1, "arm,psci-1.0");
	if (node < 0)
		node = fdt_node_offset_by_compatible(tree, -1, "arm,psci-0.2");
	machine->psci_hvc = node >= 0 && property_is(tree, node, "method", "hvc");
	machine->psci = machine->psci_hvc || (node >= 0 && property_is(tree, node, "method", "smc"));
}

static bool is_in(const struct tree_piece *pieces, size_t count, uint64_t word) {
	for (size_t i = 0; i < count; i++)
		if (word >= pieces[i].base && word - pieces[i].base < pieces[i].length)
			return true;
	return false;
}

/* Linux's binding has two cells; one is taken as well. A word that is not aligned is nowhere that a core looks, and one
 * in no memory that the tree names may be no memory at all: nobody comes back from a store there. */
static uint64_t release_read(const void *tree, int node, const struct tree_machine *machine) {
	int length;
	const void *address = fdt_getprop(tree, node, "cpu-release-addr", &length);
	if (!property_is(tree, node, "enable-method", "spin-table") || address == NULL ||
	    (length != CELL_BYTES && length != 2 * CELL_BYTES))
		return 0;
	uint64_t word = cells_read(address, length / CELL_BYTES);
	bool is_memory = is_in(machine->memory, machine->memory_count, word) ||
			 is_in(machine->reserved, machine->reserved_count, word);
	return is_memory && word % sizeof(uint64_t) == 0 ? word : 0;
}

static void cores_read(const void *tree, struct tree_machine *machine) {
	int node, cpus = fdt_path_offset(tree, "/cpus");
	if (cpus < 0)
		return;
	int address = address_cells(tree, cpus);
	fdt_for_each_subnode(node, tree, cpus) {
		int length;
		const void *reg = fdt_getprop(tree, node, "reg", &length);
		if (!property_is(tree, node, "device_type", "cpu") || !is_enabled(tree, node) || reg == NULL ||
		    address < 1 || length < address * CELL_BYTES || machine->core_count == TREE_CORES_MAX)
			continue;
		machine->release[machine->core_count] = release_read(tree, node, machine);
		machine->cores[machine->core_count++] = cells_read(reg, address);
	}
}

/* ---- interrupts -------------------------------------------------------------------------------------------------- */

static void gic_v3_read(const void *tree, int node, struct tree_machine *machine) {
	uint32_t regions = property_cell(tree, node, "#redistributor-regions", 1);
	struct tree_piece piece;
	machine->gic_version = 3;
	for (uint32_t i = 0; i < regions && i < TREE_REDISTRIBUTORS_MAX; i++)
		if (reg_read(tree, node, (int)i + 1, &piece))
			machine->gic_redistributors[machine->gic_redistributor_count++] = piece;
}

static void gic_read(const void *tree, struct tree_machine *machine) {
	static const char version_2[][24] = {"arm,gic-400", "arm,cortex-a15-gic", "arm,cortex-a7-gic",
					     "arm,cortex-a9-gic"};
	struct tree_piece piece;
	int node = fdt_node_offset_by_compatible(tree, -1, "arm,gic-v3");
	if (node >= 0 && reg_read(tree, node, 0, &piece)) {
		machine->gic_distributor = piece.base;
		gic_v3_read(tree, node, machine);
		return;
	}
	for (size_t i = 0; i < sizeof(version_2) / sizeof(version_2[0]); i++) {
		struct tree_piece interface;
		node = fdt_node_offset_by_compatible(tree, -1, version_2[i]);
		if (node < 0 || !reg_read(tree, node, 0, &piece) || !reg_read(tree, node, 1, &interface))
			continue;
		machine->gic_version = 2;
		machine->gic_distributor = piece.base;
		machine->gic_interface = interface.base;
		return;
	}
}

/* Three cells an interrupt, and with a GICv3 perhaps more: how many, the controller says. */
static int interrupt_cells(const void *tree) {
	int gic = fdt_node_offset_by_compatible(tree, -1, "arm,gic-v3");
	uint32_t cells = gic < 0 ? 3 : property_cell(tree, gic, "#interrupt-cells", 3);
	return cells >= 3 && cells <= 8 ? (int)cells : 3;
}

static void timer_read(const void *tree, struct tree_machine *machine) {
	uint32_t intids[TIMER_INTERRUPTS] = {0};
	int length, cells = interrupt_cells(tree), node = fdt_node_offset_by_compatible(tree, -1, "arm,armv8-timer");
	const uint8_t *interrupts = node < 0 ? NULL : fdt_getprop(tree, node, "interrupts", &length);
	if (interrupts == NULL)
		return;
	for (int i = 0; i < TIMER_INTERRUPTS && length >= (i + 1) * cells * CELL_BYTES; i++) {
		const uint8_t *at = interrupts + i * cells * CELL_BYTES;
		if (cell_at(at, 0) == INTERRUPT_PPI && cell_at(at, 1) < PPI_FIRST)
			intids[i] = PPI_FIRST + cell_at(at, 1);
	}
	machine->timer_secure = intids[0];
	machine->timer_physical = intids[1];
	machine->timer_virtual = intids[2];
	machine->timer_hypervisor = intids[3];
}

/* ---- serial port ------------------------------------------------------------------------------------------------- */

static enum tree_serial serial_kind(const void *tree, int node) {
	static const char as_16550[][24] = {"ns16550a", "ns16550", "snps,dw-apb-uart"};
	if (is_compatible(tree, node, "arm,pl011"))
		return TREE_SERIAL_PL011;
	if (is_compatible(tree, node, "arm,sbsa-uart"))
		return TREE_SERIAL_SBSA;
	if (is_compatible(tree, node, "brcm,bcm2835-aux-uart"))
		return TREE_SERIAL_MINI;
	for (size_t i = 0; i < sizeof(as_16550) / sizeof(as_16550[0]); i++)
		if (is_compatible(tree, node, as_16550[i]))
			return TREE_SERIAL_16550;
	return TREE_SERIAL_NONE;
}

static bool serial_take(const void *tree, int node, struct tree_machine *machine) {
	struct tree_piece piece;
	enum tree_serial kind = node < 0 || !is_enabled(tree, node) ? TREE_SERIAL_NONE : serial_kind(tree, node);
	if (kind == TREE_SERIAL_NONE || !reg_read(tree, node, 0, &piece))
		return false;
	/* The Pi's mini UART says neither, and has registers of four bytes. */
	bool mini = kind == TREE_SERIAL_MINI;
	uint32_t shift = property_cell(tree, node, "reg-shift", mini ? 2 : 0);
	uint32_t width = property_cell(tree, node, "reg-io-width", mini ? 4 : 1);
	machine->serial = kind;
	machine->serial_base = piece.base;
	machine->serial_stride = shift <= 3 ? 1u << shift : 1;
	machine->serial_access = width == 1 || width == 2 || width == 4 || width == 8 ? width : 1;
	return true;
}

/* "serial0:115200n8": a path or an alias, what stands behind the colon is the line's. */
static int stdout_node(const void *tree) {
	int length, chosen = fdt_path_offset(tree, "/chosen");
	const char *path = chosen < 0 ? NULL : fdt_getprop(tree, chosen, "stdout-path", &length);
	if (path == NULL || length < 1)
		return -1;
	int used = 0;
	while (used < length && path[used] != '\0' && path[used] != ':')
		used++;
	return fdt_path_offset_namelen(tree, path, used);
}

static void serial_read(const void *tree, struct tree_machine *machine) {
	if (serial_take(tree, stdout_node(tree), machine))
		return;
	for (int node = fdt_next_node(tree, -1, NULL); node >= 0; node = fdt_next_node(tree, node, NULL))
		if (serial_take(tree, node, machine))
			return;
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

static void words_read(const void *tree, struct tree_machine *machine) {
	int length, chosen = fdt_path_offset(tree, "/chosen");
	const char *words = chosen < 0 ? NULL : fdt_getprop(tree, chosen, "bootargs", &length);
	if (words != NULL && length > 1) /* its terminator is one of them */
		machine->command_line = (struct boot_bytes){(uint64_t)(uintptr_t)words, (uint64_t)length - 1};
	const char *name = fdt_getprop(tree, 0, "model", &length);
	if (name == NULL)
		name = fdt_getprop(tree, 0, "compatible", &length);
	for (int i = 0; name != NULL && i < length && name[i] != '\0' && i < TREE_NAME_BYTES - 1; i++)
		machine->name[i] = name[i] >= ' ' && name[i] <= '~' ? name[i] : '?';
	machine->qemu = fdt_node_offset_by_compatible(tree, -1, "qemu,fw-cfg-mmio") >= 0;
}

/* Devicetree Specification 0.4, 5.6: libfdt reads whole words there. */
static bool is_aligned(const void *tree) {
	return ((uintptr_t)tree + fdt_off_mem_rsvmap(tree)) % sizeof(uint64_t) == 0 &&
	       ((uintptr_t)tree + fdt_off_dt_struct(tree)) % CELL_BYTES == 0;
}

size_t tree_bytes(const void *tree) {
	return tree == NULL || fdt_check_header(tree) != 0 || !is_aligned(tree) ? 0 : fdt_totalsize(tree);
}

bool tree_read(const void *tree, struct tree_machine *machine) {
	if (tree_bytes(tree) == 0)
		return false;
	memset(machine, 0, sizeof(*machine));
	memory_read(tree, machine);
	psci_read(tree, machine);
	cores_read(tree, machine);
	gic_read(tree, machine);
	timer_read(tree, machine);
	serial_read(tree, machine);
	words_read(tree, machine);
	return true;
}
