/* SPDX-License-Identifier: Apache-2.0
 *
 * Stores past the caches, for vector_copy.h and vector_fill.h: internal. There are only pairs (STNP), as a hint: a
 * single vector is stored as ever.
 */
#pragma once

#define VECTOR_STREAM(pointer, vector) (*(pointer) = (vector))
#define VECTOR_STREAM_END()            ((void)0)
#define VECTOR_BY_PAIRS                1 /* LDP, STP */
