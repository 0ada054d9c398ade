/* SPDX-License-Identifier: Apache-2.0
 *
 * What only other platforms have: the image has no commands, options or facts of its own beyond those of bench/.
 */
#include "platform.h"

#include <stddef.h>

const struct platform_option platform_options[] = {{NULL, NULL, NULL, NULL}};

const struct platform_fact *platform_facts(void) {
	static const struct platform_fact none[] = {{NULL, NULL}};
	return none;
}
