/* SPDX-License-Identifier: Apache-2.0
 *
 * From PVH's start info (start_info.h) to the kernel's entry.
 */
#include "kernel/console/console.h"
#include "kernel/end.h"
#include "kernel/image.h"
#include "kernel/x86_64/pvh/start_info.h"

#include <stddef.h>

_Static_assert(offsetof(struct hvm_start_info, cmdline_paddr) == 24, "pvh.S: START_INFO_COMMAND_LINE");

#define MAPPED_END (UINT64_C(4) << 30) /* pvh.S */

static struct start_info_room room;
static struct boot_info info;

extern void kernel_entry(struct boot_info *info, struct kernel_call *call);
_Noreturn void pvh_start(const struct hvm_start_info *start, uint64_t ticks);

_Noreturn void pvh_start(const struct hvm_start_info *start, uint64_t ticks) {
	const char *why = start_info_read(start, (uint64_t)(uintptr_t)kernel_image_start,
					  (uint64_t)(uintptr_t)kernel_image_end, MAPPED_END, &room, &info);
	info.entry_ticks = ticks;
	if (why != NULL) {
		console_serial_start(&info);
		panic("%s", why);
	}
	kernel_entry(&info, NULL);
	panic("takeover came back");
}
