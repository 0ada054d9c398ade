/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a snippet's registers point to, for C and assembly alike: four areas of memory, one behind the other, each
 * pointed to in its middle, so that either side of the pointer may be read and written. Each pointer lies 1 KiB farther
 * behind a page's begin than the one before: a store to one and a load from another do not meet in their low 12 bits,
 * which some cores take for the same place.
 */
#pragma once

#define SNIPPET_AREA_BYTES    0x10000
#define SNIPPET_AREAS         4
#define SNIPPET_POINTER(area) ((area)*SNIPPET_AREA_BYTES + SNIPPET_AREA_BYTES / 2 + (area)*1024)

#define SNIPPET_STACK         0 /* RSP; SP */
#define SNIPPET_SOURCE        1 /* RSI; X1 */
#define SNIPPET_TARGET        2 /* RDI; X0 */
#define SNIPPET_MEMORY        3 /* R14; X27 */

/* Bits of what vector registers there are to be cleared. */
#define SNIPPET_CLEAR_AVX    1
#define SNIPPET_CLEAR_AVX512 2
