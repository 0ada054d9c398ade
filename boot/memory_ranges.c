/* SPDX-License-Identifier: Apache-2.0
 *
 * The list is sorted and free of overlaps at every moment. Firmware gives its map mostly sorted, so that an insertion
 * is nearly always at the end; the search therefore starts there.
 */
#include "boot/memory_ranges.h"
#include "boot/freestanding.h"
#include "lib/units.h"

#include <stdbool.h>

#define ADDRESS_END (UINT64_C(1) << 52) /* no processor of either architecture has more physical address bits */
#define KIND_HOLE   0u                  /* internal: nothing may be there, whatever else the firmware says */

/* Memory types of UEFI 2.10, 7.2.1; the ones up to EfiPalCode under gnu-efi's names. */
enum {
	EFI_TYPE_LOADER_CODE = 1,
	EFI_TYPE_LOADER_DATA = 2,
	EFI_TYPE_BOOT_SERVICES_CODE = 3,
	EFI_TYPE_BOOT_SERVICES_DATA = 4,
	EFI_TYPE_CONVENTIONAL = 7,
	EFI_TYPE_UNUSABLE = 8,
	EFI_TYPE_ACPI_RECLAIM = 9,
	EFI_TYPE_ACPI_NVS = 10,
	EFI_TYPE_MMIO = 11,
	EFI_TYPE_MMIO_PORT = 12,
	EFI_TYPE_PERSISTENT = 14,
	EFI_TYPE_UNACCEPTED = 15,
};

#define EFI_ATTRIBUTE_CACHING          UINT64_C(0xf)       /* EFI_MEMORY_UC, WC, WT, WB: ways it can be mapped */
#define EFI_ATTRIBUTE_WB               (UINT64_C(1) << 3)  /* EFI_MEMORY_WB */
#define EFI_ATTRIBUTE_SPECIFIC_PURPOSE (UINT64_C(1) << 18) /* EFI_MEMORY_SP: kept for a driver of its own */
#define EFI_ATTRIBUTE_RUNTIME          (UINT64_C(1) << 63) /* EFI_MEMORY_RUNTIME */

/* The part of EFI_MEMORY_DESCRIPTOR that all revisions share. */
struct descriptor {
	uint32_t type;
	uint32_t padding;
	uint64_t physical_start;
	uint64_t virtual_start;
	uint64_t page_count;
	uint64_t attribute;
};
_Static_assert(sizeof(struct descriptor) == 40, "UEFI 2.10, 7.2.3");

static uint64_t range_end(const struct boot_range *range) {
	return range->base + range->length;
}

/* Which kind stands where two descriptors claim the same page: the one that promises less. */
static unsigned kind_restriction(uint32_t kind) {
	switch (kind) {
	case BOOT_RANGE_USABLE:
		return 0;
	case BOOT_RANGE_RECLAIMABLE:
		return 1;
	case BOOT_RANGE_RESERVED:
		return 2;
	case BOOT_RANGE_ACPI:
		return 3;
	case BOOT_RANGE_MMIO:
		return 4;
	default:
		return 5;
	}
}

static uint32_t descriptor_kind(const struct descriptor *descriptor, enum boot_hold hold) {
	bool ours = hold == BOOT_HOLD_TAKEOVER && (descriptor->attribute & EFI_ATTRIBUTE_RUNTIME) == 0;
	switch (descriptor->type) {
	case EFI_TYPE_CONVENTIONAL:
		if (descriptor->attribute & EFI_ATTRIBUTE_SPECIFIC_PURPOSE)
			return BOOT_RANGE_RESERVED;
		return ours ? BOOT_RANGE_USABLE : BOOT_RANGE_RESERVED;
	case EFI_TYPE_LOADER_CODE: /* this loader, running; and perhaps the stack of one that started it */
	case EFI_TYPE_LOADER_DATA:
	case EFI_TYPE_BOOT_SERVICES_CODE:
	case EFI_TYPE_BOOT_SERVICES_DATA: /* the page tables and the stack in use are in here */
		return ours ? BOOT_RANGE_RECLAIMABLE : BOOT_RANGE_RESERVED;
	case EFI_TYPE_ACPI_RECLAIM:
	case EFI_TYPE_ACPI_NVS:
		return BOOT_RANGE_ACPI;
	case EFI_TYPE_MMIO:
	case EFI_TYPE_MMIO_PORT:
		return BOOT_RANGE_MMIO;
	case EFI_TYPE_UNUSABLE:
	case EFI_TYPE_PERSISTENT:
	case EFI_TYPE_UNACCEPTED:
		return KIND_HOLE;
	default:
		/* A PCI configuration window comes as "reserved": what cannot be cached is no RAM. So does a range that
		 * no access may go to at all (the HyperTransport hole below 1 TiB): it can be mapped in no way. */
		if ((descriptor->attribute & EFI_ATTRIBUTE_CACHING) == 0)
			return KIND_HOLE;
		if ((descriptor->attribute & EFI_ATTRIBUTE_WB) == 0)
			return BOOT_RANGE_MMIO;
		return BOOT_RANGE_RESERVED;
	}
}

