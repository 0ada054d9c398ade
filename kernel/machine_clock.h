/* SPDX-License-Identifier: Apache-2.0
 *
 * The machine's clock: which of its sources are looked at, and for how long, before anybody is told a frequency.
 */
#pragma once

/* Chooses the sources and takes their first readings. Before our page tables are in force: it reads ACPI tables. */
void machine_clock_begin(void);

/* One more reading of the references; the first one lasts until they have been looked at for long enough. No frequency
 * at all is a panic. */
void machine_clock_read(void);
