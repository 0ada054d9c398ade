/* SPDX-License-Identifier: Apache-2.0
 *
 * What the architectures' assembly knows of kernel/gate.h; kernel/user/platform.c asserts that it is so.
 */
#pragma once

#define GATE_RESUME_INSTRUCTION 0
#define GATE_RESUME_STACK       8
