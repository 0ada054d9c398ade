/* SPDX-License-Identifier: Apache-2.0
 *
 * A UEFI application for a test, but for what an architecture says in strict_nx.c: starts the loader on a firmware that
 * lets nothing be executed but its own code and the text of PE images. What the loader allocates, of whatever type, is
 * no-execute until it says by EFI_MEMORY_ATTRIBUTE_PROTOCOL that it is code; text is read-only. The firmware's own
 * service for such rights (EFI_CPU_ARCH_PROTOCOL) changes its tables. That the rights are in force is tried: a page of
 * code that nobody released faults.
 *
 * Source: UEFI 2.10 errata A, EFI_MEMORY_ATTRIBUTE_PROTOCOL; Platform Initialization 1.7, volume 2, 12.3.
 */
#pragma once

#include "boot/freestanding.h"
#include "host-tests/efi/chain.h"
#include "host-tests/efi/own_tables.h"

#include <stdbool.h>
#include <stdint.h>

#define EFI_MEMORY_RO   UINT64_C(0x20000)
#define CODE_PAGES_MAX  4096
#define MAP_BYTES_MAX   65536
#define SECTION_EXECUTE 0x20000000u

/* ---- what strict_nx.c supplies ---- */

/* The processor heeds no-execute. */
static void no_execute_switch_on(void);

/* The exception by which an instruction fetch is refused, and an instruction that returns. */
static const int fetch_exception;
static const uint32_t return_instruction;

/* Goes on where the refused call would have returned to. */
static void context_return(void *context);

/* ---- the firmware's service ---- */

struct cpu_arch {
	void *FlushDataCache, *EnableInterrupt, *DisableInterrupt, *GetInterruptState, *Init;
	EFI_STATUS(EFIAPI *RegisterInterruptHandler)(struct cpu_arch *, int kind, VOID(EFIAPI *)(int kind, VOID *));
	void *GetTimerValue;
	EFI_STATUS(EFIAPI *SetMemoryAttributes)
	(struct cpu_arch *, EFI_PHYSICAL_ADDRESS, UINT64 bytes, UINT64 attributes);
};

static EFI_SYSTEM_TABLE *firmware;
static struct own_tables own;
static struct cpu_arch *cpu;
static uint64_t code_base; /* of the allocation of code that is being watched */
static uint64_t code_rights[CODE_PAGES_MAX];
static UINTN code_pages;
static bool faulted;

static void rights_set(uint64_t base, uint64_t bytes, uint64_t attributes) {
	if (bytes && EFI_ERROR(cpu->SetMemoryAttributes(cpu, base, bytes, attributes)))
		chain_say(firmware, L"strict_nx: NOT: rights that cannot be set\r\n");
}

/* ---- the firmware's memory ---- */

static uint32_t read32(const uint8_t *at) {
	uint32_t value;
	memcpy(&value, at, sizeof(value));
	return value;
}

/* PE/COFF specification, 3 and 4: sections in whole pages, as ours are. */
static void protect_image(EFI_HANDLE handle) {
	EFI_GUID guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;
	EFI_LOADED_IMAGE *image;
	if (EFI_ERROR(firmware->BootServices->HandleProtocol(handle, &guid, (void **)&image)))
		return;
	const uint8_t *base = image->ImageBase, *header = base + read32(base + 0x3c);
	const uint8_t *section = header + 24 + (read32(header + 20) & 0xffff);
	rights_set((uint64_t)base, EFI_PAGE_SIZE, EFI_MEMORY_XP);
	for (unsigned left = read32(header + 6) & 0xffff; left; left--, section += 40) {
		uint64_t start = (uint64_t)base + read32(section + 12);
		uint64_t bytes = (read32(section + 8) + EFI_PAGE_SIZE - 1) & ~(uint64_t)(EFI_PAGE_SIZE - 1);
		rights_set(start, bytes, read32(section + 36) & SECTION_EXECUTE ? EFI_MEMORY_RO : EFI_MEMORY_XP);
	}
}

static void protect_data(void) {
	static uint8_t map[MAP_BYTES_MAX];
	UINTN bytes = sizeof(map), key, step;
	UINT32 version;
	if (EFI_ERROR(
		    firmware->BootServices->GetMemoryMap(&bytes, (EFI_MEMORY_DESCRIPTOR *)map, &key, &step, &version)))
		return;
	for (UINTN at = 0; at < bytes; at += step) {
		const EFI_MEMORY_DESCRIPTOR *entry = (const EFI_MEMORY_DESCRIPTOR *)(map + at);
		switch (entry->Type) {
		case EfiLoaderData:
		case EfiBootServicesData:
		case EfiRuntimeServicesData:
		case EfiConventionalMemory:
		case EfiACPIReclaimMemory:
			rights_set(entry->PhysicalStart, entry->NumberOfPages * EFI_PAGE_SIZE, EFI_MEMORY_XP);
			break;
		default:
			break;
		}
	}
}

/* ---- what the loader asks for ---- */

