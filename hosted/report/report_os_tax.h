/* SPDX-License-Identifier: Apache-2.0
 *
 * What Linux costs on this machine, as a page of HTML that needs nothing else and has no script: every figure is in its
 * tables.
 */
#pragma once

#include "bench/text.h"
#include "hosted/verdict/os_tax.h"

void report_os_tax(struct text *text, const struct os_tax *tax);
