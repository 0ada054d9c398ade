/* SPDX-License-Identifier: Apache-2.0
 *
 * Two blocks of a guest's code, as a translator from RISC-V makes them: the guest's registers in the host's while the
 * block runs, each load and store through the TLB, and at an exception all of them back in the guest, pc at the
 * instruction that has it.
 */
#pragma once

#include "guest.h"

enum { A0 = 10, A1 = 11, A2 = 12, T0 = 5, T1 = 6 };

#define SUMS_AT  UINT64_C(0x10000)
#define CHASE_AT UINT64_C(0x20000)

/* 10000: ld t0, 0(a0); add t1, t1, t0; sd t1, 0(a1); addi a0, a0, 8; addi a1, a1, 8; bne a0, a2, 10000
 * Behind it pc is 10018. Both end at an exception, too: then guest->cause is not 0. */
void block_sums(struct guest *guest);

/* 20000: ld a0, 0(a0); addi a1, a1, -1; bnez a1, 20000. Behind it pc is 2000c. */
void block_chase(struct guest *guest);

/* The loop of block_sums over memory of the host's: what it would cost if nothing were translated. Returns t1. */
uint64_t sums_untranslated(const uint64_t *from, uint64_t *to, uint64_t count, uint64_t sum);
