/* SPDX-License-Identifier: Apache-2.0
 *
 * What the loader's files share: the firmware's handles, the console, and the pages that the loader owns. One `struct
 * loader` lives on efi_main's stack; there are no globals.
 * Source: UEFI 2.10, sections 4 (tables), 7.2 (memory), 12.4 (console).
 */
#pragma once

#include "boot_info.h"
#include "lib/conf.h"
#include "lib/units.h"

#include <efi.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOADER_CLAIMS_MAX 24

/* Pages that the kernel must find under their own kind, whatever type the firmware has for them. */
struct loader_claim {
	uint64_t base;
	uint64_t length; /* bytes, whole pages */
	enum boot_range_kind kind;
};

struct loader {
	EFI_HANDLE image;
	EFI_SYSTEM_TABLE *system;
	EFI_BOOT_SERVICES *services;
	struct boot_info *info; /* in claimed pages */
	uint64_t kernel_entry;
	bool kernel_entered;
	bool files_lost; /* in the loader's directory: files_are_lost */
	struct loader_claim claims[LOADER_CLAIMS_MAX];
	size_t claim_count;
};

/* The value of a key in anechoic.conf or on the command line (loader_option.c); absent until both are read. */
struct conf_span loader_option(const struct loader *loader, const char *key);

/* ---- console (console.c): ASCII to the firmware's; nothing happens where there is none ---- */

void console_text(const struct loader *loader, const char *text);
void console_number(const struct loader *loader, uint64_t number);
void console_status(const struct loader *loader, EFI_STATUS status); /* "volume full", or its number */

/* "anechoic: WHAT: status" and a line's end. */
void console_failure(const struct loader *loader, const char *what, EFI_STATUS status);

/* ---- pages (pages.c) ---- */

static inline uint64_t pages_round_up(uint64_t bytes) {
	return (bytes + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
}

/* At least `bytes` of zeroed memory of the firmware's type `type`. */
EFI_STATUS pages_allocate(const struct loader *loader, EFI_MEMORY_TYPE type, uint64_t bytes, void **memory);
void pages_free(const struct loader *loader, void *memory, uint64_t bytes);

EFI_STATUS pages_claim(struct loader *loader, uint64_t base, uint64_t length, enum boot_range_kind kind);

/* All that is claimed, boot_info with it, but for the image of a kernel that has run: on x86_64 the task register may
 * go on naming a TSS in it. */
void pages_free_claims(struct loader *loader);

/* Zeroed pages that the kernel gets as BOOT. */
EFI_STATUS pages_allocate_boot(struct loader *loader, uint64_t bytes, void **memory);

/* What the loader wrote for the kernel is in memory, whether its caches and MMU are on or not. */
void pages_publish(const struct loader *loader);

/* The kernel's bytes: copied into pages of their own. Nothing is done where length is 0. */
EFI_STATUS pages_keep_bytes(struct loader *loader, const void *bytes, uint64_t length, struct boot_bytes *kept);
