/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/platform/profile.h"

#include <stddef.h>

static int (*ask)(const char *name, struct platform_text *profile);

void profile_ask(int (*find)(const char *name, struct platform_text *profile)) {
	ask = find;
}

int platform_profile(const char *name, struct platform_text *profile) {
	return ask ? ask(name, profile) : PLATFORM_EUNSUPPORTED;
}
