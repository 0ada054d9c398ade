/* SPDX-License-Identifier: Apache-2.0
 *
 * Of /proc/cpuinfo only lines that are named here: on some boards it has a serial number among them.
 */
#include "hosted/still/form.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CPUINFO_BYTES = 4 << 20, KINDS_MOST = 8, KIND_BYTES = 200 };

/* The caller's, "" without one. */
static char *read_cpuinfo(const struct tree *tree) {
	char *text = malloc(CPUINFO_BYTES);
	if (text)
		tree_read(tree, text, CPUINFO_BYTES, "proc/cpuinfo");
	return text;
}

/* Takes the next line: what stands behind its colon, where it begins with one of `names`; else NULL. false: no more. */
static bool next_line(char **rest, const char *const *names, size_t *which, const char **value) {
	char *line = strsep(rest, "\n");
	*value = NULL;
	for (*which = 0; line && names[*which]; ++*which) {
		size_t length = strlen(names[*which]);
		const char *behind = line + length;
		if (strncmp(line, names[*which], length) != 0 || behind[strspn(behind, " \t")] != ':')
			continue;
		behind = strchr(behind, ':') + 1;
		*value = behind + strspn(behind, " \t");
		break;
	}
	return line != NULL;
}

struct kinds {
	char words[KINDS_MOST][KIND_BYTES];
	unsigned counts[KINDS_MOST];
	size_t count;
};

static void add_kind(struct kinds *kinds, const char *words) {
	size_t i = 0;
	while (i < kinds->count && strcmp(kinds->words[i], words) != 0)
		i++;
	if (words[0] == '\0' || i == KINDS_MOST)
		return;
	if (i == kinds->count)
		snprintf(kinds->words[kinds->count++], KIND_BYTES, "%s", words);
	kinds->counts[i]++;
}

/* What the lines of `names` say of each processor, as many times as there are such. */
static void list_kinds(const struct tree *tree, const char *const *names, struct text *answer) {
	char *text = read_cpuinfo(tree), *rest = text, words[KIND_BYTES] = "";
	struct kinds kinds = {.count = 0};
	size_t which, first = SIZE_MAX;
	const char *value;
	while (text && next_line(&rest, names, &which, &value)) {
		if (value == NULL)
			continue;
		if (which == first) {
			add_kind(&kinds, words);
			words[0] = '\0';
		}
		first = first == SIZE_MAX ? which : first;
		size_t length = strlen(words);
		snprintf(words + length, sizeof(words) - length, "%s%s %s", length ? ", " : "", names[which], value);
	}
	add_kind(&kinds, words);
	for (size_t i = 0; i < kinds.count; i++)
		form_list_format(answer, "%u x (%s)", kinds.counts[i], kinds.words[i]);
	free(text);
}

void form_processor(const struct tree *tree, struct text *answer) {
	static const char *const names[] = {"vendor_id", "model name", "CPU implementer", "CPU part", NULL};
	list_kinds(tree, names, answer);
}

void form_processor_numbers(const struct tree *tree, struct text *answer) {
	static const char *const names[] = {"cpu family",       "model",       "stepping",     "microcode",
					    "CPU architecture", "CPU variant", "CPU revision", NULL};
	list_kinds(tree, names, answer);
}

void form_features(const struct tree *tree, struct text *answer) {
	static const char *const names[] = {"flags", "Features", NULL};
	char *text = read_cpuinfo(tree), *rest = text;
	const char *value = NULL;
	size_t which;
	while (text && value == NULL && next_line(&rest, names, &which, &value))
		;
	text_add_string(answer, value ? value : "");
	free(text);
}

void form_hypervisor(const struct tree *tree, struct text *answer) {
	char word[64];
	struct text features = {0};
	form_features(tree, &features);
	text_add(&features, " ", sizeof(" "));
	if (tree_word(tree, word, sizeof(word), "sys/hypervisor/type"))
		form_list(answer, word);
	if (!features.failed && strstr(features.bytes, "hypervisor "))
		form_list(answer, "the processor says that there is one");
	else if (!features.failed && features.length > sizeof(" ") && answer->length == 0)
		text_add_string(answer, "no sign of one");
	text_free(&features);
}

/* ---- cores ------------------------------------------------------------------------------------------------------- */

enum { CORES_MOST = 4096 };

struct places {
	const struct tree *tree;
	uint64_t packages[CORES_MOST], cores[CORES_MOST];
	size_t count;
};

static void take_place(void *argument, const char *name) {
	struct places *places = argument;
	uint64_t package, core;
	char *end;
	unsigned long number = strtoul(name + strcspn(name, "0123456789"), &end, 10);
	if (strncmp(name, "cpu", 3) != 0 || name[3] < '0' || name[3] > '9' || *end || places->count == CORES_MOST)
		return;
	if (!tree_number(places->tree, &package, "sys/devices/system/cpu/cpu%lu/topology/physical_package_id",
			 number) ||
	    !tree_number(places->tree, &core, "sys/devices/system/cpu/cpu%lu/topology/core_id", number))
		return;
	places->packages[places->count] = package;
	places->cores[places->count++] = core;
}

static bool is_new(const struct places *places, size_t at, bool of_package) {
	for (size_t i = 0; i < at; i++)
		if (places->packages[i] == places->packages[at] &&
		    (of_package || places->cores[i] == places->cores[at]))
			return false;
	return true;
}

void form_cores(const struct tree *tree, struct text *answer) {
	static const char *const names[] = {"online", "present", "possible"};
	char line[64];
	struct places *places = calloc(1, sizeof(*places));
	size_t packages = 0, cores = 0;
	if (places) {
		places->tree = tree;
		tree_list(tree, "sys/devices/system/cpu", take_place, places);
	}
	for (size_t i = 0; places && i < places->count; i++) {
		packages += is_new(places, i, true);
		cores += is_new(places, i, false);
	}
	if (packages)
		text_format(answer, "packages %zu, cores %zu, threads %zu", packages, cores, places->count);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (tree_line(tree, line, sizeof(line), "sys/devices/system/cpu/%s", names[i]))
			form_list_format(answer, "%s %s", names[i], line);
	free(places);
}
