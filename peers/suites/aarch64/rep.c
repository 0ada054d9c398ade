/* SPDX-License-Identifier: Apache-2.0
 *
 * aarch64 has no REP MOVSB: never called, since rep_absent says so.
 */
#include "peers/suites/rep.h"

#include <string.h>

const char *const rep_absent = "an instruction of x86_64";

void rep_copy(void *to, const void *from, size_t bytes) {
	memcpy(to, from, bytes);
}
