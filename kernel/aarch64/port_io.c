/* SPDX-License-Identifier: Apache-2.0
 *
 * The architecture has no I/O ports.
 */
#include "kernel/arch.h"

const struct port_io arch_port_io;
