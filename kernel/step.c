/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/step.h"

#include "kernel/compare.h"
#include "kernel/console/console.h"
#include "kernel/handback.h"
#include "kernel/machine.h"

#include <stddef.h>

static bool is_planted(enum start_step step) {
	if (machine.stop_at[0] == '\0')
		return false;
	struct escapes escapes = machine.escapes;
	return word_is(machine.stop_at, step_word(step)) && escapes_after(step, &escapes) != ESCAPE_COUNT;
}

void step_begin(enum start_step step) {
	firmware_request(KERNEL_REQUEST_STEP, NULL, 0, (int)step);
	if (!is_planted(step))
		return;
	console_print("anechoic: stop-at: it stands still at %s\n", step_label(step));
	for (;;)
		arch_core_pause();
}
