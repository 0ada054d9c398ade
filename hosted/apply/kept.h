/* SPDX-License-Identifier: Apache-2.0
 *
 * What the kernels were told the last time, in the folder for data (hosted/results/files.h): it is measured once for a
 * profile, a build, a CPU and a C library as GLIBC_TUNABLES has it.
 */
#pragma once

#include "bench/text.h"
#include "platform.h"

#include <stdbool.h>
#include <stdint.h>

/* What has to be as it was, with what the environment tells the C library. `profile`: its bytes, NULL: none; `build`:
 * what tells this build from others. */
void kept_add_key(const struct platform_text *profile, bool none_wanted, uint32_t build, struct text *key);

/* Appends the items that were kept under this key. false: none were. */
bool kept_read(const struct text *key, struct text *setting);

/* Where they cannot be kept, they are measured the next time, too. */
void kept_write(const struct text *key, const struct text *setting);
