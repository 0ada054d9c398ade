/* SPDX-License-Identifier: Apache-2.0
 *
 * A machine that the image cannot run on, said while there still is a firmware to say it through.
 */
#pragma once

#include "boot/loader.h"

/* Exit status of a run that is refused, as the programme's own (kernel/end.h, bench/). */
enum { REFUSE_STATUS = 2 };

/* "anechoic: refused: WHY" on the firmware's console. Where the key `exit` names a way to tell a launcher
 * (boot/arch.h), the machine ends there with REFUSE_STATUS; else it returns what efi_main is to return. Boot
 * services are there. */
EFI_STATUS refuse(const struct loader *loader, const char *why);
