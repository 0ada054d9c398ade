/* SPDX-License-Identifier: Apache-2.0
 *
 * `anechoic apply [--dry-run] [--pools [--no-kernels]] -- PROGRAM ARGS`: becomes the program, with the libraries in it
 * that serve its calls on memory. So its number, its streams, its exit status and its signals are its own, and nothing
 * is left of us to wait.
 */
#include "hosted/apply/apply.h"
#include "bench/plain.h"
#include "bench/tune/profile_use.h"
#include "hosted/apply/crossing.h"
#include "hosted/apply/kept.h"
#include "hosted/cli/commands/commands.h"
#include "hosted/cli/help.h"
#include "hosted/cli/output.h"
#include "hosted/cli/words.h"
#include "hosted/preload/library.h"
#include "hosted/preload/program.h"
#include "platform.h"
#include "preload/setting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where no sizes are said. Each pool has some pages of its own: all that there could be are more than most programs
 * gain by. */
static const char usual_pools[] = "1-1024";

struct applied {
	bool dry, remeasure, no_kernels;
	const char *profile_name; /* NULL: the one that was kept */
	char path[PROGRAM_PATH_BYTES];
	char **words;           /* of the program */
	struct profile_use use; /* where it is shown or measured */
	struct crossings crossings;
	const char *pools;   /* sizes; NULL: none */
	struct text setting; /* terminated */
	bool serves;         /* kernels gain at some size; else their library is left out */
	char kernels[LIBRARY_PATH_BYTES], pool[LIBRARY_PATH_BYTES];
};

/* ---- what is done ------------------------------------------------------------------------------------------------ */

static bool is_off(void) {
	const char *setting = getenv("ANECHOIC_APPLY");
	return setting && strcmp(setting, SETTING_OFF) == 0;
}

/* false, with a line in `complaint`. */
static bool measure(struct applied *applied, struct text *complaint) {
	const struct profile_use *use = &applied->use;
	if (!profile_use_look(applied->profile_name, simd_features_detect(), &applied->use) ||
	    (applied->profile_name && !use->used && !use->none)) {
		plain_format(complaint, "profile %s is not used: %s\n", applied->profile_name, use->why);
		return false;
	}
	apply_add_kernels(profile_use_of(use), &applied->setting);
	if (crossing_measure(profile_use_of(use), &applied->crossings) != 0) {
		text_add_string(complaint, "out of memory\n");
		return false;
	}
	apply_add_sizes(&applied->crossings, &applied->setting);
	return true;
}

/* As it was measured before, where nothing is different. */
static bool prepare_kernels(struct applied *applied, struct text *complaint) {
	struct platform_text profile;
	struct text key = {0};
	const char *name = applied->profile_name;
	bool none = name && strcmp(name, "none") == 0;
	bool has_profile = !none && platform_profile(name, &profile) == 0;
	if (name && !none && !has_profile)
		return false; /* and why was said */
	kept_add_key(has_profile ? &profile : NULL, none, library_hash(LIBRARY_KERNELS), &key);
	bool good = !applied->dry && !applied->remeasure && kept_read(&key, &applied->setting);
	if (!good) {
		good = measure(applied, complaint);
		if (good && !applied->dry && !applied->setting.failed)
			kept_write(&key, &applied->setting);
	}
	text_free(&key);
	return good;
}

static bool prepare(struct applied *applied, struct text *complaint) {
	if (!applied->no_kernels && !prepare_kernels(applied, complaint))
		return false;
	if (applied->pools && !apply_add_pools(applied->pools, &applied->setting)) {
		plain_format(complaint, "--pools '%s': not sizes in bytes, as 16-64,256, that begin at 1 to %d\n",
			     applied->pools, APPLY_POOL_BYTES_MOST);
		return false;
	}
	text_add(&applied->setting, "", 1);
	if (applied->setting.failed) {
		text_add_string(complaint, "out of memory\n");
		return false;
	}
	applied->serves = !applied->no_kernels && apply_serves(applied->setting.bytes);
	return (!applied->serves || library_keep(LIBRARY_KERNELS, !applied->dry, applied->kernels, complaint) == 0) &&
	       (!applied->pools || library_keep(LIBRARY_POOLS, !applied->dry, applied->pool, complaint) == 0);
}

