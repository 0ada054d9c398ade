/* SPDX-License-Identifier: Apache-2.0
 *
 * The arena: the largest free regions above 1 MiB, but for what the firmware keeps for its own drivers. It is allocated
 * as EfiLoaderData and is all that the kernel gets as USABLE.
 */
#include "boot/handback.h"
#include "boot/arch.h"
#include "boot/cores.h"
#include "boot/journal.h"
#include "boot/memory_map.h"
#include "lib/units.h"

#include <efishell.h>

#define MIB                  (UINT64_C(1) << 20)
#define ARENA_REGIONS_MAX    8
#define ARENA_REGION_MIN     MIB
#define FIRMWARE_KEEPS_MIN   (8 * MIB) /* its USB and FAT drivers take less than one while they write */
#define FIRMWARE_KEEPS_MAX   (128 * MIB)
#define FIRMWARE_KEEPS_SHARE 8 /* an eighth, between the two */
#define KEY_WAIT_SECONDS     60
#define KEY_POLLS_A_SECOND   20

static uint64_t free_bytes(const EFI_MEMORY_DESCRIPTOR *descriptor) {
	if (descriptor->Type != EfiConventionalMemory || descriptor->PhysicalStart < MIB)
		return 0;
	return descriptor->NumberOfPages * PAGE_BYTES;
}

/* The largest free region and the sum of all. */
static EFI_STATUS measure_free(const struct loader *loader, uint64_t *largest, uint64_t *base, uint64_t *sum) {
	struct memory_map map = {0};
	EFI_STATUS status = memory_map_get(loader, &map);
	*largest = *sum = 0;
	for (UINTN at = 0; !EFI_ERROR(status) && at + map.descriptor_bytes <= map.used; at += map.descriptor_bytes) {
		const EFI_MEMORY_DESCRIPTOR *descriptor =
			(const EFI_MEMORY_DESCRIPTOR *)((const uint8_t *)map.bytes + at);
		uint64_t bytes = free_bytes(descriptor);
		*sum += bytes;
		if (bytes > *largest) {
			*largest = bytes;
			*base = descriptor->PhysicalStart;
		}
	}
	memory_map_free(loader, &map);
	return status;
}

/* Largest first; from a region's low end, as firmware allocates from the high one. */
static EFI_STATUS allocate_arena(struct loader *loader) {
	uint64_t largest, base = 0, sum, keeps = 0, taken = 0;
	for (unsigned i = 0; i < ARENA_REGIONS_MAX; i++) {
		EFI_STATUS status = measure_free(loader, &largest, &base, &sum);
		if (EFI_ERROR(status))
			return status;
		if (i == 0) {
			keeps = sum / FIRMWARE_KEEPS_SHARE;
			keeps = keeps < FIRMWARE_KEEPS_MIN ? FIRMWARE_KEEPS_MIN : keeps;
			keeps = keeps > FIRMWARE_KEEPS_MAX ? FIRMWARE_KEEPS_MAX : keeps;
		}
		uint64_t spare = sum > keeps ? (sum - keeps) & ~(PAGE_BYTES - 1) : 0;
		uint64_t bytes = largest < spare ? largest : spare;
		if (bytes < ARENA_REGION_MIN)
			break;
		EFI_PHYSICAL_ADDRESS address = base;
		status = loader->services->AllocatePages(AllocateAddress, EfiLoaderData, bytes / PAGE_BYTES, &address);
		if (EFI_ERROR(status))
			break;
		status = pages_claim(loader, base, bytes, BOOT_RANGE_USABLE);
		if (EFI_ERROR(status)) {
			pages_free(loader, (void *)base, bytes);
			return status;
		}
		taken += bytes;
	}
	return taken ? EFI_SUCCESS : EFI_OUT_OF_RESOURCES;
}

static void wait_for_key(const struct loader *loader) {
	SIMPLE_INPUT_INTERFACE *in = loader->system->ConIn;
	EFI_INPUT_KEY key;
	if (in)
		in->Reset(in, FALSE); /* what was typed during the run is no answer */
	console_text(loader, "anechoic: press a key to go back to the firmware (it goes back by itself in a minute)\n");
	for (unsigned i = 0; in && i < KEY_WAIT_SECONDS * KEY_POLLS_A_SECOND; i++) {
		if (!EFI_ERROR(in->ReadKeyStroke(in, &key)))
			return;
		loader->services->Stall(1000000 / KEY_POLLS_A_SECOND);
	}
}

