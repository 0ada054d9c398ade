/* SPDX-License-Identifier: Apache-2.0
 *
 * Pages from the firmware, and the list of those that the kernel gets under a kind of their own.
 */
#include "boot/arch.h"
#include "boot/freestanding.h"
#include "boot/loader.h"
#include "lib/units.h"

EFI_STATUS pages_allocate(const struct loader *loader, EFI_MEMORY_TYPE type, uint64_t bytes, void **memory) {
	EFI_PHYSICAL_ADDRESS address = 0;
	uint64_t rounded = pages_round_up(bytes);
	EFI_STATUS status = loader->services->AllocatePages(AllocateAnyPages, type, rounded / PAGE_BYTES, &address);
	if (EFI_ERROR(status))
		return status;
	*memory = (void *)address;
	memset(*memory, 0, rounded);
	return EFI_SUCCESS;
}

void pages_free(const struct loader *loader, void *memory, uint64_t bytes) {
	loader->services->FreePages((EFI_PHYSICAL_ADDRESS)memory, pages_round_up(bytes) / PAGE_BYTES);
}

EFI_STATUS pages_claim(struct loader *loader, uint64_t base, uint64_t length, enum boot_range_kind kind) {
	if (loader->claim_count == LOADER_CLAIMS_MAX)
		return EFI_OUT_OF_RESOURCES;
	loader->claims[loader->claim_count++] =
		(struct loader_claim){.base = base, .length = pages_round_up(length), .kind = kind};
	return EFI_SUCCESS;
}

void pages_free_claims(struct loader *loader) {
	for (size_t i = loader->claim_count; i-- > 0;)
		if (loader->claims[i].kind != BOOT_RANGE_KERNEL || !loader->kernel_entered)
			pages_free(loader, (void *)loader->claims[i].base, loader->claims[i].length);
	loader->claim_count = 0;
}

EFI_STATUS pages_allocate_boot(struct loader *loader, uint64_t bytes, void **memory) {
	EFI_STATUS status = pages_allocate(loader, EfiLoaderData, bytes, memory);
	return EFI_ERROR(status) ? status : pages_claim(loader, (uint64_t)*memory, bytes, BOOT_RANGE_BOOT);
}

EFI_STATUS pages_keep_bytes(struct loader *loader, const void *bytes, uint64_t length, struct boot_bytes *kept) {
	void *memory;
	if (length == 0)
		return EFI_SUCCESS;
	EFI_STATUS status = pages_allocate_boot(loader, length, &memory);
	if (EFI_ERROR(status))
		return status;
	memcpy(memory, bytes, length);
	*kept = (struct boot_bytes){.address = (uint64_t)memory, .length = length};
	return EFI_SUCCESS;
}

void pages_publish(const struct loader *loader) {
	for (size_t i = 0; i < loader->claim_count; i++)
		if (loader->claims[i].kind != BOOT_RANGE_USABLE) /* the arena: nothing was written there */
			boot_arch_publish((const void *)loader->claims[i].base, loader->claims[i].length);
}
