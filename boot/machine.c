/* SPDX-License-Identifier: Apache-2.0
 *
 * Source: UEFI 2.10, sections 4.6 (configuration tables), 12.9 (Graphics Output Protocol); SMBIOS 3.6, section 5.2
 * (entry points).
 */
#include "boot/machine.h"
#include "boot/arch.h"
#include "boot/freestanding.h"
#include "boot/smbios.h"
#include "lib/civil.h"

static void *configuration_table(const struct loader *loader, EFI_GUID guid) {
	const EFI_SYSTEM_TABLE *system = loader->system;
	for (UINTN i = 0; i < system->NumberOfTableEntries; i++)
		if (memcmp(&system->ConfigurationTable[i].VendorGuid, &guid, sizeof(guid)) == 0)
			return system->ConfigurationTable[i].VendorTable;
	return NULL;
}

/* UEFI 2.10, 4.6.1: the device tree's table, which gnu-efi does not name. */
#define DTB_TABLE_GUID                                                 \
	{                                                              \
		0xb1b621d5, 0xf19c, 0x41a5, {                          \
			0x83, 0x0b, 0xd9, 0x15, 0x2c, 0x69, 0xaa, 0xe0 \
		}                                                      \
	}

/* What a device tree says, as ACPI tables. */
static uint64_t rsdp_of_tree(struct loader *loader) {
	EFI_GUID guid = DTB_TABLE_GUID;
	const void *tree = configuration_table(loader, guid);
	void *room;
	if (!tree || boot_arch_tree_bytes == 0 || EFI_ERROR(pages_allocate_boot(loader, boot_arch_tree_bytes, &room)))
		return 0;
	return boot_arch_tree_tables(tree, room);
}

/* Where the firmware has both, ACPI's tables are those that it keeps in order. */
static uint64_t find_rsdp(struct loader *loader) {
	EFI_GUID acpi_2 = ACPI_20_TABLE_GUID, acpi_1 = ACPI_TABLE_GUID;
	void *rsdp = configuration_table(loader, acpi_2);
	if (!rsdp)
		rsdp = configuration_table(loader, acpi_1);
	return rsdp ? (uint64_t)rsdp : rsdp_of_tree(loader);
}

/* The console's own, where it has one: a machine with two adapters shows the text there. */
static EFI_GRAPHICS_OUTPUT_PROTOCOL *find_graphics(const struct loader *loader) {
	EFI_GUID guid = EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID;
	EFI_GRAPHICS_OUTPUT_PROTOCOL *graphics = NULL;
	EFI_HANDLE console = loader->system->ConsoleOutHandle;
	if (console && !EFI_ERROR(loader->services->HandleProtocol(console, &guid, (void **)&graphics)))
		return graphics;
	if (!EFI_ERROR(loader->services->LocateProtocol(&guid, NULL, (void **)&graphics)))
		return graphics;
	return NULL;
}

/* false: no linear framebuffer of 32-bit pixels. */
static bool pixel_masks(const EFI_GRAPHICS_OUTPUT_MODE_INFORMATION *mode, EFI_PIXEL_BITMASK *masks) {
	switch (mode->PixelFormat) {
	case PixelRedGreenBlueReserved8BitPerColor:
		*masks = (EFI_PIXEL_BITMASK){0x0000ff, 0x00ff00, 0xff0000, 0xff000000};
		return true;
	case PixelBlueGreenRedReserved8BitPerColor:
		*masks = (EFI_PIXEL_BITMASK){0xff0000, 0x00ff00, 0x0000ff, 0xff000000};
		return true;
	case PixelBitMask: {
		*masks = mode->PixelInformation;
		uint32_t all = masks->RedMask | masks->GreenMask | masks->BlueMask | masks->ReservedMask;
		return all >> 24 != 0; /* the highest bit of the masks is the pixel's size */
	}
	default:
		return false;
	}
}

