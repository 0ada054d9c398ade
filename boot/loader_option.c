/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys that are the loader's own.
 */
#include "boot/loader.h"

struct conf_span loader_option(const struct loader *loader, const char *key) {
	const struct boot_info *info = loader->info;
	return conf_find((const char *)info->config.address, info->config.length,
			 (const char *)info->command_line.address, info->command_line.length, key);
}
