/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel is an identity-mapped static PIE: it runs under the firmware's page tables until it stands on its own, and
 * again whenever it hands back. Firmware that makes data pages no-execute (EFI_MEMORY_ATTRIBUTE_PROTOCOL)
 * must therefore be told which pages are code.
 */
#include "boot/kernel_load.h"
#include "boot/arch.h"
#include "boot/lz4.h"
#include "lib/elf.h"
#include "lib/units.h"

extern const uint8_t kernel_packed_start[];
extern const uint8_t kernel_packed_end[];

/* UEFI 2.10, section 7.2.3: attributes that gnu-efi does not name. */
#define EFI_MEMORY_RO UINT64_C(0x20000)

/* UEFI 2.10 errata A, EFI_MEMORY_ATTRIBUTE_PROTOCOL: gnu-efi has no header for it. */
#define MEMORY_ATTRIBUTE_PROTOCOL_GUID                                 \
	{                                                              \
		0xf4560cf6, 0x40ec, 0x4b4a, {                          \
			0xa1, 0x92, 0xbf, 0x1d, 0x57, 0xd0, 0xb1, 0x89 \
		}                                                      \
	}

struct memory_attribute_protocol {
	EFI_STATUS(EFIAPI *get)
	(struct memory_attribute_protocol *this, uint64_t base, uint64_t length, uint64_t *attributes);
	EFI_STATUS(EFIAPI *set)
	(struct memory_attribute_protocol *this, uint64_t base, uint64_t length, uint64_t attributes);
	EFI_STATUS(EFIAPI *clear)
	(struct memory_attribute_protocol *this, uint64_t base, uint64_t length, uint64_t attributes);
};

static const char *elf_error_text(int error) {
	switch (error) {
	case ELF_ETRUNCATED:
		return "truncated";
	case ELF_EMACHINE:
		return "for another architecture";
	case ELF_ERELOCATION:
		return "a relocation that is not RELATIVE";
	default:
		return "not an ELF image";
	}
}

static EFI_STATUS kernel_is_bad(const struct loader *loader, const char *why) {
	console_text(loader, "anechoic: the kernel in the loader is broken: ");
	console_text(loader, why);
	console_text(loader, "\n");
	return EFI_LOAD_ERROR;
}

static EFI_STATUS no_memory(const struct loader *loader, EFI_STATUS status) {
	console_failure(loader, "no memory for the kernel", status);
	return status;
}

/* Pages for [low, high) at the alignment that the image asks for. */
static EFI_STATUS allocate_aligned(const struct loader *loader, const struct elf_image *image, uint64_t *base) {
	uint64_t align = image->align > PAGE_BYTES ? image->align : PAGE_BYTES;
	uint64_t slack = align - PAGE_BYTES; /* stays allocated: it is at most an alignment */
	void *memory;
	/* EfiLoaderCode: the type that firmware which tells code from data leaves executable. */
	EFI_STATUS status = pages_allocate(loader, EfiLoaderCode, image->high - image->low + slack, &memory);
	*base = EFI_ERROR(status) ? 0 : ((uint64_t)memory + align - 1) & ~(align - 1);
	return status;
}

/* Where the firmware has no such protocol, or refuses, its pages are what the memory type makes them. */
static void protect_segments(const struct loader *loader, const struct elf_image *image, uint64_t base) {
	EFI_GUID guid = MEMORY_ATTRIBUTE_PROTOCOL_GUID;
	struct memory_attribute_protocol *protocol;
	if (EFI_ERROR(loader->services->LocateProtocol(&guid, NULL, (void **)&protocol)))
		return;
	struct elf_segment segment;
	for (size_t i = 0; elf_segment_get(image, i, &segment); i++) {
		uint64_t first = base + (segment.address - image->low);
		uint64_t start = first & ~(PAGE_BYTES - 1);
		uint64_t length = pages_round_up(first + segment.size) - start;
		uint64_t forbidden = ((segment.flags & ELF_SEGMENT_EXECUTE) ? 0 : EFI_MEMORY_XP) |
				     ((segment.flags & ELF_SEGMENT_WRITE) ? 0 : EFI_MEMORY_RO);
		uint64_t allowed = EFI_MEMORY_RP | ((EFI_MEMORY_XP | EFI_MEMORY_RO) & ~forbidden);
		protocol->clear(protocol, start, length, allowed);
		if (forbidden)
			protocol->set(protocol, start, length, forbidden);
	}
}

/* `file` is the kernel's ELF file, `length` bytes of it. */
static EFI_STATUS load_file(struct loader *loader, const void *file, size_t length) {
	struct elf_image image;
	int error = elf_open(&image, file, length, boot_arch_machine());
	if (error)
		return kernel_is_bad(loader, elf_error_text(error));
	uint64_t base, size = pages_round_up(image.high - image.low);
	EFI_STATUS status = allocate_aligned(loader, &image, &base);
	if (!EFI_ERROR(status))
		status = pages_claim(loader, base, size, BOOT_RANGE_KERNEL);
	if (EFI_ERROR(status))
		return no_memory(loader, status);
	elf_load(&image, (void *)base);
	error = elf_relocate(&image, (void *)base, base);
	if (error)
		return kernel_is_bad(loader, elf_error_text(error));
	protect_segments(loader, &image, base);
	loader->kernel_entry = base + (image.entry - image.low);
	loader->info->kernel_base = base;
	loader->info->kernel_size = size;
	return EFI_SUCCESS;
}

EFI_STATUS kernel_load(struct loader *loader) {
	size_t packed = (size_t)(kernel_packed_end - kernel_packed_start);
	uint64_t length;
	void *file;
	if (!lz4_frame_size(kernel_packed_start, packed, &length))
		return kernel_is_bad(loader, "not packed as an LZ4 frame");
	EFI_STATUS status = pages_allocate(loader, EfiLoaderData, length, &file);
	if (EFI_ERROR(status))
		return no_memory(loader, status);
	status = lz4_frame_unpack(kernel_packed_start, packed, file, length)
			 ? load_file(loader, file, length)
			 : kernel_is_bad(loader, "its LZ4 frame does not unpack");
	pages_free(loader, file, length);
	return status;
}
