/* SPDX-License-Identifier: Apache-2.0
 *
 * A sample that takes a process of its own, because what is varied is read before main or is in its environment: this
 * programme runs itself and reads the figures that it prints, a line each.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct own_sample {
	const char *const *words; /* of the command line behind "anechoic"; ends with NULL */
	/* "GLIBC_TUNABLES=...", in the place of what the environment has of them; "": none; NULL: what it has. */
	const char *tunables;
	int input; /* its standard input; below 0: an empty one */
};

/* Blocks until the process has ended, which has to bound itself (alarm). false: it could not be started, did not end
 * with 0, or printed less than `count` figures. */
bool own_sample_read(const struct own_sample *sample, double *figures, size_t count);

/* The same, and the CPU time that the process took to its end, with what it waited for. */
bool own_sample_read_whole(const struct own_sample *sample, double *figures, size_t count, double *cpu_ns);
