/* SPDX-License-Identifier: Apache-2.0
 *
 * Every way in has firmware here, which has been asked.
 */
#include "kernel/arch.h"

bool arch_utc(uint64_t *seconds, const char **source) {
	(void)seconds;
	(void)source;
	return false;
}
