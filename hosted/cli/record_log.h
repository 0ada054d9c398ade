/* SPDX-License-Identifier: Apache-2.0
 *
 * `run --log FILE` and `--resume LOG`: records in a file, each as it is made, so that what is finished survives
 * whatever ends the process.
 *
 * The log that is resumed is continued where it is the same file; else the new one begins with its records, and is
 * complete by itself. Where another log has the name, the new one is written to FILE.new, and takes the name at the end
 * of its run: one that was cut off replaces none.
 */
#pragma once

#include "hosted/platform/streams.h"

/* Of --resume first: --log asks whether it is the same file. 0, or PLATFORM_E* and a line on standard error. */
int record_log_set_resume(const char *value);
int record_log_set(const char *value);
/* Of --log before. */
int record_log_set_form(const char *value);

extern const struct stream_listener record_log_listener;
