/* SPDX-License-Identifier: Apache-2.0
 *
 * What `anechoic stream` records and converts: events of a file or of a program under Valgrind, into a file.
 */
#pragma once

#include "hosted/stream/filter.h"

struct stream_request {
	struct stream_filter filter;
	const char *out;
	bool sample; /* of many events, windows from all over them */
};

/* Lackey's lines or an address stream, in a file; "-": lines on standard input. 0, 2 and a line on standard error, or
 * 128 and the number of the signal that ended it. What was under the name stays where it is not 0. */
int stream_convert(const struct stream_request *request, const char *input);

/* Runs the program under Valgrind until it ends or enough was recorded. The program's exit status, 128 and the number
 * of the signal that ended it, 0 where it was not needed to its end, or 2 and a line on standard error. */
int stream_record(const struct stream_request *request, char **words);
