/* SPDX-License-Identifier: Apache-2.0
 *
 * EFI_MP_SERVICES_PROTOCOL, which gnu-efi does not declare: what the loader calls of it.
 * Source: UEFI Platform Initialization 1.7, volume 2, 13.4.
 */
#pragma once

#include <efi.h>

#define STATUS_FLAG_BSP    (1u << 0)
#define STATUS_FLAG_USABLE (3u << 1) /* enabled, healthy */
#define MP_SERVICES_GUID                                               \
	{                                                              \
		0x3fdda605, 0xa76e, 0x4f46, {                          \
			0xad, 0x29, 0x12, 0xf4, 0x53, 0x1b, 0x3d, 0x08 \
		}                                                      \
	}

/* The end is later versions'. */
struct processor_information {
	UINT64 ProcessorId;
	UINT32 StatusFlag;
	UINT32 Location[3];
	UINT32 Extended[8];
};

typedef VOID(EFIAPI *ap_procedure)(VOID *argument);

struct mp_services {
	EFI_STATUS(EFIAPI *GetNumberOfProcessors)(struct mp_services *, UINTN *number, UINTN *enabled);
	EFI_STATUS(EFIAPI *GetProcessorInfo)(struct mp_services *, UINTN number, struct processor_information *);
	void *StartupAllAPs;
	EFI_STATUS(EFIAPI *StartupThisAP)
	(struct mp_services *, ap_procedure, UINTN number, EFI_EVENT, UINTN limit_us, VOID *argument,
	 BOOLEAN *finished);
	void *SwitchBSP;
	void *EnableDisableAP;
	void *WhoAmI;
};
