/* SPDX-License-Identifier: Apache-2.0
 *
 * What a machine's settings were before they were changed, in a file that is on the disk before they are; and the way
 * back. All below ROOT/run/anechoic, which is emptied when the machine starts anew, as the settings are. Nothing but
 * sys/devices/system/cpu/cpufreq/policyN/scaling_governor is ever written, whatever the file says.
 */
#pragma once

#include "bench/text.h"
#include "hosted/still/tree.h"

enum { FOUND_MOST = 512, FOUND_WORD = 32 };

struct found_setting {
	unsigned policy; /* of cpufreq */
	char before[FOUND_WORD], wanted[FOUND_WORD];
};

struct found {
	struct found_setting settings[FOUND_MOST];
	size_t count;
};

/* The text of the file, and what it says; pure. false: it is not whole, or says something else. */
void found_write(const struct found *found, struct text *text);
bool found_parse(const char *text, size_t length, struct found *found);

/* Every governor that is not the wanted one. */
void found_look(const struct tree *tree, const char *wanted, struct found *found);

/* The folder, one of ours that nobody else may write to: made where it is absent. A descriptor, or -1 with a line in
 * `complaint`. */
int found_open_folder(const struct tree *tree, struct text *complaint);

/* Takes the place that one process at a time may have, in the folder: a descriptor that holds it until it is closed,
 * or -1: another one has it, whose number is in *holder, 0 where it is not known. */
int found_take_place(int folder, unsigned *holder);

/* On the disk when it returns. false: a line in `complaint`. */
bool found_save(int folder, const struct found *found, struct text *complaint);

/* Removes what was saved: nothing was changed. */
void found_forget(int folder);

/* Whether something was left there. */
bool found_is_left(int folder);

/* Sets what is wanted, each read back; those that it did. Lines in `complaint` for the others. */
size_t found_set(const struct tree *tree, const struct found *found, struct text *complaint);

/* Puts back what the file has, and removes it; what somebody else has set since is left as it is, which `said` names.
 * The number put back; negative: the file makes no sense or a setting cannot be written, of which `said` has a line,
 * and the file stays. */
int found_restore(const struct tree *tree, int folder, struct text *said);
