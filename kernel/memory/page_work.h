/* SPDX-License-Identifier: Apache-2.0
 *
 * Work on page-table entries that is done over and over, so that it can be timed from outside: platform_pages_repeat's
 * one call. The first core's only.
 */
#pragma once

#include "kernel/arch.h"
#include "platform.h"

#include <stdbool.h>
#include <stdint.h>

/* Whether a work (enum platform_page_work, or any other number) takes pages away for a moment, from which another core
 * would fault. */
bool page_work_takes_away(uint64_t work);

/* Makes other cores forget leaves, as core_tlb_flush does. */
typedef bool page_work_tell(vaddr_t address, uint64_t leaf_bytes, uint64_t count);

/* Nothing of the request is trusted. 0 or platform.h's errors; entries are what they were, or withheld. */
int page_work(const struct platform_page_request *request, page_work_tell *tell);

/* The programme, on the first core, faulted there. true: that page was withheld, is given back, and the programme goes
 * on where it was; no TLB knows an absent page. */
bool page_work_give(uint64_t address);
