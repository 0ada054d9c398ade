/* SPDX-License-Identifier: Apache-2.0
 *
 * By single instructions, CAS and LDADD: the file is compiled for FEAT_LSE.
 */
#include "bench/aarch64/line_loops_lse.h"
#include "bench/line_loops_body.h"

const struct line_loops line_loops_lse = LINE_LOOPS;