static bool set_environment(const struct applied *applied) {
	return (!applied->serves || library_preload(LIBRARY_KERNELS, applied->kernels)) &&
	       (!applied->pools || library_preload(LIBRARY_POOLS, applied->pool)) &&
	       setenv(SETTING_VARIABLE, applied->setting.bytes, 1) == 0;
}

static int run(const struct applied *applied) {
	if (!is_off() && !set_environment(applied)) {
		fputs("out of memory\n", stderr);
		return 2;
	}
	return program_become(applied->path, applied->words);
}

/* ---- what would be done ------------------------------------------------------------------------------------------ */

static void show_words(const struct applied *applied, struct text *text) {
	for (size_t i = 0; applied->words[i]; i++) {
		text_add_string(text, i ? " " : "");
		apply_add_quoted(i ? applied->words[i] : applied->path, text);
	}
	text_add_string(text, "\n");
}

static void show_kernels(const struct applied *applied, struct text *text) {
	const struct profile_use *use = &applied->use;
	text_format(text, "methods behind memcpy, memmove, memset, memcmp and memchr, by size: ");
	if (use->used)
		text_format(text, "profile %s\n", use->why);
	else
		text_format(text, "%s%s built in for this CPU (%s)\n", use->asked ? use->why : "",
			    use->asked ? ":" : "no profile:", profile_use_name(use));
	apply_show_kernels(profile_use_of(use), &applied->crossings, text);
}

static int show(const struct applied *applied) {
	struct text text = {0};
	if (is_off())
		text_add_string(&text, "nothing: " SETTING_VARIABLE "=" SETTING_OFF "\n");
	else if (!applied->no_kernels)
		show_kernels(applied, &text);
	if (!is_off() && applied->pools)
		text_format(&text, "pools behind malloc and its like: blocks of %s bytes, %d at the most\n",
			    applied->pools, APPLY_POOL_BYTES_MOST);
	if (!is_off() && (applied->serves || applied->pools)) {
		text_add_string(&text, SETTING_VARIABLE "=");
		apply_add_quoted(applied->setting.bytes, &text);
		text_format(&text, " LD_PRELOAD=%s%s%s ", applied->pool, applied->pools && applied->serves ? ":" : "",
			    applied->kernels);
	}
	show_words(applied, &text);
	return output_save("-", &text);
}

/* ---- the command ------------------------------------------------------------------------------------------------- */

static int apply(struct applied *applied) {
	struct text complaint = {0};
	int wrong = program_find(applied->words[0], applied->path, &complaint);
	if (!wrong && !program_may_be_preloaded(applied->path, &complaint))
		wrong = 2;
	if (!wrong && !is_off() && !prepare(applied, &complaint))
		wrong = 2;
	output_complain(&complaint);
	if (!wrong)
		wrong = applied->dry ? show(applied) : run(applied);
	text_free(&applied->setting);
	return wrong;
}

int command_apply(int argc, char **argv) {
	struct applied applied = {0};
	bool ended = false;
	int i = 1;
	for (; i < argc && argv[i][0] == '-' && !words_end_options(argv[i], &ended); i++) {
		const char *profile = words_value(argc, argv, &i, "--profile");
		if (profile)
			applied.profile_name = profile;
		else if (strcmp(argv[i], "--pools") == 0)
			applied.pools = usual_pools;
		else if (strncmp(argv[i], "--pools=", strlen("--pools=")) == 0)
			applied.pools = argv[i] + strlen("--pools=");
		else if (strcmp(argv[i], "--remeasure") == 0)
			applied.remeasure = true;
		else if (strcmp(argv[i], "--no-kernels") == 0)
			applied.no_kernels = true;
		else if (strcmp(argv[i], "--dry-run") == 0)
			applied.dry = true;
		else
			return help_refuse("apply", argv[i]);
	}
	applied.words = argv + i + ended;
	if (applied.no_kernels && !applied.pools) {
		output_say(stderr, "apply: --no-kernels without --pools leaves nothing to apply\n");
		return 2;
	}
	return i + ended < argc ? apply(&applied) : help_usage("apply");
}
