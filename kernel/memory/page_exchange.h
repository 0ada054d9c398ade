/* SPDX-License-Identifier: Apache-2.0
 *
 * Two pages of the programme's exchange their frames, and no TLB may be told of it for a while: what was cached of them
 * still answers, with memory that is the programme's all the same. The first core's only.
 *
 * Each frame stays mapped once, so that whatever ends the programme's work, unmapping gives back what was mapped.
 */
#pragma once

#include <stdint.h>

/* As platform_page_exchange; nothing of it is trusted. 0 or platform.h's errors. */
int page_exchange(uint64_t address, uint64_t other, uint64_t told);

/* Every TLB knows every entry from here on. Before anything else is done for the programme, and where what it did was
 * ended. */
void page_exchange_settle(void);
