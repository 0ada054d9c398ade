/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the programme's streams go on Linux: TEXT and ERROR to the process's own, and all of them past whoever listens,
 * as files of records and results do. What listens stands above and registers itself here: the platform knows none of
 * it.
 */
#pragma once

#include "platform.h"

#include <stddef.h>

/* Called on the first thread, one piece at a time. */
struct stream_listener {
	/* Sees a piece before it is written. 0: it wanted it; PLATFORM_EUNSUPPORTED: it did not; another error: it
	 * wanted it and failed, of which the programme hears for RECORD and RESULTS where nobody took it. */
	int (*take)(enum platform_stream stream, const void *bytes, size_t length);
	/* At the programme's end: the status to exit with, of that so far. NULL: no interest. */
	int (*finish)(int status);
};

/* `listeners` ends with NULL, and is asked in its order, by every write and at the end. Once,
 * before the first write. */
void streams_listen(const struct stream_listener *const *listeners);

/* PLATFORM_STREAM_TEXT goes to nobody but those who listen. */
void streams_mute_text(void);

/* All of it, however often a signal breaks in. 0, or PLATFORM_EIO with errno. */
int streams_write_all(int file, const void *bytes, size_t length);

/* What platform_previous_log gives is the content of this file. 0, or PLATFORM_EIO and in *why a reason that stays. */
int streams_resume(const char *file, const char **why);
