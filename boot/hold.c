/* SPDX-License-Identifier: Apache-2.0
 *
 * A medium that can be written to is there to be written to, whatever the machine is. Without one, a virtual machine
 * has a launcher that collects the console, and a real one a firmware that somebody may want back.
 */
#include "boot/hold.h"

enum boot_hold hold_choose(struct conf_span mode, bool virtual, bool writable, bool *understood) {
	*understood = true;
	if (mode.bytes && conf_span_is(mode, "takeover"))
		return BOOT_HOLD_TAKEOVER;
	if (mode.bytes && conf_span_is(mode, "handback"))
		return BOOT_HOLD_HANDBACK;
	*understood = !mode.bytes;
	return virtual && !writable ? BOOT_HOLD_TAKEOVER : BOOT_HOLD_HANDBACK;
}
