/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/end.h"

#include "kernel/compare.h"
#include "kernel/console/console.h"
#include "kernel/console/uart.h"
#include "kernel/format.h"
#include "kernel/guard_state.h"
#include "kernel/handback.h"
#include "kernel/machine.h"
#include "kernel/reset.h"

#include <stdarg.h>
#include <stddef.h>

/* Returns where the machine has no register for it, or does not act on it. */
static void reset(void) {
	enum { READINGS = 1000000 }; /* ms at the least: a chipset needs microseconds */
	uart_leave();
	reset_write();
	for (unsigned i = 0; i < READINGS; i++)
		arch_ticks();
}

_Noreturn void machine_end(int status) {
	guard_disarm();
	arch_prefetchers_put_back();
	arch_witness_close(core_list.home);
	if (machine.call != NULL)
		firmware_request(KERNEL_REQUEST_EXIT, NULL, 0, status);
	if (machine.exit_way[0] == '\0')
		console_print("anechoic: the run is over, exit status %d; switch the machine off\n", status);
	if (word_is(machine.exit_way, "reset"))
		reset();
	arch_exit(status, machine.exit_way);
}

_Noreturn void panic(const char *format, ...) {
	static bool again;
	if (!again) {
		again = true;
		char text[256];
		va_list arguments;
		va_start(arguments, format);
		format_arguments(text, sizeof(text), format, arguments);
		va_end(arguments);
		console_print("anechoic: kernel panic: %s\n", text);
		machine_end(STATUS_FAILED);
	}
	arch_exit(STATUS_FAILED, machine.exit_way);
}

_Noreturn void refuse(const char *format, ...) {
	char text[256];
	va_list arguments;
	va_start(arguments, format);
	format_arguments(text, sizeof(text), format, arguments);
	va_end(arguments);
	console_print("anechoic: refused: %s\n", text);
	machine_end(STATUS_REFUSED);
}
