/* SPDX-License-Identifier: Apache-2.0
 *
 * anechoic.boot, beside the loader: how far the last start came, and what was left out since because one stopped there.
 * Lines as in anechoic.conf, in one block of the medium that is always written whole, so that a cut leaves the file's
 * size and place alone. Written under handback only, as there is no way to the medium otherwise.
 *
 * A machine that was switched off in the midst of its start looks like one that stopped there. So what is left
 * out after one stop is tried again by the start after the next: where that comes through, it is left out no
 * longer, and where it stops there as well, it stays left out until the file is deleted. The console and the
 * results say so each time.
 */
#pragma once

#include "boot/loader.h"
#include "lib/escapes.h"

/* Why a key's value is in the file. STOPPED_ONCE: left out, as a start stopped there; TRIED_AGAIN: not left out by the
 * start that wrote this, to see whether it stops there again; STOPPED_TWICE: left out for good. */
enum trail_mark { TRAIL_STOPPED_TWICE, TRAIL_STOPPED_ONCE, TRAIL_TRIED_AGAIN };

struct trail {
	EFI_FILE_HANDLE file; /* NULL: nothing is written */
	enum start_step step; /* as the file has it */
	struct escapes left_out;
	enum trail_mark mark[ESCAPE_COUNT]; /* of keys with a value in left_out */
};

/* Reads the file. What the last start came to grief on is left out from now on, and what was left out before still is,
 * by words at the end of the kernel's command line: but where anechoic.conf or the command line has the key, that
 * counts. Says so. `directory`: NULL where there is none. `noted`: this start's steps are written down; nothing is
 * tried again by one that would leave no word of it. */
void trail_open(struct loader *loader, EFI_FILE_HANDLE directory, bool noted, struct trail *trail);

/* From here on steps are written down, the first of them at once. */
void trail_begin(const struct loader *loader, EFI_FILE_HANDLE directory, struct trail *trail);

/* Durable when it returns. Nothing happens where the file cannot be written: anechoic.log says why, or the run stands
 * in it without this. */
void trail_step(struct trail *trail, enum start_step step);

/* The run came back with `exit_status`: unless that says that the kernel gave up in the midst of its start, the start
 * is over. */
void trail_end(struct trail *trail, int32_t exit_status);
