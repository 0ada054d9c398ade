/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel inside the loader, brought to where it runs.
 */
#pragma once

#include "boot/loader.h"

/* Unpacks, copies and relocates the kernel into pages of its own and gives each segment its rights where the firmware
 * enforces rights. Fills kernel_entry, info->kernel_base and kernel_size. Says what is wrong on the console. */
EFI_STATUS kernel_load(struct loader *loader);
