/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/cores.h"
#include "boot/mp_services.h"

#define WAIT_MS 2000
static struct mp_services *services_find(const struct loader *loader, struct lent_cores *cores) {
	EFI_GUID guid = MP_SERVICES_GUID;
	if (!cores->services && EFI_ERROR(loader->services->LocateProtocol(&guid, NULL, &cores->services)))
		cores->services = NULL;
	return cores->services;
}

static EFI_STATUS number_find(struct mp_services *services, uint64_t id, UINTN *number) {
	UINTN count = 0, enabled;
	EFI_STATUS status = services->GetNumberOfProcessors(services, &count, &enabled);
	for (UINTN i = 0; !EFI_ERROR(status) && i < count; i++) {
		struct processor_information information = {0};
		if (EFI_ERROR(services->GetProcessorInfo(services, i, &information)) || information.ProcessorId != id)
			continue;
		*number = i;
		return information.StatusFlag & STATUS_FLAG_BSP                              ? EFI_INVALID_PARAMETER
		       : (information.StatusFlag & STATUS_FLAG_USABLE) == STATUS_FLAG_USABLE ? EFI_SUCCESS
											     : EFI_NOT_READY;
	}
	return EFI_NOT_FOUND;
}

int32_t cores_lend(const struct loader *loader, struct lent_cores *cores, const struct kernel_core_start *start) {
	struct mp_services *services = services_find(loader, cores);
	UINTN number;
	EFI_EVENT back;
	if (!services)
		return KERNEL_STATUS_EUNSUPPORTED;
	if (cores->count == CORES_LENT_MAX || EFI_ERROR(number_find(services, start->id, &number)) ||
	    EFI_ERROR(loader->services->CreateEvent(0, TPL_CALLBACK, NULL, NULL, &back)))
		return KERNEL_STATUS_EIO;
	EFI_STATUS status = services->StartupThisAP(services, (ap_procedure)(uintptr_t)start->entry, number, back, 0,
						    (VOID *)(uintptr_t)start->argument, NULL);
	if (EFI_ERROR(status)) {
		console_failure(loader, "the firmware does not lend a core", status);
		loader->services->CloseEvent(back);
		return KERNEL_STATUS_EIO;
	}
	cores->lent[cores->count].back = back;
	cores->lent[cores->count++].id = start->id;
	return 0;
}

bool cores_take_back(const struct loader *loader, struct lent_cores *cores) {
	unsigned waited_ms = 0;
	bool all = true;
	for (size_t i = 0; i < cores->count; i++) {
		EFI_STATUS back = loader->services->CheckEvent(cores->lent[i].back);
		for (; EFI_ERROR(back) && waited_ms < WAIT_MS; waited_ms++) {
			loader->services->Stall(1000);
			back = loader->services->CheckEvent(cores->lent[i].back);
		}
		if (!EFI_ERROR(back)) {
			loader->services->CloseEvent(cores->lent[i].back);
			continue;
		}
		all = false;
		console_text(loader, "anechoic: the core with APIC id ");
		console_number(loader, cores->lent[i].id);
		console_text(loader, " did not come back\n");
	}
	return all;
}
