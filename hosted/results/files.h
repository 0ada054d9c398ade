/* SPDX-License-Identifier: Apache-2.0
 *
 * Files as users expect them: read whole, written whole or not at all; and the folder for the user's data.
 */
#pragma once

#include "bench/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* The whole file or none of it: written beside its name, with the rights that the one before had, and renamed. A link,
 * a file with further names or in a folder that takes no other, and what is no plain file are written as they stand.
 * "-": standard output. 0, or PLATFORM_EIO with a line in `complaint`. */
int files_save(const char *name, const struct text *content, struct text *complaint);

/* The same of a file that others may have put there: always one of its own, which takes the name. What had it stays as
 * it is under its other names, and nothing is written through a link. */
int files_put(const char *name, const struct text *content, struct text *complaint);

/* What is written part by part. */
struct files_new {
	FILE *file;
	char *beside; /* the name that it has until it is whole; NULL: it is written as it stands */
};

/* Begins a file as files_save has it; `how`, O_TRUNC or 0, is for one that is written as it stands. false: errno. */
bool files_begin(const char *name, int how, struct files_new *fresh);

/* Ends it: `whole`, it takes the name; otherwise what has it stays, and nothing is left beside it. false: it did not,
 * and errno is that of what failed last. */
bool files_end(const char *name, bool whole, struct files_new *fresh);

/* Whether files_save may be expected to work, before work is done for nothing. A pipe that somebody reads is held to
 * the process' end, so that its reader waits. 0, or PLATFORM_EIO with a line in `complaint`. */
int files_may_write(const char *name, struct text *complaint);

/* Whether files_save puts what is new in the place of what was there: into a pipe or a device goes one behind the
 * other. */
bool files_replaces(const char *name);

/* Opens a file to write it as it stands, made where it is not; `how`: O_TRUNC or O_APPEND. Waits for nobody: -1 with
 * ENXIO is a pipe that nobody reads. */
int files_open_to_write(const char *name, int how);

/* Opens a file that somebody named, to read it. Plain ones alone: what comes out of a pipe or a device may never begin,
 * or never end. NULL, with a line in `complaint`. */
FILE *files_open(const char *name, struct text *complaint);

/* Of what is written by hand, or is a machine's own tables; and of what holds samples. */
enum { FILES_BYTES_MOST = 16 << 20, FILES_SAMPLES_BYTES_MOST = 1 << 30 };

/* Appends all of it, as files_open has it, to `bytes`. 0, or PLATFORM_EIO with a line in `complaint`: it cannot be
 * read, or has more than `most` bytes. */
int files_read(const char *name, size_t most, struct text *bytes, struct text *complaint);

/* The same of a name in which "-" is standard input, all that comes from there; and that name in words. */
int files_read_named(const char *name, size_t most, struct text *bytes, struct text *complaint);
const char *files_named(const char *name);

/* Whether two names are of one file that is there. */
bool files_are_same(const char *a, const char *b);

/* Whether it is a plain file with something in it. */
bool files_holds_something(const char *name);

/* Whether nobody has the file open or mapped, and that can be told: it is the user's, and where it lies has leases. */
bool files_is_unused(int folder, const char *name);

/* Removes a file, or a folder with all that is in it; links are not followed. false: something is left; errno says why,
 * ENOENT where there was nothing. */
bool files_remove_tree(const char *name);

/* Makes the folders above the last '/' of `path`, which is not empty and comes back as it was. false: one of them is
 * not there and cannot be made; errno says why. */
bool files_make_folders(char *path);

/* FILE in the folder for data: $ANECHOIC_HOME, or anechoic in $XDG_DATA_HOME, or ~/.local/share. false: none of them is
 * set, or the path is too long, and errno is 0; or a folder cannot be made, and errno says why. `make`: folders are
 * made. */
bool files_data_path(const char *file, bool make, char *path, size_t capacity);

/* That it was false just now: a line that begins with `what`. */
void files_complain_of_data_path(const char *what, struct text *complaint);
