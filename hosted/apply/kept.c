/* SPDX-License-Identifier: Apache-2.0
 *
 * The file has two lines: the key, and the setting.
 */
#include "hosted/apply/kept.h"

#include "hosted/profile/tunables.h"
#include "hosted/results/files.h"
#include "lib/crc32.h"
#include "simd/features.h"
#include "simd/profile.h"

#include <gnu/libc-version.h>
#include <string.h>

enum { PATH_BYTES = 4096, KEPT_BYTES_MOST = 1 << 16 };

static const char file_name[] = "applied";

void kept_add_key(const struct platform_text *profile, bool none_wanted, uint32_t build, struct text *key) {
	struct simd_cpu cpu = simd_cpu_detect();
	simd_features features = simd_features_detect();
	char tunables[CRC32C_DIGITS + 1];
	tunables_key(tunables);
	text_format(key, "build %08x cpu %x.%x.%x %llx.%x glibc %s profile ", (unsigned)build, (unsigned)cpu.vendor,
		    (unsigned)cpu.family, (unsigned)cpu.model, (unsigned long long)features.present,
		    (unsigned)features.sve_bits, gnu_get_libc_version());
	if (profile)
		text_format(key, "%08x", (unsigned)crc32c(0, profile->bytes, profile->length));
	else
		text_add_string(key, none_wanted ? "none" : "-");
	if (tunables[0])
		text_format(key, " tunables %s", tunables);
	text_add_string(key, "\n");
}

/* A setting has no other letters: whatever the file is, nothing else comes into an environment. */
static bool is_setting(const char *bytes, size_t length) {
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_=,:<-";
	for (size_t i = 0; i < length; i++)
		if (!memchr(letters, bytes[i], sizeof(letters) - 1))
			return false;
	return length != 0;
}

bool kept_read(const struct text *key, struct text *setting) {
	char path[PATH_BYTES];
	struct text bytes = {0}, ignored = {0};
	bool good = !key->failed && files_data_path(file_name, false, path, sizeof(path)) &&
		    files_holds_something(path) && files_read(path, KEPT_BYTES_MOST, &bytes, &ignored) == 0 &&
		    bytes.length > key->length + 1 && memcmp(bytes.bytes, key->bytes, key->length) == 0 &&
		    bytes.bytes[bytes.length - 1] == '\n';
	size_t length = bytes.length - key->length - 1;
	good = good && is_setting(bytes.bytes + key->length, length);
	if (good)
		text_add(setting, bytes.bytes + key->length, length);
	text_free(&bytes);
	text_free(&ignored);
	return good;
}

void kept_write(const struct text *key, const struct text *setting) {
	char path[PATH_BYTES];
	struct text bytes = {0}, ignored = {0};
	text_add(&bytes, key->bytes, key->length);
	text_add(&bytes, setting->bytes, setting->length);
	text_add_string(&bytes, "\n");
	if (!bytes.failed && files_data_path(file_name, true, path, sizeof(path)))
		(void)files_save(path, &bytes, &ignored);
	text_free(&bytes);
	text_free(&ignored);
}
