/* SPDX-License-Identifier: Apache-2.0
 *
 * Where platform_profile gets its files from: who knows that stands above the platform and registers itself here.
 */
#pragma once

#include "platform.h"

/* `find` answers as platform_profile does. Once, before the run. */
void profile_ask(int (*find)(const char *name, struct platform_text *profile));
