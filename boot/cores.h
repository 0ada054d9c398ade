/* SPDX-License-Identifier: Apache-2.0
 *
 * Handback on x86_64: cores that the firmware lends. Each is in one StartupThisAP, without waiting and without a limit,
 * from the kernel's request until the kernel's programme ends; StartupAllAPs and SwitchBSP are never called.
 * Source: UEFI Platform Initialization 1.7, volume 2, 13.4 (EFI_MP_SERVICES_PROTOCOL).
 */
#pragma once

#include "boot/loader.h"

#define CORES_LENT_MAX 512

struct lent_cores {
	void *services; /* the protocol; NULL: not looked for, or there is none */
	size_t count;
	struct {
		EFI_EVENT back; /* signalled when the core is the firmware's again */
		uint64_t id;    /* APIC id */
	} lent[CORES_LENT_MAX];
};

/* Serves KERNEL_REQUEST_CORE_START: its status. Zeroed `cores` at first. */
int32_t cores_lend(const struct loader *loader, struct lent_cores *cores, const struct kernel_core_start *start);

/* Waits until all are back, two seconds at the most. false: one is not, and the console says which. */
bool cores_take_back(const struct loader *loader, struct lent_cores *cores);
