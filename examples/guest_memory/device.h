/* SPDX-License-Identifier: Apache-2.0
 *
 * A block device's requests, in C++: out of a pool, done in another order than they were made.
 */
#pragma once

#include "guest.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Makes `count` requests that each fill a sector of the guest's memory with one byte, and serves them, the last first.
 * 0, or enum guest_error. */
int device_serve(struct guest *guest, uint64_t address, unsigned count);

#ifdef __cplusplus
}
#endif
