/* SPDX-License-Identifier: Apache-2.0
 *
 * What is known of the threads on other cores beside platform.h; core 0 is the caller's own thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Context switches of all threads of that core so far, wanted and not. false: nobody says. */
bool cores_switches(unsigned core, uint64_t *switches);

/* How often one was found off its CPU: another's as it ended, the caller's own at this call. */
uint64_t cores_elsewhere(unsigned core);
