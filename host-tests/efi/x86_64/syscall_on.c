/* SPDX-License-Identifier: Apache-2.0
 *
 * A UEFI application for a test: starts the loader on a processor whose SYSCALL is on and leads nowhere, as a firmware
 * that was an operating system before may leave it. Source: Intel SDM volume 3A, 5.8.8.
 */
#include <efi.h>

#include "host-tests/efi/chain.h"
#include "kernel/x86_64/registers.h"

#include <stdint.h>

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system);

static void msr_set(uint32_t msr, uint64_t value) {
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
}

static uint64_t msr_get(uint32_t msr) {
	uint32_t low, high;
	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (uint64_t)high << 32 | low;
}

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system) {
	EFI_HANDLE loader;
	EFI_STATUS status = chain_load(image, system, &loader);
	if (EFI_ERROR(status))
		return status;
	msr_set(MSR_IA32_LSTAR, UINT64_C(0x600000000000));
	msr_set(MSR_IA32_STAR, (uint64_t)SELECTOR_KERNEL_CODE << 32);
	msr_set(MSR_IA32_EFER, msr_get(MSR_IA32_EFER) | EFER_SCE);
	chain_say(system, L"syscall_on: SYSCALL is on\r\n");
	return system->BootServices->StartImage(loader, NULL, NULL);
}
