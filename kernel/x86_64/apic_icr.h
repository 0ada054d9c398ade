/* SPDX-License-Identifier: Apache-2.0
 *
 * The words of an interrupt command. Pure. Source: Intel SDM volume 3A, 10.6.1 (interrupt command register),
 * 10.12.9 (in x2APIC mode).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
	ICR_NMI = 4u << 8 | 1u << 14,
	ICR_INIT = 5u << 8 | 1u << 14,     /* level: assert */
	ICR_START_UP = 6u << 8 | 1u << 14, /* | page number */
};

/* In x2APIC mode: one MSR, ids of 32 bits. */
static inline uint64_t apic_icr_msr(uint32_t id, uint32_t command) {
	return (uint64_t)id << 32 | command;
}

/* In the memory-mapped form, what goes to the upper register before the command goes to the lower one. false: an id
 * that does not fit, or means all. */
static inline bool apic_icr_high(uint32_t id, uint32_t *high) {
	enum { ID_MAX = 0xfe };
	*high = id << 24;
	return id <= ID_MAX;
}
