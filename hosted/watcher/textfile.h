/* SPDX-License-Identifier: Apache-2.0
 *
 * `--textfile FILE`: a file of metrics in the folder of node_exporter's textfile collector, which reads *.prom alone.
 */
#pragma once

#include "bench/text.h"

/* Whether the collector would read a file of this name, and it may be written; false, with a line in `complaint`. */
bool textfile_may_write(const char *name, struct text *complaint);

/* Puts `metrics` in the file's place at once, as files_save does. A new one can be read by everybody, whatever the
 * process' umask, as the collector is another user; one that was there keeps its rights. Not beside other threads that
 * make files. 0, or PLATFORM_EIO with a line in `complaint`. */
int textfile_save(const char *name, const struct text *metrics, struct text *complaint);
