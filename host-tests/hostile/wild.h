/* SPDX-License-Identifier: Apache-2.0
 *
 * What only assembly can do wrong: wild.S, an architecture each. They do not come back, unless by a fault.
 */
#pragma once

#include <stdint.h>

/* Goes on at `address`. */
_Noreturn void wild_jump(uint64_t address);

/* With `stack` as stack pointer: calls the gate (MEMORY_FREE), and uses it then; loops until the watchdog comes. */
_Noreturn void wild_stack_call(uint64_t stack);
_Noreturn void wild_stack_wait(uint64_t stack);

/* Addresses of instructions that are not the programme's to execute, each with an illegal one
 * behind it; ends with 0. */
extern const uint64_t wild_instructions[];
