/* SPDX-License-Identifier: Apache-2.0
 *
 * `version`: a line for people, or what a script asks of a build before it relies on it.
 */
#include "bench/outside/link.h"
#include "bench/program.h"
#include "build_info.h"
#include "hosted/cli/commands/commands.h"
#include "hosted/cli/help.h"
#include "hosted/cli/output.h"
#include "hosted/cli/words.h"
#include "hosted/export/export.h"
#include "hosted/report/report.h"
#include "platform.h"
#include "simd/simd.h"

#include <stdio.h>
#include <string.h>

/* Of all that is written or read under a schema's name (docs/formats.md). */
static const char *const schemas[] = {
	"anechoic/1",         "anechoic-advice/1",  "anechoic-alert/1",  "anechoic-baseline/1", "anechoic-changes/1",
	"anechoic-compare/1", "anechoic-costs/1",   "anechoic-doctor/1", "anechoic-fleet/1",    "anechoic-launches/1",
	"anechoic-machine/1", "anechoic-noise/1",   "anechoic-os-tax/1", "anechoic-profile/1",  "anechoic-record/1",
	"anechoic-rounds/1",  "anechoic-snippet/1", "anechoic-spread/1", "anechoic-stream/1",   "anechoic-tlb-advice/1",
	"anechoic-version/1", "anechoic-watch/1",
};

static json_t *schemas_json(void) {
	json_t *list = json_array();
	for (size_t i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++)
		json_array_append_new(list, json_string(schemas[i]));
	return list;
}

static json_t *suites_json(void) {
	json_t *suites = json_object();
	for (size_t i = 0; outside_linked[i].name != NULL; i++)
		json_object_set_new(suites, outside_linked[i].name, json_string(outside_linked[i].hash));
	return suites;
}

static json_t *simd_json(void) {
	json_t *names = json_array();
	for (size_t i = 0; i < simd_variant_count; i++)
		json_array_append_new(names, json_string(simd_variants[i].name));
	return names;
}

/* What one build has, and another may lack. */
static json_t *features_json(void) {
	return json_pack("{s:b, s:b, s:o}", "charts", report_script_bytes > 0, "sanitized",
			 strstr(BUILD_FLAGS, "-fsanitize") != NULL, "simd", simd_json());
}

static void add_json(struct text *text) {
	export_add_json(text, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:o, s:o, s:o}", "schema",
					"anechoic-version/1", "version", BUILD_VERSION, "commit", BUILD_COMMIT,
					"architecture", platform_describe()->architecture, "compiler", BUILD_COMPILER,
					"flags", BUILD_FLAGS, "suite_abi", BENCH_SUITE_ABI, "schemas", schemas_json(),
					"suites", suites_json(), "features", features_json()));
}

int command_version(int argc, char **argv) {
	struct text text = {0};
	bool as_json = false;
	for (int i = 1; i < argc; i++) {
		const char *value = words_value(argc, argv, &i, "--format");
		if (value == NULL)
			return help_refuse("version", argv[i]);
		if (!words_take_format(value, &as_json))
			return 2;
	}
	if (as_json)
		add_json(&text);
	else
		program_add_version(&text);
	return output_save("-", &text);
}
