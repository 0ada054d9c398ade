/* SPDX-License-Identifier: Apache-2.0
 *
 * None are known: lanes of 8 bits are what NEON and SVE have instructions for.
 */
#include "peers/suites/limits.h"

const struct lanes_best lanes_best_known[] = {{NULL, NULL, NULL}};
