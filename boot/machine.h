/* SPDX-License-Identifier: Apache-2.0
 *
 * What the firmware knows of the machine and the kernel must be told.
 */
#pragma once

#include "boot/loader.h"

/* Fills acpi_rsdp (a device tree's in tables of ours, where the firmware has no ACPI), framebuffer and firmware of
 * *info; what is not there stays 0. */
void machine_describe(struct loader *loader, struct boot_info *info);

/* The machine says of itself that it is virtual: the processor, or the firmware's SMBIOS tables. */
bool machine_is_virtual(const struct loader *loader);
