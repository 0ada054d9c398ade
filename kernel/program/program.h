/* SPDX-License-Identifier: Apache-2.0
 *
 * The programme's start.
 */
#pragma once

/* Its pages, and what it is told. Our page tables are in force. What cannot be mapped is a panic. */
void program_load(void);

/* Its first instruction, as soon as the clock has a frequency. */
void program_start(void);
