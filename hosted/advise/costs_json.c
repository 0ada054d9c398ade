/* SPDX-License-Identifier: Apache-2.0
 *
 * Costs as JSON: kept from run to run, in the order of rows of costs.h.
 */
#include "bench/plain.h"
#include "hosted/advise/costs.h"
#include "hosted/record/machine_json.h"
#include "hosted/results/parse.h"

#include <math.h>
#include <string.h>

#define SCHEMA "anechoic-costs/1"

/* Room for anything that a machine takes, and none for what sums of counts would overflow by. */
#define NS_MOST 1e12

void costs_write(const struct costs *costs, struct text *json) {
	text_add_string(json, "{");
	text_member_string(json, "schema", SCHEMA);
	machine_json_write(json, &costs->machine);
	text_member_string(json, "build", costs->build);
	text_member_string(json, "huge_pages", costs->huge_pages);
	text_member_string(json, "defrag", costs->defrag);
	text_member_string(json, "tunables", costs->tunables);
	text_member_u64(json, "rounds", costs->rounds);
	text_member_object(json, "settings");
	for (enum costs_setting setting = COSTS_PLAIN; setting < COSTS_SETTINGS; setting++) {
		if (!costs->has[setting])
			continue;
		text_member_array(json, costs_setting_name(setting));
		for (size_t row = 0; row < COSTS_ROWS; row++) {
			text_member_array(json, NULL);
			text_member_double(json, NULL, costs->figures[setting][row].ns);
			text_member_double(json, NULL, costs->figures[setting][row].error);
			text_add_string(json, "]");
		}
		text_add_string(json, "]");
	}
	text_add_string(json, "}}\n");
}

static bool take_number(const json_t *value, double least, double *number) {
	*number = json_number_value(value);
	return json_is_number(value) && isfinite(*number) && *number >= least && *number <= NS_MOST;
}

static bool take_figures(const json_t *rows, enum costs_setting setting, struct costs_figure figures[COSTS_ROWS]) {
	if (json_array_size(rows) != COSTS_ROWS)
		return false;
	for (size_t row = 0; row < COSTS_ROWS; row++) {
		const json_t *pair = json_array_get(rows, row);
		if (json_array_size(pair) != 2 ||
		    !take_number(json_array_get(pair, 0), setting == COSTS_PLAIN ? 0 : -NS_MOST, &figures[row].ns) ||
		    !take_number(json_array_get(pair, 1), 0, &figures[row].error))
			return false;
	}
	return true;
}

/* What is wrong, or NULL. */
static const char *take_members(const json_t *root, struct costs *costs) {
	json_int_t rounds = json_integer_value(json_object_get(root, "rounds"));
	const json_t *settings = json_object_get(root, "settings");
	if (!machine_json_read(json_object_get(root, "machine"), &costs->machine))
		return "machine";
	if (!machine_json_text(json_object_get(root, "build"), costs->build, sizeof(costs->build)))
		return "build";
	if (!machine_json_text(json_object_get(root, "huge_pages"), costs->huge_pages, COSTS_WORD_BYTES))
		return "huge_pages";
	if (!machine_json_text(json_object_get(root, "defrag"), costs->defrag, COSTS_WORD_BYTES))
		return "defrag";
	if (!machine_json_text(json_object_get(root, "tunables"), costs->tunables, sizeof(costs->tunables)))
		return "tunables";
	if (rounds < 1 || rounds > COSTS_ROUNDS)
		return "rounds";
	costs->rounds = (uint32_t)rounds;
	for (enum costs_setting setting = COSTS_PLAIN; setting < COSTS_SETTINGS; setting++) {
		const json_t *rows = json_object_get(settings, costs_setting_name(setting));
		costs->has[setting] = rows != NULL;
		if (rows ? !take_figures(rows, setting, costs->figures[setting]) : setting == COSTS_PLAIN)
			return costs_setting_name(setting);
	}
	return NULL;
}

bool costs_read(const char *bytes, size_t length, const char *name, struct costs *costs, struct text *complaint) {
	json_t *root = parse_json(name, bytes, length, complaint);
	memset(costs, 0, sizeof(*costs));
	if (!root)
		return false;
	bool good = parse_is_of(root, SCHEMA, "costs of `anechoic advise`", name, complaint);
	const char *wrong = good ? take_members(root, costs) : NULL;
	if (wrong)
		plain_format(complaint, "%s: the costs are damaged, or another version's: %s\n", name, wrong);
	json_decref(root);
	return good && !wrong;
}
