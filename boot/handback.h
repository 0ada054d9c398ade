/* SPDX-License-Identifier: Apache-2.0
 *
 * Handback: boot services stay, the kernel runs in slices on memory borrowed from the firmware, and what it asks for
 * between two slices is served here.
 */
#pragma once

#include "boot/trail.h"

/* Runs the kernel to its end. `directory` (NULL: none) is closed; `trail` is as trail_open left it. Returns what
 * efi_main returns: the run's exit status, which a shell has as %lasterror%, or the firmware's error; where the config
 * names an `exit`, the machine is switched off instead, or with the value `reset` started anew. */
EFI_STATUS handback_run(struct loader *loader, EFI_FILE_HANDLE directory, struct trail *trail);