static void announce_end(const struct loader *loader, const struct journal *journal, int32_t exit_status) {
	bool log = journal->log.handle && !EFI_ERROR(journal->log.failed);
	console_text(loader, "anechoic: the run is over, exit status ");
	console_number(loader, (uint32_t)exit_status);
	if (log || journal->saved) {
		console_text(loader, "; beside the loader: ");
		console_text(loader, log ? "anechoic.log" : "results.json");
		console_text(loader, log && journal->saved ? " and results.json" : "");
	}
	if (journal->earlier[0]) {
		console_text(loader, "; the earlier results.json is now ");
		console_text(loader, journal->earlier);
	}
	console_text(loader, "\n");
}

/* What a kernel asks for that is past its start. */
static bool is_the_programmes(uint32_t request) {
	return request == KERNEL_REQUEST_LOG_APPEND || request == KERNEL_REQUEST_RESULTS_APPEND ||
	       request == KERNEL_REQUEST_CHECKPOINT;
}

/* Until the kernel has come to its end; its exit status. */
static int32_t serve(struct loader *loader, struct journal *journal, struct trail *trail, struct lent_cores *cores) {
	struct kernel_call call = {0};
	loader->kernel_entered = true;
	for (;;) {
		EFI_STATUS status = EFI_SUCCESS;
		boot_arch_enter_kernel(loader->kernel_entry, loader->info, &call);
		if (is_the_programmes(call.request))
			trail_step(trail, STEP_STARTED);
		switch (call.request) {
		case KERNEL_REQUEST_STEP:
			trail_step(trail, (enum start_step)call.status);
			break;
		case KERNEL_REQUEST_LOG_APPEND:
			status = journal_append_log(loader, journal, (const void *)call.bytes, call.length);
			break;
		case KERNEL_REQUEST_RESULTS_APPEND:
			status = journal_append_results(loader, journal, (const void *)call.bytes, call.length);
			break;
		case KERNEL_REQUEST_RESULTS_CLOSE:
			status = journal_close_results(loader, journal);
			break;
		case KERNEL_REQUEST_CORE_START:
			call.status = cores_lend(loader, cores, (const struct kernel_core_start *)call.bytes);
			continue;
		case KERNEL_REQUEST_EXIT:
			return call.status;
		default: /* CHECKPOINT: interrupts were open on the way here, which is all that firmware needs */
			break;
		}
		call.status = EFI_ERROR(status) ? KERNEL_STATUS_EIO : 0;
	}
}

/* It shows what was written and waits for the next command by itself. */
static bool from_shell(const struct loader *loader) {
	EFI_GUID guid = EFI_SHELL_PARAMETERS_PROTOCOL_GUID;
	void *parameters;
	return !EFI_ERROR(loader->services->HandleProtocol(loader->image, &guid, &parameters));
}

EFI_STATUS handback_run(struct loader *loader, EFI_FILE_HANDLE directory, struct trail *trail) {
	struct journal journal;
	journal_open(loader, directory, &journal);
	EFI_STATUS status = allocate_arena(loader);
	if (!EFI_ERROR(status))
		status = memory_map_describe(loader, BOOT_HOLD_HANDBACK);
	if (EFI_ERROR(status)) {
		console_failure(loader, "no memory to run in", status);
		journal_close(loader, &journal);
		if (directory)
			directory->Close(directory);
		return status;
	}
	pages_publish(loader);
	trail_begin(loader, directory, trail);
	struct lent_cores cores = {0};
	int32_t exit_status = serve(loader, &journal, trail, &cores);
	trail_end(trail, exit_status);
	journal_close(loader, &journal);
	bool all_are_back = cores_take_back(loader, &cores);
	announce_end(loader, &journal, exit_status);
	if (directory)
		directory->Close(directory);
	struct conf_span way = loader_option(loader, "exit");
	if (way.bytes)
		loader->system->RuntimeServices->ResetSystem(
			conf_span_is(way, "reset") ? EfiResetCold : EfiResetShutdown, EFI_SUCCESS, 0, NULL);
	if (!all_are_back) { /* it runs on memory that the firmware is about to use */
		console_text(loader, "anechoic: so the machine is started anew\n");
		loader->system->RuntimeServices->ResetSystem(EfiResetCold, EFI_SUCCESS, 0, NULL);
	}
	if (!from_shell(loader))
		wait_for_key(loader);
	return (EFI_STATUS)(uint32_t)exit_status; /* no error of the firmware's: they have the highest bit */
}