static EFI_STATUS EFIAPI allocate_pages(EFI_ALLOCATE_TYPE how, EFI_MEMORY_TYPE type, UINTN pages,
					EFI_PHYSICAL_ADDRESS *memory) {
	EFI_STATUS status = firmware->BootServices->AllocatePages(how, type, pages, memory);
	if (EFI_ERROR(status))
		return status;
	rights_set(*memory, pages * EFI_PAGE_SIZE, EFI_MEMORY_XP);
	if (type == EfiLoaderCode && pages <= CODE_PAGES_MAX) {
		code_base = *memory;
		code_pages = pages;
		for (UINTN i = 0; i < pages; i++)
			code_rights[i] = EFI_MEMORY_XP;
	}
	return status;
}

static EFI_STATUS change(uint64_t base, uint64_t bytes, uint64_t add, uint64_t take) {
	uint64_t end = base + bytes;
	if (base < code_base || end > code_base + code_pages * EFI_PAGE_SIZE || (base | bytes) % EFI_PAGE_SIZE) {
		chain_say(firmware, L"strict_nx: NOT: asked for pages that are no code's\r\n");
		return EFI_NO_MAPPING;
	}
	for (uint64_t page = base; page < end; page += EFI_PAGE_SIZE) {
		uint64_t *rights = &code_rights[(page - code_base) / EFI_PAGE_SIZE];
		*rights = (*rights | add) & ~take;
		rights_set(page, EFI_PAGE_SIZE, *rights);
		if (!(*rights & (EFI_MEMORY_RO | EFI_MEMORY_XP)) && add)
			chain_say(firmware, L"strict_nx: NOT: a page is writable and executable\r\n");
	}
	return EFI_SUCCESS;
}

struct memory_attribute {
	EFI_STATUS(EFIAPI *get)(struct memory_attribute *, uint64_t base, uint64_t bytes, uint64_t *attributes);
	EFI_STATUS(EFIAPI *set)(struct memory_attribute *, uint64_t base, uint64_t bytes, uint64_t attributes);
	EFI_STATUS(EFIAPI *clear)(struct memory_attribute *, uint64_t base, uint64_t bytes, uint64_t attributes);
};

static EFI_STATUS EFIAPI attributes_set(struct memory_attribute *this, uint64_t base, uint64_t bytes,
					uint64_t attributes) {
	(void)this;
	return change(base, bytes, attributes, 0);
}

static EFI_STATUS EFIAPI attributes_clear(struct memory_attribute *this, uint64_t base, uint64_t bytes,
					  uint64_t attributes) {
	(void)this;
	return change(base, bytes, 0, attributes);
}

static EFI_STATUS EFIAPI locate_protocol(EFI_GUID *guid, VOID *registration, VOID **found) {
	static const EFI_GUID attribute_guid = {
		0xf4560cf6, 0x40ec, 0x4b4a, {0xa1, 0x92, 0xbf, 0x1d, 0x57, 0xd0, 0xb1, 0x89}};
	static struct memory_attribute protocol = {.set = attributes_set, .clear = attributes_clear};
	if (memcmp(guid, &attribute_guid, sizeof(attribute_guid)) != 0)
		return firmware->BootServices->LocateProtocol(guid, registration, found);
	*found = &protocol;
	return EFI_SUCCESS;
}

/* ---- proof ---- */

static VOID EFIAPI on_fault(int kind, VOID *context) {
	(void)kind;
	faulted = true;
	context_return(context);
}

static void prove(void) {
	EFI_PHYSICAL_ADDRESS page;
	if (EFI_ERROR(own.services.AllocatePages(AllocateAnyPages, EfiLoaderCode, 1, &page)) ||
	    EFI_ERROR(cpu->RegisterInterruptHandler(cpu, fetch_exception, on_fault)))
		return;
	*(volatile uint32_t *)page = return_instruction;
	((void (*)(void))page)();
	cpu->RegisterInterruptHandler(cpu, fetch_exception, NULL);
	chain_say(firmware, faulted ? L"strict_nx: a page of code faults until it is released\r\n"
				    : L"strict_nx: NOT: a page of code can be executed\r\n");
}

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system);

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system) {
	EFI_GUID guid = {0x26baccb1, 0x6f42, 0x11d4, {0xbc, 0xe7, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81}};
	EFI_HANDLE loader;
	firmware = system;
	EFI_STATUS status = chain_load(image, system, &loader);
	if (!EFI_ERROR(status))
		status = own_tables_give(system, loader, &own);
	if (!EFI_ERROR(status))
		status = system->BootServices->LocateProtocol(&guid, NULL, (void **)&cpu);
	if (EFI_ERROR(status))
		return status;
	own.services.AllocatePages = allocate_pages;
	own.services.LocateProtocol = locate_protocol;
	no_execute_switch_on();
	protect_image(image);
	protect_image(loader);
	protect_data();
	prove();
	return system->BootServices->StartImage(loader, NULL, NULL);
}
