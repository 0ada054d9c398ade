/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

/* PLATFORM_PAGE_*: what platform_memory_map can give now. */
uint32_t memory_page_sizes(void);
