/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/refuse.h"
#include "boot/arch.h"

EFI_STATUS refuse(const struct loader *loader, const char *why) {
	console_text(loader, "anechoic: refused: ");
	console_text(loader, why);
	console_text(loader, "\n");
	boot_arch_exit(REFUSE_STATUS, loader_option(loader, "exit"));
	return EFI_UNSUPPORTED;
}
