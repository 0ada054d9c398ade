/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What was held still for the run, a line of the context; copied. */
void facts_set_still(const char *words);
