/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/results/parse.h"

#include "bench/plain.h"

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
