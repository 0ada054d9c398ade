/* SPDX-License-Identifier: Apache-2.0 */
#define VECTOR_BYTES    32
#define VECTOR_REGISTER "x"
#define LOOPS_NAME      limit_loops_avx2
#include "peers/suites/vector_limits.h"
