/* SPDX-License-Identifier: Apache-2.0
 *
 * The profile of SIMD kernels that `profile` names in anechoic.conf or on the command line: a file beside the loader,
 * which looks at none of it.
 */
#pragma once

#include "boot/files.h"

/* Into info->profile, once both texts are read. What cannot be read is said, and nothing else comes of it. */
void profile_keep(struct loader *loader, EFI_FILE_HANDLE directory);
