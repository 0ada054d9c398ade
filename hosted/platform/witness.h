/* SPDX-License-Identifier: Apache-2.0
 *
 * What Linux counts for each CPU beside a measurement: /proc/interrupts, /proc/stat and, where it may be read,
 * MSR_SMI_COUNT by way of /dev/cpu/N/msr.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct witness {
	bool interrupts_known, stolen_known;
	uint64_t interrupts, nmis; /* non-maskable ones are not among the interrupts */
	uint64_t stolen_ns;        /* taken by the host */
};

/* The text of the two files, which ends with a 0 byte; pure. */
void witness_take_interrupts(const char *text, const uint64_t *cpus, size_t count, struct witness *witnesses);
void witness_take_stat(const char *text, uint64_t ticks_a_second, const uint64_t *cpus, size_t count,
		       struct witness *witnesses);