static bool find_smbios(const struct loader *loader, const void **table, size_t *length) {
	EFI_GUID smbios_3 = SMBIOS3_TABLE_GUID, smbios_2 = SMBIOS_TABLE_GUID;
	return smbios_entry_table(configuration_table(loader, smbios_3), table, length) ||
	       smbios_entry_table(configuration_table(loader, smbios_2), table, length);
}

static void describe_framebuffer(const struct loader *loader, struct boot_framebuffer *framebuffer) {
	const EFI_GRAPHICS_OUTPUT_PROTOCOL *graphics = find_graphics(loader);
	EFI_PIXEL_BITMASK masks;
	if (!graphics || !graphics->Mode || !graphics->Mode->Info || !graphics->Mode->FrameBufferBase ||
	    !pixel_masks(graphics->Mode->Info, &masks))
		return;
	const EFI_GRAPHICS_OUTPUT_MODE_INFORMATION *mode = graphics->Mode->Info;
	uint64_t pitch = (uint64_t)mode->PixelsPerScanLine * sizeof(uint32_t);
	uint64_t needed = pitch * mode->VerticalResolution;
	if (mode->PixelsPerScanLine < mode->HorizontalResolution || graphics->Mode->FrameBufferSize < needed || !needed)
		return;
	*framebuffer = (struct boot_framebuffer){
		.base = graphics->Mode->FrameBufferBase,
		.length = needed,
		.width = mode->HorizontalResolution,
		.height = mode->VerticalResolution,
		.pitch = (uint32_t)pitch,
		.red_mask = masks.RedMask,
		.green_mask = masks.GreenMask,
		.blue_mask = masks.BlueMask,
	};
}

/* "EDK II 1.0": the vendor's words, and the revision's two halves as the firmware gives them. */
static void describe_firmware(const struct loader *loader, char *text, size_t size) {
	const CHAR16 *vendor = loader->system->FirmwareVendor;
	size_t used = 0, room = size - sizeof(" 65535.65535");
	for (; vendor && *vendor && used < room; vendor++)
		text[used++] = *vendor >= 0x20 && *vendor < 0x7f ? (char)*vendor : '?';
	uint32_t halves[2] = {loader->system->FirmwareRevision >> 16, loader->system->FirmwareRevision & 0xffff};
	for (size_t i = 0; i < 2; i++) {
		text[used++] = i == 0 ? ' ' : '.';
		uint32_t divisor = 10000;
		while (divisor > 1 && halves[i] < divisor)
			divisor /= 10;
		for (; divisor; divisor /= 10)
			text[used++] = (char)('0' + halves[i] / divisor % 10);
	}
	text[used] = '\0';
}

/* UEFI 2.10, 8.3. */
static void describe_time(const struct loader *loader, struct boot_info *info) {
	EFI_TIME now;
	if (EFI_ERROR(loader->system->RuntimeServices->GetTime(&now, NULL)))
		return;
	const struct civil_time time = {now.Year, now.Month, now.Day, now.Hour, now.Minute, now.Second};
	uint64_t seconds;
	bool zone_known;
	if (!civil_local_to_seconds(&time, now.TimeZone, &seconds, &zone_known))
		return;
	info->utc_zone_known = zone_known;
	info->utc_seconds = seconds;
}

void machine_describe(struct loader *loader, struct boot_info *info) {
	info->acpi_rsdp = find_rsdp(loader);
	describe_framebuffer(loader, &info->framebuffer);
	describe_firmware(loader, info->firmware, sizeof(info->firmware));
	describe_time(loader, info);
	const void *smbios;
	size_t length;
	if (find_smbios(loader, &smbios, &length))
		info->smbios = (struct boot_bytes){(uint64_t)smbios, length};
}

bool machine_is_virtual(const struct loader *loader) {
	const void *table;
	size_t length;
	if (boot_arch_says_virtual())
		return true;
	return find_smbios(loader, &table, &length) && smbios_says_virtual(table, length);
}
