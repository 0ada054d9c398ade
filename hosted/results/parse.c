/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/results/parse.h"

#include "bench/decimal.h"
#include "bench/plain.h"

#include <string.h>

json_t *parse_json(const char *name, const char *bytes, size_t length, struct text *complaint) {
	json_error_t error;
	if (length == 0) {
		plain_format(complaint, "%s: it is empty\n", name);
		return NULL;
	}
	json_t *root = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &error);
	if (!root)
		plain_format(complaint, "%s: line %d, byte %d: %s\n", name, error.line, error.position, error.text);
	return root;
}

bool parse_is_later(const char *schema, const char *known, const char *name, struct text *complaint) {
	size_t number = strcspn(known, "/") + 1;
	uint64_t knows, has;
	if (strncmp(schema, known, number) != 0 || !decimal_whole(known + number, 0, UINT64_MAX - 1, &knows) ||
	    !decimal_whole(schema + number, knows + 1, UINT64_MAX, &has))
		return false;
	plain_format(complaint, "%s: its schema is %s, and this programme knows %s: a newer one reads it\n", name,
		     schema, known);
	return true;
}

bool parse_is_of(const json_t *root, const char *known, const char *what, const char *name, struct text *complaint) {
	const char *schema = json_string_value(json_object_get(root, "schema"));
	bool is = schema && strcmp(schema, known) == 0;
	if (!is && !(schema && parse_is_later(schema, known, name, complaint)))
		plain_format(complaint, "%s: no %s (schema %s)\n", name, what, known);
	return is;
}
