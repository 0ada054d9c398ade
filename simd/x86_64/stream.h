/* SPDX-License-Identifier: Apache-2.0
 *
 * Stores past the caches, for vector_copy.h and vector_fill.h: internal. Define VECTOR_BYTES before. MOVNTDQ is weakly
 * ordered, SFENCE ends that (Intel SDM volume 1, 10.4.6.2).
 */
#pragma once

#if VECTOR_BYTES == 16
#define VECTOR_STREAM(pointer, vector) __asm__("movntdq %1, %0" : "=m"(*(pointer)) : "v"(vector))
#else
#define VECTOR_STREAM(pointer, vector) __asm__("vmovntdq %1, %0" : "=m"(*(pointer)) : "v"(vector))
#endif
#define VECTOR_BY_PAIRS     0
#define VECTOR_STREAM_END() __asm__ volatile("sfence" ::: "memory")
