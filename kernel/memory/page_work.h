/* SPDX-License-Identifier: Apache-2.0
 *
 * Work on page-table entries that is done over and over, so that it can be timed from outside: platform_pages_repeat's
 * one call. The first core's only.
 */
#pragma once

#include "platform.h"

#include <stdbool.h>
#include <stdint.h>

/* Whether a work (enum platform_page_work, or any other number) changes entries: another core's TLB would keep what
 * was there. */
bool page_work_changes(uint64_t work);

/* Nothing of the request is trusted. 0 or platform.h's errors; entries are what they were. */
int page_work(const struct platform_page_request *request);
