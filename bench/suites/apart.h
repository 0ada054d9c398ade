/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of memory that two cores shall not take from each other.
 */
#pragma once

/* An alignment: processors fetch lines of 64 bytes in pairs (Intel Optimization Reference Manual, spatial prefetcher;
 * Arm's have lines of up to 128). mem/ has its own, POOL_CACHE_LINE_PAIR. */
enum { APART_BYTES = 128 };
