/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests to the firmware under handback: each ends a slice. The loader reads the bytes with the firmware's page
 * tables, so they are copied into the kernel's image, which is identity-mapped in both.
 */
#include "kernel/handback.h"

#include "kernel/machine.h"
#include "kernel/pmu.h"

#include <stddef.h>
#include <string.h>

static char bounce[64 * 1024];

bool (*handback_quiet)(bool leave);

int firmware_request(enum kernel_request request, const void *bytes, uint64_t length, int status) {
	struct kernel_call *call = machine.call;
	if (call == NULL)
		return PLATFORM_EUNSUPPORTED;
	/* What does not answer runs the programme, and touches nothing of the firmware's: records go first. */
	if (handback_quiet != NULL)
		handback_quiet(request == KERNEL_REQUEST_EXIT);
	pmu_lose();
	do {
		uint64_t part = length < sizeof(bounce) ? length : sizeof(bounce);
		if (part != 0)
			memcpy(bounce, bytes, part);
		*call = (struct kernel_call){
			.request = request,
			.status = status,
			.bytes = (uint64_t)(uintptr_t)bounce,
			.length = part,
		};
		uint64_t before = arch_ticks();
		arch_handback();
		machine.slice_start = arch_ticks();
		/* The firmware's time is not the programme's. */
		if (machine.guard_deadline != UINT64_MAX)
			machine.guard_deadline += machine.slice_start - before;
		if (machine.guard_end != UINT64_MAX)
			machine.guard_end += machine.slice_start - before;
		if (request != KERNEL_REQUEST_CHECKPOINT && call->status != 0)
			return call->status;
		length -= part;
		bytes = (const char *)bytes + part;
	} while (length != 0);
	return 0;
}
