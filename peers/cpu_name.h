/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

/* What Linux says of the first processor: "AMD EPYC (AuthenticAMD, family 26, model 2, stepping 1)", or
 * "implementer 0x41, part 0xd0c". */
void peer_cpu_name(char *text, size_t bytes);
