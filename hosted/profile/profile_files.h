/* SPDX-License-Identifier: Apache-2.0
 *
 * The profile of this machine in the folder for the user's data (hosted/results/files.h): profile.json, and where cores
 * are of several types one for each, profile-P.json. `tune --save` puts it there, `run` takes it from there, `tune
 * --reset` removes it. Errors come with a line in `complaint`.
 */
#pragma once

#include "bench/text.h"
#include "bench/tune/signature.h"
#include "platform.h"

/* Whether profile_files_save may be expected to work here, before work is done for nothing; the folder is made. 0,
 * PLATFORM_EIO, or PLATFORM_ENOMEM. */
int profile_files_may_save(struct text *complaint);

/* Keeps profile.json, made for this signature; its file's name is appended to `path`. 0, PLATFORM_EIO, or
 * PLATFORM_ENOMEM. */
int profile_files_save(const struct tune_signature *signature, const struct text *json, struct text *path,
		       struct text *complaint);

/* Removes what was kept, for every type of core; the names of the files, a line each, are appended to `removed`.
 * 0 whether there were any or none, or PLATFORM_EIO. */
int profile_files_reset(struct text *removed, struct text *complaint);

/* For hosted/platform/profile.h: the file of this name; NULL: what was kept for the type of core that this runs on.
 * What is wrong goes to standard error. */
int profile_files_find(const char *name, struct platform_text *profile);
