/* SPDX-License-Identifier: Apache-2.0 */
#include "preload/setting.h"

#include <stdint.h>

/* What stands behind `word`, where the text begins with it and `then`; else NULL. */
static const char *behind(const char *text, const char *word, char then) {
	while (*word && *text == *word) {
		text++;
		word++;
	}
	return !*word && *text == then ? text + (then != '\0') : NULL;
}

const char *setting_variable(char *const *environment, const char *name) {
	const char *found = NULL;
	for (; environment && *environment && !found; environment++)
		found = behind(*environment, name, '=');
	return found;
}

const char *setting_apply(char *const *environment, bool is_secure) {
	const char *setting = is_secure ? NULL : setting_variable(environment, SETTING_VARIABLE);
	return setting && !behind(setting, SETTING_OFF, '\0') ? setting : NULL;
}

bool setting_next(struct setting_part *rest, char end, struct setting_part *part) {
	if (!rest->at)
		return false;
	*part = (struct setting_part){rest->at, 0};
	while (part->length < rest->length && part->at[part->length] != end)
		part->length++;
	bool is_last = part->length == rest->length;
	*rest = is_last ? (struct setting_part){NULL, 0}
			: (struct setting_part){rest->at + part->length + 1, rest->length - part->length - 1};
	return true;
}

struct setting_part setting_item(const char *setting, const char *key) {
	struct setting_part rest = {setting, 0}, item;
	while (setting[rest.length])
		rest.length++;
	while (setting_next(&rest, ',', &item)) {
		const char *value = behind(item.at, key, '=');
		if (value)
			return (struct setting_part){value, item.length - (size_t)(value - item.at)};
	}
	return (struct setting_part){NULL, 0};
}

bool setting_number(struct setting_part part, size_t *number) {
	size_t value = 0;
	if (part.length == 0)
		return false;
	for (size_t i = 0; i < part.length; i++) {
		unsigned digit = (unsigned)(part.at[i] - '0');
		if (digit > 9 || value > (SIZE_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*number = value;
	return true;
}
