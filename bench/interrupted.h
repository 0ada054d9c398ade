/* SPDX-License-Identifier: Apache-2.0
 *
 * How a programme ends that was asked to.
 */
#pragma once

#include "platform.h"

#include <stdbool.h>

/* The exit status, a shell's for the signal: 130 of SIGINT, 143 of SIGTERM. Only where platform_interrupted says that
 * somebody asked. */
static inline int interrupted_status(void) {
	return 128 + platform_interrupted();
}

/* Whether a status is such a one. */
static inline bool interrupted_is_status(int status) {
	return platform_interrupted() != 0 && status == interrupted_status();
}
