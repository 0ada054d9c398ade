/* SPDX-License-Identifier: Apache-2.0
 *
 * What libFuzzer calls (LLVM's documentation, "libFuzzer: Getting Started"): once for each input, in
 * one process. `make fuzz`.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* What must hold whatever the input was. */
static inline void need(bool what) {
	if (!what)
		abort();
}
