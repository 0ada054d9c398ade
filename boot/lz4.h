/* SPDX-License-Identifier: Apache-2.0
 *
 * What `lz4 --content-size` wrote, unpacked. Pure, freestanding, allocates nothing; every length and distance is
 * checked before it is followed, so that broken input is refused and never read or written beyond its ends.
 *
 * Deliberately not here: dictionaries, and the checksums that a frame may carry (they are passed over).
 * Source: LZ4 Frame Format Description 1.6.2, LZ4 Block Format Description.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How many bytes the frame says that it unpacks to; false: it is no frame of version 1 that says so. */
bool lz4_frame_size(const void *frame, size_t length, uint64_t *bytes);

/* Unpacks the frame to `to`, which has room for `room` bytes. false: it is broken, or does not unpack to exactly `room`
 * bytes; some of `to` may be written then. */
bool lz4_frame_unpack(const void *frame, size_t length, void *to, size_t room);
