/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/outside/link.h"

const struct outside_linked outside_linked[] = {{NULL, NULL, NULL}};
