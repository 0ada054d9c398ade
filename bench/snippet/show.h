/* SPDX-License-Identifier: Apache-2.0
 *
 * What came of a snippet, for people and as JSON.
 */
#pragma once

#include "bench/snippet/snippet.h"
#include "bench/status.h"
#include "bench/text.h"

#define SNIPPET_SCHEMA "anechoic-snippet/1"

struct snippet_result {
	const struct snippet *snippet;
	const char *source, *init_source; /* as they were written; NULL: nothing but bytes is known, or none was */
	enum bench_status status;
	const char *reason;                 /* why not ok */
	const struct platform_fault *fault; /* NULL: there is none */
	enum snippet_part part;             /* of the fault */
	size_t offset;                      /* within that part */
	const char *instruction;            /* there; NULL: nobody knows its name */
	const struct snippet_times *times;  /* all below where it is ok alone */
	struct snippet_figures figures;
	bool figured; /* there are figures */
	uint64_t hz, seed;
	const struct room_seen *seen; /* NULL: nobody watched */
};

/* Takes the times apart: figures and, where they are none, that. */
void snippet_result_figure(struct snippet_result *result);

/* The exit status: 0; 3: no figure, or one that is no latency; 4: it did not come to its end. */
int snippet_result_status(const struct snippet_result *result);

void snippet_show(const struct snippet_result *result, struct text *text);

/* Members of an object that the caller opened and closes: those of docs/formats.md. */
void snippet_write(const struct snippet_result *result, struct text *text);
