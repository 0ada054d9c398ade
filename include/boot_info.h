/* SPDX-License-Identifier: Apache-2.0
 *
 * The contract loader -> kernel. Every way in (UEFI loader, PVH start, flat image) ends in one `struct boot_info` and
 * one call of the kernel's ELF entry point, `kernel_entry`. Both sides assert the layout, and the kernel refuses
 * another magic, version or size.
 *
 * State at the call: processor in its 64-bit mode, memory identity-mapped (aarch64: MMU on or off), interrupts masked,
 * a stack of at least 4 KiB. x86_64: System V ABI, ring 0. aarch64: AAPCS64, EL1 or EL2, vector registers not trapped.
 *
 * Deliberately not here: anything that only one firmware knows.
 */
#pragma once

#include <stdint.h>

#define BOOT_INFO_MAGIC   UINT64_C(0x316f666e496e4141) /* "AAnInfo1" in memory order */
#define BOOT_INFO_VERSION 5u

enum boot_way {
	BOOT_WAY_UEFI = 1,
	BOOT_WAY_PVH = 2,
	BOOT_WAY_FLAT = 3, /* aarch64: as Linux is booted, with a device tree */
};

/* takeover: boot services are gone, the kernel never returns. handback: the kernel returns a request (kernel_call). */
enum boot_hold {
	BOOT_HOLD_TAKEOVER = 1,
	BOOT_HOLD_HANDBACK = 2,
};

enum boot_range_kind {
	BOOT_RANGE_USABLE = 1, /* the kernel's from the start */
	/* Usable once the kernel stands on its own page tables and stack: firmware's live tables and the loader's
	 * stack are in there. Never present under handback. */
	BOOT_RANGE_RECLAIMABLE = 2,
	BOOT_RANGE_KERNEL = 3,   /* the kernel's image, bss included */
	BOOT_RANGE_BOOT = 4,     /* boot_info itself and everything that it points to: kept, read-only for the kernel */
	BOOT_RANGE_ACPI = 5,     /* ACPI tables: kept, read-only */
	BOOT_RANGE_RESERVED = 6, /* RAM that is not ours: firmware's runtime and, under handback, boot services' */
	BOOT_RANGE_MMIO = 7,
};

/* Page-granular: base and length are multiples of 4096. Sorted by base, without overlap. */
struct boot_range {
	uint64_t base;
	uint64_t length; /* bytes */
	uint32_t kind;   /* enum boot_range_kind */
	uint32_t reserved;
};

/* A linear framebuffer of 32-bit pixels; base 0 where there is none. Written, never read. */
struct boot_framebuffer {
	uint64_t base;
	uint64_t length; /* bytes */
	uint32_t width;  /* pixels */
	uint32_t height;
	uint32_t pitch; /* bytes from one line to the next */
	uint32_t red_mask;
	uint32_t green_mask;
	uint32_t blue_mask;
};

/* Bytes in BOOT_RANGE_BOOT; address 0 and length 0 where there are none. Not terminated. */
struct boot_bytes {
	uint64_t address;
	uint64_t length;
};

/* aarch64: where cores wait that nobody can switch off and on, with the MMU off and at the exception level of
 * the kernel's entry. The one whose affinity `id` says goes to `entry` with `context` in X0; whoever writes
 * these cleans them to memory, `id` last, and sends an event. In BOOT_RANGE_RESERVED, alone in its page but
 * for the loader's code. */
#define BOOT_CORE_PEN_NONE UINT64_MAX
struct boot_core_pen {
	uint64_t id; /* MPIDR's affinity fields; BOOT_CORE_PEN_NONE: nobody's */
	uint64_t entry;
	uint64_t context;
};

struct boot_info {
	uint64_t magic;   /* BOOT_INFO_MAGIC */
	uint32_t version; /* BOOT_INFO_VERSION */
	uint32_t size;    /* sizeof(struct boot_info) */
	uint32_t way;     /* enum boot_way */
	uint32_t hold;    /* enum boot_hold */
	uint64_t kernel_base;
	uint64_t kernel_size; /* bytes, bss included */
	uint64_t ranges;      /* struct boot_range[range_count] */
	uint64_t range_count;
	uint64_t acpi_rsdp;   /* 0: none */
	uint64_t entry_ticks; /* TSC or CNTVCT as the way in was entered */
	struct boot_framebuffer framebuffer;
	struct boot_bytes command_line; /* ASCII words, as on the hosted command line */
	struct boot_bytes config;       /* anechoic.conf, as UTF-8 */
	struct boot_bytes previous_log; /* anechoic.log of an earlier boot whose results are not saved (handback) */
	char firmware[64];              /* "EDK II 1.0"; terminated */
	uint64_t utc_seconds;           /* since 1970, at entry_ticks; 0: not known */
	struct boot_bytes smbios;       /* the structure table, wherever the firmware keeps it */
	uint64_t utc_zone_known;        /* 1: the firmware said which zone its clock is set to; 0: taken for UTC */
	struct boot_bytes profile;      /* the file that `profile` names in config or command line */
	uint64_t core_pen;              /* struct boot_core_pen; 0: other cores are the firmware's to start */
};

/* What the kernel asks of the loader when `kernel_entry` returns (handback only). The loader serves it in
 * firmware state, puts the answer into `status` (0, or a negative enum platform_error) and calls `kernel_entry`
 * again with the same pointers. */
enum kernel_request {
	KERNEL_REQUEST_LOG_APPEND = 1,     /* append `bytes` to anechoic.log; durable before the answer */
	KERNEL_REQUEST_RESULTS_APPEND = 2, /* append `bytes` to what becomes results.json */
	KERNEL_REQUEST_CHECKPOINT = 3,     /* nothing: let the firmware breathe */
	KERNEL_REQUEST_EXIT = 4,           /* the run is over; `status` holds its exit status; do not call again */
	KERNEL_REQUEST_RESULTS_CLOSE = 5,  /* what was appended is whole: from now on results.json is it */
	KERNEL_REQUEST_CORE_START = 6,     /* lend a core: `bytes` is a struct kernel_core_start. x86_64 only */
	KERNEL_REQUEST_STEP = 7,           /* the start comes to what `status`, an enum start_step, says; durable */
};

/* The loader's failures: the medium is gone, full or read-only, or the core cannot be had; there is no such service.
 * The values of PLATFORM_EIO and PLATFORM_EUNSUPPORTED. */
#define KERNEL_STATUS_EIO          (-4)
#define KERNEL_STATUS_EUNSUPPORTED (-3)

/* The core calls entry(argument) in the firmware's convention and state, and is back when that returns: after
 * KERNEL_REQUEST_EXIT, at the earliest. */
struct kernel_core_start {
	uint64_t id; /* APIC id */
	uint64_t entry;
	uint64_t argument;
};

struct kernel_call {
	uint32_t request; /* enum kernel_request */
	int32_t status;
	uint64_t bytes; /* address, readable with the firmware's page tables */
	uint64_t length;
};

/* `call` is NULL under takeover. */
typedef void kernel_entry_function(struct boot_info *info, struct kernel_call *call);

_Static_assert(sizeof(struct boot_range) == 24, "boot_range is shared between two compilers");
_Static_assert(sizeof(struct boot_framebuffer) == 40, "boot_framebuffer is shared between two compilers");
_Static_assert(sizeof(struct kernel_call) == 24, "kernel_call is shared between two compilers");
_Static_assert(sizeof(struct boot_info) == 280, "boot_info is shared between two compilers");
