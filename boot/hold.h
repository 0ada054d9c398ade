/* SPDX-License-Identifier: Apache-2.0
 *
 * How the machine is held where nobody, or somebody, says how. Pure.
 */
#pragma once

#include "boot_info.h"
#include "lib/conf.h"

#include <stdbool.h>

/* `mode` is the key's value, absent where it is not given; `virtual` what the machine says of itself; `writable`: files
 * can be made beside the loader. Another word than the two counts as none, and *understood is false. */
enum boot_hold hold_choose(struct conf_span mode, bool virtual, bool writable, bool *understood);
