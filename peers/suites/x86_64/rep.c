/* SPDX-License-Identifier: Apache-2.0
 *
 * REP MOVSB. Source: Intel Optimization Reference Manual, section 3.7.6 (enhanced REP MOVSB).
 */
#include "peers/suites/rep.h"

const char *const rep_absent = NULL;

void rep_copy(void *to, const void *from, size_t bytes) {
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
}
