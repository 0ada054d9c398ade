/* SPDX-License-Identifier: Apache-2.0
 *
 * Words that are advised, and measured with.
 */
#pragma once

/* Transparent huge pages below glibc's heap ("Memory Allocation Tunables" of its manual), beside what GLIBC_TUNABLES
 * says already. */
#define SETTINGS_HUGE "glibc.malloc.hugetlb=1"

/* What the system gives such pages to, and what it does to have one. */
#define SETTINGS_HUGE_SWITCH "/sys/kernel/mm/transparent_hugepage/enabled"
#define SETTINGS_HUGE_DEFRAG "/sys/kernel/mm/transparent_hugepage/defrag"
