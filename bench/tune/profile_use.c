/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/tune/profile_use.h"

#include "bench/tune/profile_json.h"
#include "platform.h"

#include <stdio.h>
#include <string.h>

static void say(const struct profile_use *use, const char *name) {
	struct text text = {0};
	text_add_string(&text, name ? "profile " : "this machine's profile");
	text_add_string(&text, name ? name : "");
	text_add_string(&text, use->used ? " is used: " : " is not used: ");
	text_add_string(&text, use->why);
	text_add_string(&text, use->used ? "\n" : "; the built-in choice holds\n");
	platform_write(PLATFORM_STREAM_ERROR, text.bytes, text.length);
	text_free(&text);
}

static void set_why(struct profile_use *use, const struct text *why) {
	snprintf(use->why, sizeof(use->why), "%.*s", (int)why->length, why->bytes ? why->bytes : "");
}

static void take(struct profile_use *use, const struct profile_file *file) {
	use->used = true;
	use->profile = file->choices[file->what_for];
	snprintf(use->why, sizeof(use->why), "made%s%s for %s%s%s%s", file->date[0] ? " " : "", file->date,
		 tune_for_name(file->what_for), file->cut ? ", cut off" : "",
		 file->unknown[0] ? ", as built in where it names what is not here: " : "", file->unknown);
}

/* Of bytes that are there. */
static void judge(struct profile_use *use, const struct platform_text *bytes, simd_features features) {
	struct profile_file file;
	struct tune_signature here;
	struct text why = {0};
	bool fits = profile_read(bytes->bytes, bytes->length, features, &file, &why);
	memcpy(use->hash, file.hash, sizeof(use->hash));
	if (fits && tune_signature_read(&here) != 0) {
		text_add_string(&why, "out of memory");
		fits = false;
	}
	fits = fits && tune_signature_fits(&file.signature, &here, &why);
	if (fits)
		take(use, &file);
	else
		set_why(use, &why);
	text_free(&why);
}

bool profile_use_look(const char *name, simd_features features, struct profile_use *use) {
	struct platform_text bytes = {NULL, 0};
	*use = (struct profile_use){.asked = name != NULL};
	if (name && strcmp(name, "none") == 0) {
		use->none = true;
		snprintf(use->why, sizeof(use->why), "none was asked for");
		return true;
	}
	int status = platform_profile(name, &bytes);
	if (status == PLATFORM_EUNSUPPORTED && !name)
		return true;
	use->asked = true;
	if (status == 0)
		judge(use, &bytes, features);
	else
		snprintf(use->why, sizeof(use->why), "%s",
			 status == PLATFORM_EUNSUPPORTED
				 ? "the loader read no file for it, as it does where anechoic.conf "
				   "says `profile = FILE`"
				 : "it cannot be read");
	return !name || status != PLATFORM_EIO;
}

bool profile_use_find(const char *name, simd_features features, struct profile_use *use) {
	if (!profile_use_look(name, features, use))
		return false;
	if (use->asked && !use->none)
		say(use, name);
	return true;
}

const struct simd_profile *profile_use_of(const struct profile_use *use) {
	return use->used ? &use->profile : use->none ? &simd_profile_default : simd_profile_for(simd_cpu_detect());
}

const char *profile_use_name(const struct profile_use *use) {
	return use->used ? "measured" : use->none ? "default" : simd_profile_name_for(simd_cpu_detect());
}

void profile_use_describe(struct text *text, const struct profile_use *use) {
	text_member_string(text, "methods", profile_use_name(use));
	if (!use->asked)
		return;
	text_member_object(text, "profile");
	text_member_bool(text, "used", use->used);
	text_member_string(text, "why", use->why);
	if (use->hash[0])
		text_member_string(text, "hash", use->hash);
	text_add_string(text, "}");
}
