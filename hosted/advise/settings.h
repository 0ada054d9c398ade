/* SPDX-License-Identifier: Apache-2.0
 *
 * Words that are advised, and measured with.
 */
#pragma once

/* Transparent huge pages below glibc's heap ("Memory Allocation Tunables" of its manual). */
#define SETTINGS_HUGE "GLIBC_TUNABLES=glibc.malloc.hugetlb=1"
