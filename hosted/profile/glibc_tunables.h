/* SPDX-License-Identifier: Apache-2.0
 *
 * What glibc's thresholds for memcpy and memset are worth on this machine: sizes from which on stores go past the
 * caches, or `rep movsb` and `rep stosb` are used (The GNU C Library manual, "Hardware Capability Tunables"). They are
 * read once, before main, so that each try is a process of its own. x86_64 with glibc only.
 */
#pragma once

#include "bench/text.h"
#include "bench/tune/profile_json.h"
#include "platform.h"

enum glibc_function { GLIBC_MEMCPY, GLIBC_MEMSET, GLIBC_FUNCTIONS };
enum { GLIBC_SIZES = 17 }; /* 1 KiB to 64 MiB, doubling */

static inline uint64_t glibc_size(int index) {
	return UINT64_C(1024) << index;
}

/* Beyond any size: never. */
#define GLIBC_NEVER (UINT64_C(1) << 40)

/* In bytes; 0: as glibc has it. */
struct glibc_thresholds {
	uint64_t non_temporal, rep_movsb, rep_stosb;
};

/* ns a call, by function and size. */
struct glibc_sample {
	double ns[GLIBC_FUNCTIONS][GLIBC_SIZES];
};

struct glibc_subject {
	void *self;
	/* false: it could not be measured. */
	bool (*sample)(void *self, const struct glibc_thresholds *thresholds, struct glibc_sample *sample);
	uint64_t (*now_ns)(void *self);
	void (*progress)(const char *phase, double share); /* NULL: none */
};

/* Each threshold at both ends of the sizes, interleaved in random order; from that, size by size, where it is best;
 * then those anew against glibc's own, in rounds that nothing was chosen by, where what gains nothing for sure is left
 * out. found->line is left empty where nothing is left. A budget that is too small for
 * TUNE_ROUNDS_LEAST rounds is overdrawn, up to some 20 s each time. 0, or -1: a sample failed, or those take longer. */
int glibc_tunables_find(const struct glibc_subject *subject, uint64_t budget_ns, uint64_t seed,
			struct profile_tunables *found);

/* For people; ends with a line end. */
void glibc_tunables_describe(const struct profile_tunables *found, struct text *text);

/* Of this machine, which is an x86_64 one, on the CPU that this runs on; takes GLIBC_MEMORY_BYTES meanwhile. 0; -1: it
 * could not be measured; PLATFORM_EUNSUPPORTED: no glibc. */
enum { GLIBC_MEMORY_BYTES = 128 << 20 };
int glibc_tunables_measure(uint64_t budget_ns, uint64_t seed, void (*progress)(const char *phase, double share),
			   struct profile_tunables *found);

/* What a child does, as `tune sample-glibc`: measures, and prints its figures. The exit status. */
int glibc_sample_print(void);

/* "GLIBC_TUNABLES=..." of what is not 0, "" where all is; shorter than GLIBC_LINE_BYTES. */
enum { GLIBC_LINE_BYTES = sizeof(((struct profile_tunables *)0)->line) };
void glibc_tunables_line(const struct glibc_thresholds *thresholds, char line[GLIBC_LINE_BYTES]);
