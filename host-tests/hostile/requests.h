/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests that the gate must refuse, for its unit tests and for the programme that means no good: which calls name
 * memory, and addresses that no programme may name.
 */
#pragma once

#include "kernel/gate.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum hostile_memory { HOSTILE_NOTHING, HOSTILE_READS, HOSTILE_WRITES };

struct hostile_call {
	const char *name;
	uint64_t number;
	enum hostile_memory memory; /* what the kernel does to it */
	unsigned argument;          /* holds its address */
	size_t bytes;               /* 0: the next argument says */
};

#define NOTHING                   .memory = HOSTILE_NOTHING
#define BYTES(n)                  .memory = HOSTILE_READS, .argument = (n)
#define TAKES(n, type)            .memory = HOSTILE_READS, .argument = (n), .bytes = sizeof(type)
#define GIVES(n, type)            .memory = HOSTILE_WRITES, .argument = (n), .bytes = sizeof(type)
#define FILLS(n)                  .memory = HOSTILE_WRITES, .argument = (n)
#define KEEPS(n, type, member)    .memory = HOSTILE_WRITES, .argument = (n), .bytes = sizeof(type)
#define TRADES(n, type)           .memory = HOSTILE_WRITES, .argument = (n), .bytes = sizeof(type)
#define NAMED(NAME, handler, ...) {.name = #NAME, .number = GATE_##NAME, __VA_ARGS__},
static const struct hostile_call hostile_calls[] = {GATE_CALLS(NAMED)};

enum {
	HOSTILE_CALLS = sizeof(hostile_calls) / sizeof(hostile_calls[0]),
	HOSTILE_KERNELS = 3,  /* addresses of the kernel's that the caller knows */
	HOSTILE_OFFSET = 256, /* of a good address in the caller's own memory */
	HOSTILE_WRONG_MAX = 64,
};

/* Addresses at which no `bytes` are the programme's; how many. `own`: memory of the programme's, between two pages that
 * are not mapped. */
static inline size_t hostile_addresses(uint64_t own, uint64_t own_bytes, uint64_t bytes,
				       const uint64_t kernels[HOSTILE_KERNELS], uint64_t wrong[HOSTILE_WRONG_MAX]) {
	const uint64_t others[] = {
		0,
		8,
		4096,
		own - 4096,
		own - 8,
		own + own_bytes - bytes + 8,
		own + own_bytes,
		GATE_PROGRAM_BASE - 8,
		GATE_PROGRAM_END - 8,
		GATE_PROGRAM_END,
		UINT64_C(1) << 47,
		UINT64_C(0xffff800000000000),
		UINT64_C(0) - 8,
		UINT64_C(0) - bytes,
		(own + HOSTILE_OFFSET) | UINT64_C(0xffff) << 48,
	};
	size_t count = 0;
	for (unsigned bit = 47; bit < 64; bit++)
		wrong[count++] = (own + HOSTILE_OFFSET) ^ UINT64_C(1) << bit;
	for (size_t i = 0; i < HOSTILE_KERNELS; i++)
		wrong[count++] = kernels[i];
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		wrong[count++] = others[i];
	return count;
}

/* The arguments of a call that names `bytes` at `address`, all else as it should be. */
static inline void hostile_arguments(const struct hostile_call *call, uint64_t address, uint64_t bytes,
				     uint64_t arguments[4]) {
	memset(arguments, 0, 4 * sizeof(*arguments));
	bool names_core = call->number == GATE_CORE_START || call->number == GATE_CORE_DESCRIBE;
	arguments[0] = names_core ? 1 : (uint64_t)PLATFORM_STREAM_TEXT;
	arguments[call->argument] = address;
	if (call->bytes == 0)
		arguments[call->argument + 1] = bytes;
}
