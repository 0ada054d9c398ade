/* SPDX-License-Identifier: Apache-2.0 */
#define VECTOR_BYTES    16
#define VECTOR_REGISTER "x"
#define LOOPS_NAME      limit_loops_sse2
#include "peers/suites/vector_limits.h"
