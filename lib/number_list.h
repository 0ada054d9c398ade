/* SPDX-License-Identifier: Apache-2.0
 *
 * A list of numbers as Linux writes it, "0-3,8". Pure.
 */
#pragma once

/* Calls add(argument, number) for each below 65,536. Ends quietly at what is none. */
void number_list_read(const char *text, void (*add)(void *argument, unsigned number), void *argument);
