/* SPDX-License-Identifier: Apache-2.0
 *
 * How a run ends: in order, with a broken invariant, or before it has begun.
 */
#pragma once

/* Of the programme's contract, those that the kernel itself uses. */
enum end_status { STATUS_REFUSED = 2, STATUS_FAILED = 4 };

/* Under handback the firmware has the machine for good; else it ends in the way that the key `exit` names. */
_Noreturn void machine_end(int status);

/* A broken invariant: says so on the consoles and ends with STATUS_FAILED. */
__attribute__((format(printf, 1, 2))) _Noreturn void panic(const char *format, ...);

/* This machine cannot carry a run: says why on the consoles and ends with STATUS_REFUSED. */
__attribute__((format(printf, 1, 2))) _Noreturn void refuse(const char *format, ...);
