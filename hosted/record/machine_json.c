/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/record/machine_json.h"

#include <string.h>

struct text_of {
	const char *name;
	size_t at, bytes; /* in struct tune_signature */
};

#define TEXT(name) \
	{ #name, offsetof(struct tune_signature, name), sizeof(((struct tune_signature *)NULL)->name) }
static const struct text_of texts[] = {TEXT(architecture), TEXT(cpu),     TEXT(core_type), TEXT(microcode),
				       TEXT(hypervisor),   TEXT(kernels), TEXT(model)};
enum { TEXTS = sizeof(texts) / sizeof(texts[0]) };

void machine_json_write(struct text *json, const struct tune_signature *machine) {
	text_member_object(json, "machine");
	for (size_t i = 0; i < TEXTS; i++)
		text_member_string(json, texts[i].name, (const char *)machine + texts[i].at);
	text_add_string(json, "}");
}

bool machine_json_text(const json_t *value, char *text, size_t capacity) {
	const char *string = json_string_value(value);
	if (!string || strlen(string) >= capacity || strlen(string) != json_string_length(value))
		return false;
	for (size_t i = 0; string[i]; i++)
		if (string[i] < ' ' || string[i] > '~')
			return false;
	strcpy(text, string);
	return true;
}

bool machine_json_read(const json_t *machine, struct tune_signature *signature) {
	for (size_t i = 0; i < TEXTS; i++)
		if (!machine_json_text(json_object_get(machine, texts[i].name), (char *)signature + texts[i].at,
				       texts[i].bytes))
			return false;
	return true;
}
