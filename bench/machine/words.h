/* SPDX-License-Identifier: Apache-2.0
 *
 * Words for parts of a description.
 */
#pragma once

#include "bench/text.h"
#include "caps/machine.h"

/* "data", "instruction", "unified" */
const char *machine_cache_type(enum caps_cache_type type);

/* "48 KiB", "1536 MiB", "16 GiB": the largest unit that leaves a whole number. */
void machine_add_bytes(struct text *text, uint64_t bytes);

/* "0-3,8", the numbers of CPUs. */
void machine_add_cpus(struct text *text, const struct caps_machine *machine, const struct caps_cpu_set *set);
