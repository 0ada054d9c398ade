/* SPDX-License-Identifier: Apache-2.0
 *
 * `doctor --report`: docs/hardware.md's form of a report, filled in.
 */
#pragma once

#include "hosted/still/tree.h"

/* Of the machine that `tree` is; `log`: records or results of the image, or NULL. An exit status. */
int doctor_report(const struct tree *tree, const char *log, const char *out);
