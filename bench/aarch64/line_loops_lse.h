/* SPDX-License-Identifier: Apache-2.0
 *
 * The loops for CPUs that have FEAT_LSE.
 */
#pragma once

#include "bench/line_loops.h"

extern const struct line_loops line_loops_lse;
