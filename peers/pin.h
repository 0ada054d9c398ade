/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* This process to the last core that it may run on: interrupts of most devices are served by the first ones. Which
 * that is; negative: it could not be. */
int peer_pin_to_last(void);
