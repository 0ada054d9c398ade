/* SPDX-License-Identifier: Apache-2.0
 *
 * What first touches of a record's pages take, and starts and ends of its processes, in ns of CPU time. Pure.
 */
#pragma once

#include "hosted/advise/advice_sum.h"
#include "hosted/record/record.h"

/* Of resident memory, at the most: program and libraries, which are no heap. */
enum { ADVICE_FILE_BYTES = 8 << 20 };

/* First touches of any memory, as it is. */
struct advice_sum advice_sum_of_pages(const struct record *record, const struct costs *costs);

/* What the heap takes more where it is in huge pages. */
struct advice_sum advice_sum_of_heap(const struct record *record, const struct costs *costs);

/* What starting takes more under a setting, and ending where that is known. */
struct advice_sum advice_sum_of_starts(const struct record *record, const struct costs *costs,
				       enum costs_setting setting);
