/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/platform/columns.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { COLUMNS_LEAST = 20, COLUMNS_MOST = 10000 };

size_t columns_of_output(void) {
	const char *given = getenv("COLUMNS");
	struct winsize size;
	long columns = given ? strtol(given, NULL, 10) : 0;
	if (columns <= 0 && isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		columns = size.ws_col;
	return columns >= COLUMNS_LEAST && columns <= COLUMNS_MOST ? (size_t)columns : 0;
}