static bool insert(struct memory_ranges *list, size_t at, uint64_t base, uint64_t end, uint32_t kind) {
	if (list->count == list->capacity)
		return false;
	memmove(&list->ranges[at + 1], &list->ranges[at], (list->count - at) * sizeof(list->ranges[0]));
	list->ranges[at] = (struct boot_range){.base = base, .length = end - base, .kind = kind};
	list->count++;
	return true;
}

/* The index of the first range that begins at or after `address`; a range that crosses it is cut in two there. */
static size_t cut(struct memory_ranges *list, uint64_t address) {
	size_t at = list->count;
	while (at > 0 && list->ranges[at - 1].base >= address)
		at--;
	if (at == 0 || range_end(&list->ranges[at - 1]) <= address)
		return at;
	struct boot_range *crossing = &list->ranges[at - 1];
	if (insert(list, at, address, range_end(crossing), crossing->kind))
		crossing->length = address - crossing->base;
	return at;
}

/* Gives [base, end) the kind `kind`: everywhere (`over`), or where nothing more restrictive stands. */
static void paint(struct memory_ranges *list, uint64_t base, uint64_t end, uint32_t kind, bool over) {
	if (base >= end)
		return;
	cut(list, end);
	size_t at = cut(list, base);
	while (base < end) {
		struct boot_range *next = &list->ranges[at];
		bool gap = at == list->count || next->base >= end || next->base > base;
		if (gap) {
			uint64_t gap_end = at < list->count && next->base < end ? next->base : end;
			if (!insert(list, at, base, gap_end, kind))
				return;
		} else if (over || kind_restriction(kind) > kind_restriction(next->kind)) {
			next->kind = kind;
		}
		base = range_end(&list->ranges[at++]);
	}
}

void memory_ranges_add_map(struct memory_ranges *list, const void *map, size_t map_bytes, size_t descriptor_bytes,
			   enum boot_hold hold) {
	if (descriptor_bytes < sizeof(struct descriptor))
		return;
	for (size_t offset = 0; map_bytes - offset >= descriptor_bytes; offset += descriptor_bytes) {
		struct descriptor descriptor;
		memcpy(&descriptor, (const uint8_t *)map + offset, sizeof(descriptor));
		uint64_t base = descriptor.physical_start;
		if (base >= ADDRESS_END || descriptor.page_count == 0)
			continue;
		uint64_t pages_left = (ADDRESS_END - base) / PAGE_BYTES;
		uint64_t pages = descriptor.page_count < pages_left ? descriptor.page_count : pages_left;
		uint64_t end = base + pages * PAGE_BYTES;
		uint32_t kind = descriptor_kind(&descriptor, hold);
		/* They are page-aligned by specification. Where not: what is ours shrinks, what is not grows. */
		bool ours = kind == BOOT_RANGE_USABLE || kind == BOOT_RANGE_RECLAIMABLE;
		base = (base + (ours ? PAGE_BYTES - 1 : 0)) & ~(PAGE_BYTES - 1);
		end = (end + (ours ? 0 : PAGE_BYTES - 1)) & ~(PAGE_BYTES - 1);
		paint(list, base, end, kind, false);
	}
}

void memory_ranges_claim(struct memory_ranges *list, uint64_t base, uint64_t length, enum boot_range_kind kind) {
	paint(list, base, base + length, kind, true);
}

void memory_ranges_finish(struct memory_ranges *list) {
	/* A null pointer faults only where page 0 stays unmapped; what is there is not ours to use. */
	if (list->count && list->ranges[0].base == 0 &&
	    kind_restriction(list->ranges[0].kind) < kind_restriction(BOOT_RANGE_RESERVED))
		paint(list, 0, PAGE_BYTES, BOOT_RANGE_RESERVED, true);

	size_t kept = 0;
	for (size_t i = 0; i < list->count; i++) {
		struct boot_range *last = kept ? &list->ranges[kept - 1] : NULL;
		struct boot_range range = list->ranges[i];
		if (range.kind == KIND_HOLE)
			continue;
		if (last && last->kind == range.kind && range_end(last) == range.base)
			last->length += range.length;
		else
			list->ranges[kept++] = range;
	}
	list->count = kept;
}
