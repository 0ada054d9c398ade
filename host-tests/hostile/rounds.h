/* SPDX-License-Identifier: Apache-2.0
 *
 * Tasks on every other core at once, over and over: each 10th faults, each 50th never ends and is stopped, and now and
 * then all cores have fallen asleep before.
 */
#pragma once

/* How many tasks did not come to what they were to come to. Says so, and in how many rounds, on the console. */
unsigned rounds_run(void);
