/* SPDX-License-Identifier: Apache-2.0
 *
 * This machine, as tune.h wants it.
 */
#pragma once

#include "bench/tune/tune.h"

struct subject {
	simd_features features;
	uint64_t hz;         /* of the ticks, as known when tuning began */
	size_t cold_bytes;   /* of the area of TUNE_COLD, each of three; a power of two; 0: not measured */
	size_t l2_bytes;     /* likewise of TUNE_L2 */
	size_t area_bytes;   /* mapped for each */
	uint64_t timeout_ns; /* between two checkpoints */
	uint8_t *area[3];
	/* Of each operation, every method's kernels. */
	struct simd_kernels *kernels[SIMD_OPERATION_COUNT];
	uint64_t began;
	struct simd_kernels plain; /* of streams: those that are built in */
	simd_copy_function *rep;   /* of streams: a copy by one instruction; NULL: there is none */
	struct others *others;     /* of streams: what other cores do; NULL: nothing */
};

/* `l2_bytes`: the largest second-level cache, 0 where that is not known. `in_caches`: TUNE_L2, and not TUNE_COLD. 0,
 * PLATFORM_ENOMEM, or PLATFORM_EIO. */
int subject_open(struct subject *subject, bool thorough, bool in_caches, uint64_t l2_bytes, uint64_t timeout_ns);
void subject_close(struct subject *subject);

/* Since it was opened; self: the subject. */
uint64_t subject_now_ns(void *self);

/* Functions of tune.h over `subject`, which must outlive it. */
struct tune_subject subject_of(struct subject *subject);

struct price_subject subject_of_price(struct subject *subject);
struct streams_subject subject_of_streams(struct subject *subject);
