/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/cli/advise_costs.h"

#include "hosted/advise/settings.h"
#include "hosted/platform/sysfs.h"
#include "hosted/profile/tunables.h"
#include "hosted/results/files.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum { COSTS_BYTES_MOST = 1 << 20 };

bool advise_costs_read(const char *name, struct costs *costs, struct text *complaint) {
	struct text bytes = {0};
	bool good = files_read(name, COSTS_BYTES_MOST, &bytes, complaint) == 0 &&
		    costs_read(bytes.bytes, bytes.length, name, costs, complaint);
	text_free(&bytes);
	return good;
}

void advise_costs_build(char build[CRC32C_DIGITS + 1]) {
	struct text bytes = {0}, ignored = {0};
	if (files_read("/proc/self/exe", FILES_SAMPLES_BYTES_MOST, &bytes, &ignored) == 0)
		snprintf(build, CRC32C_DIGITS + 1, "%08" PRIx32, crc32c(0, bytes.bytes, bytes.length));
	text_free(&bytes);
	text_free(&ignored);
}

int advise_costs_here(struct costs *here) {
	advise_costs_build(here->build);
	sysfs_read_chosen(SETTINGS_HUGE_SWITCH, here->huge_pages, COSTS_WORD_BYTES);
	sysfs_read_chosen(SETTINGS_HUGE_DEFRAG, here->defrag, COSTS_WORD_BYTES);
	tunables_key(here->tunables);
	return tune_signature_read(&here->machine);
}

bool advise_costs_kept(const char *path, const struct costs *here, struct costs *costs) {
	struct text ignored = {0};
	bool good = access(path, F_OK) == 0 && advise_costs_read(path, costs, &ignored) && costs_are_of(costs, here);
	text_free(&ignored);
	return good;
}
