/* SPDX-License-Identifier: Apache-2.0
 *
 * Constructors of suites from outside, which run before main: one that crashes or does not end says so, with the
 * suite's name, and ends the process with the status of a benchmark that does.
 */
#pragma once

/* First of all in main: they have run. */
void constructors_end(void);
