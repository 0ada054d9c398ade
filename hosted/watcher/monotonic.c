/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/watcher/monotonic.h"

#include "lib/units.h"

#include <time.h>

uint64_t monotonic_ms(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / NS_PER_MS;
}
