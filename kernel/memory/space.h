/* SPDX-License-Identifier: Apache-2.0
 *
 * The address space: the kernel's identity mapping, and the programme's pages (layout: kernel/gate.h). The first core's
 * only. Results are platform.h's errors, 0 or more where there is none; addresses and lengths in bytes; flags are enum
 * platform_memory_flag's, rights enum page_rights'.
 */
#pragma once

#include "kernel/arch.h"

#include <stdbool.h>
#include <stdint.h>

/* Gives the USABLE memory to the page allocator, makes our page tables, and switches to them. */
void space_start(void);
/* The RECLAIMABLE memory joins. */
void space_reclaim(void);

int64_t space_heap_grow(uint64_t bytes);
int64_t space_map(uint64_t bytes, uint64_t page_bytes, uint64_t flags);
/* Mappings of 4 KiB pages from here on are made of random pieces of a block twice as large, in random order, and
 * PLATFORM_ENOMEM where no such block is free; 0: as they come. */
void space_scatter(uint64_t seed);
/* PLATFORM_EBUSY: the guard stands on it. */
int space_protect(uint64_t address, uint64_t bytes, uint64_t flags);
int space_unmap(uint64_t address, uint64_t bytes);

/* Fresh pages of 4 KiB at a fixed address. */
int space_back(uint64_t address, uint64_t bytes, unsigned rights);
/* Memory that the kernel has, shown to the programme. */
int space_show(uint64_t address, uint64_t physical, uint64_t bytes, unsigned rights);
/* Other rights for identity-mapped pages of the kernel's; their leaves lie within. */
void space_kernel_protect(paddr_t base, uint64_t length, unsigned rights);

/* Whether the programme itself may read (PAGE_READ), write (PAGE_WRITE) or execute (PAGE_EXECUTE) all of it: the one
 * check of an address that the programme names. Of no bytes it may do nothing. The answer holds for the gate call that
 * asks: mappings are changed by gate calls of the first core alone, and only added to while another runs. */
bool space_user_may(uint64_t address, uint64_t bytes, unsigned right);
/* Whether the programme can be sent to `instruction`, with the byte at `stack` on its stack. */
bool space_user_may_go_on(uint64_t instruction, uint64_t stack);
