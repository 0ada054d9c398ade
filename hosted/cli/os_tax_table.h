/* SPDX-License-Identifier: Apache-2.0
 *
 * What `os-tax` shows: a table of at most 80 columns, and JSON, schema anechoic-os-tax/1 (docs/formats.md).
 */
#pragma once

#include "bench/text.h"
#include "hosted/verdict/os_tax.h"

void os_tax_table_add(struct text *text, const struct os_tax *tax);
void os_tax_json_add(struct text *text, const struct os_tax *tax);
