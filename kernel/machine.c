/* SPDX-License-Identifier: Apache-2.0
 *
 * The state alone, so that nobody who needs it needs anything else.
 */
#include "kernel/machine.h"

struct machine machine;
