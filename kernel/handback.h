/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests to the firmware under handback.
 */
#pragma once

#include "boot_info.h"

#include <stdbool.h>
#include <stdint.h>

/* Ends the slice with a request, or with several where the bytes are many; the loader's answer, that of the first that
 * failed: 0 or a negative error. `status` goes with KERNEL_REQUEST_EXIT, which does not come back.
 * PLATFORM_EUNSUPPORTED under takeover. */
int firmware_request(enum kernel_request request, const void *bytes, uint64_t length, int status);

/* Called before each request: other cores are asleep after it or, with `leave`, back with the firmware; false: one does
 * not answer. NULL: no other core was ever started. */
extern bool (*handback_quiet)(bool leave);
