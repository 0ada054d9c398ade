/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

/* Whether a list of cores as Linux writes it, "0-3,8", has this one. Pure. */
bool still_list_has(const char *list, unsigned cpu);
