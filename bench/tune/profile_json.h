/* SPDX-License-Identifier: Apache-2.0
 *
 * What `tune` found as JSON: profile.json (schema "anechoic-profile/1", docs/formats.md), and the same parts as records
 * of the image's stream, one TUNE record each: head, every operation, price, end. collect makes the file of them
 * (profile_collect.h), so that a file is the same whoever wrote it. Pure but for the heap behind struct text.
 */
#pragma once

#include "bench/text.h"
#include "bench/tune/signature.h"
#include "bench/tune/tune.h"
#include "lib/civil.h"

#define PROFILE_SCHEMA "anechoic-profile/1"

/* Longer ones are not read, and not written. */
enum { PROFILE_BYTES_MAX = 1 << 20 };

/* glibc's thresholds for its own functions (hosted, x86_64). Gains are ratios of times to those with the thresholds
 * that it has by itself, geometric means over the sizes at which they differ; rounds 0: none for sure. */
struct profile_tunables {
	char library[32]; /* "glibc 2.36" */
	char line[192];   /* "GLIBC_TUNABLES=...", for an environment; "": no gain */
	struct tune_ratio memcpy_gain, memset_gain;
	uint32_t rounds;
};

/* What is not in struct tune. */
struct profile_about {
	const struct tune_signature *signature;
	enum tune_for what_for;                  /* which of both choices is the one to use */
	const char *command;                     /* "anechoic tune --thorough" */
	char date[CIVIL_TEXT_BYTES];             /* as civil_text has it */
	const struct profile_tunables *tunables; /* NULL: not measured */
};

/* The whole file. */
void profile_json_write(struct text *text, const struct profile_about *about, const struct tune *tune);

/* Records, in this order; each replaces what was in `text`. Of an operation that has no methods yet, that it is not
 * measured. */
void profile_record_head(struct text *text, const struct profile_about *about, const struct tune *tune);
void profile_record_operation(struct text *text, const struct tune *tune, enum simd_operation operation);
void profile_record_price(struct text *text, const struct tune *tune);
void profile_record_end(struct text *text, const struct profile_about *about, const struct tune *tune);

/* "not measured", "kept", "chosen", "too loud", "kept in company"; "scalar",
 * "128", "256", "512". Static text. */
const char *profile_basis_name(enum tune_basis basis);
const char *profile_width_name(enum simd_width width);

/* The objects that TUNE records carried; NULL: it did not come, and is marked as not measured. */
struct profile_parts {
	const char *head, *price, *end;
	const char *operations[SIMD_OPERATION_COUNT];
};
void profile_json_compose(struct text *text, const struct profile_parts *parts);
