/* SPDX-License-Identifier: Apache-2.0 */
#define VECTOR_BYTES    64
#define VECTOR_REGISTER "v"
#define LOOPS_NAME      limit_loops_avx512
#include "peers/suites/vector_limits.h"
