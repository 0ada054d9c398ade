/* SPDX-License-Identifier: Apache-2.0
 *
 * The command `self-test`: known samples through the programme's own generator and statistics, printed to the last bit.
 * Whoever compares two builds' output knows whether the same samples give the same figures on both. It measures
 * nothing.
 */
#pragma once

/* 0; 2: no memory. */
int self_test(void);
