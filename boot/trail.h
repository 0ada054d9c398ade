/* SPDX-License-Identifier: Apache-2.0
 *
 * anechoic.boot, beside the loader: how far the last start came, and what was left out since because one stopped there.
 * Lines as in anechoic.conf, in one block of the medium that is always written whole, so that a cut leaves the file's
 * size and place alone. Written under handback only, as there is no way to the medium otherwise.
 *
 * A machine that was switched off in the midst of its start looks like one that stopped there. What is left out then
 * for nothing stays left out until the file is deleted; the console and the results say so each time.
 */
#pragma once

#include "boot/loader.h"
#include "lib/escapes.h"

struct trail {
	EFI_FILE_HANDLE file; /* NULL: nothing is written */
	enum start_step step; /* as the file has it */
	struct escapes left_out;
};

/* Reads the file. What the last start came to grief on is left out from now on, and what was left out before still is,
 * by words at the end of the kernel's command line: but where anechoic.conf or the command line has the key, that
 * counts. Says so. `directory`: NULL where there is none. */
void trail_open(struct loader *loader, EFI_FILE_HANDLE directory, struct trail *trail);

/* From here on steps are written down, the first of them at once. */
void trail_begin(const struct loader *loader, EFI_FILE_HANDLE directory, struct trail *trail);

/* Durable when it returns. Nothing happens where the file cannot be written: anechoic.log says why, or the run stands
 * in it without this. */
void trail_step(struct trail *trail, enum start_step step);

/* The run came back with `exit_status`: unless that says that the kernel gave up in the midst of its start, the start
 * is over. */
void trail_end(struct trail *trail, int32_t exit_status);
