/* SPDX-License-Identifier: Apache-2.0 */
#define VECTOR_BYTES    16
#define VECTOR_REGISTER "w"
#define LOOPS_NAME      limit_loops_neon
#include "peers/suites/vector_limits.h"
