/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "hosted/still/helped.h"
#include "hosted/still/tree.h"

#include <stdint.h>

/* Looks for `duration_ns` at the machine as it is, and as long with it held still, in turn; all is as it was found when
 * it returns. 0, or noise_make's exit status, which was said. */
int doctor_measure(const struct tree *tree, uint64_t duration_ns, struct helped *helped);
