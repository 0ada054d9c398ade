/* SPDX-License-Identifier: Apache-2.0
 *
 * The loader: BOOTX64.EFI and BOOTAA64.EFI, both ways to hold the machine. Nothing is global: what the files share is
 * `struct loader` on this stack. It reads anechoic.conf beside itself for two keys; all else there is the programme's:
 *
 * mode: takeover leaves boot services and never comes back; handback keeps the firmware and its files. boot/hold.h says
 * which it is without the key.
 *
 * exit: under handback the machine is switched off at the end, or with the value `reset` started anew.
 */
#include "boot/arch.h"
#include "boot/files.h"
#include "boot/freestanding.h"
#include "boot/handback.h"
#include "boot/hold.h"
#include "boot/journal.h"
#include "boot/kernel_load.h"
#include "boot/loader.h"
#include "boot/machine.h"
#include "boot/memory_map.h"
#include "boot/network.h"
#include "boot/options.h"
#include "boot/profile.h"
#include "boot/refuse.h"
#include "boot/trail.h"
#include "lib/conf.h"
#include "lib/unicode.h"

#include <efishell.h>

#define CONFIG_BYTES_MAX       65536
#define COMMAND_LINE_BYTES_MAX 2048

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system);

static EFI_STATUS allocate_info(struct loader *loader, uint64_t entry_ticks) {
	EFI_STATUS status = pages_allocate_boot(loader, sizeof(*loader->info), (void **)&loader->info);
	if (EFI_ERROR(status))
		return status;
	loader->info->magic = BOOT_INFO_MAGIC;
	loader->info->version = BOOT_INFO_VERSION;
	loader->info->size = sizeof(*loader->info);
	loader->info->way = BOOT_WAY_UEFI;
	loader->info->entry_ticks = entry_ticks;
	return EFI_SUCCESS;
}

/* In whatever encoding an editor left it. */
static EFI_STATUS keep_config(struct loader *loader, const void *bytes, uint64_t length) {
	void *text;
	EFI_STATUS status = pages_allocate_boot(loader, UNICODE_UTF8_BYTES_MAX(length), &text);
	if (EFI_ERROR(status))
		return status;
	uint64_t used = unicode_to_utf8(bytes, length, text, UNICODE_UTF8_BYTES_MAX(length));
	loader->info->config = (struct boot_bytes){.address = (uint64_t)text, .length = used};
	return EFI_SUCCESS;
}

/* A missing file is no error, and an unreadable one is no reason to stay away: it is named. */
static void read_config(struct loader *loader, EFI_FILE_HANDLE directory) {
	void *bytes;
	uint64_t length;
	EFI_STATUS status =
		files_read(loader, directory, (CHAR16 *)L"anechoic.conf", CONFIG_BYTES_MAX, &bytes, &length);
	if (status == EFI_NOT_FOUND)
		return;
	if (!EFI_ERROR(status) && length) {
		status = keep_config(loader, bytes, length);
		pages_free(loader, bytes, length);
	}
	if (EFI_ERROR(status))
		console_failure(loader, "anechoic.conf is ignored", status);
}

/* From where the loader came; a run without it is said to be one. */
static void read_config_by_network(struct loader *loader) {
	void *bytes;
	uint64_t length;
	if (!network_has_loader(loader))
		return;
	EFI_STATUS status = network_read(loader, "anechoic.conf", &bytes, &length);
	if (!EFI_ERROR(status) && length) {
		status = keep_config(loader, bytes, length);
		pages_free(loader, bytes, length);
	}
	if (status == EFI_BUFFER_TOO_SMALL)
		console_text(loader, "anechoic: the anechoic.conf over the network is longer than 4 KiB, so all is as "
				     "without one\n");
	else if (EFI_ERROR(status))
		console_failure(loader, "there is no anechoic.conf over the network, so all is as without one", status);
}

/* A shell's own word of what was typed, else the load options. */
static size_t command_line_words(const struct loader *loader, char *text) {
	EFI_GUID shell_guid = EFI_SHELL_PARAMETERS_PROTOCOL_GUID, image_guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;
	EFI_SHELL_PARAMETERS_PROTOCOL *shell;
	EFI_LOADED_IMAGE *image;
	CHAR16 path[FILES_PATH_CHARS];
	if (!EFI_ERROR(loader->services->HandleProtocol(loader->image, &shell_guid, (void **)&shell))) {
		size_t length = options_from_arguments((const CHAR16 *const *)shell->Argv, shell->Argc, text,
						       COMMAND_LINE_BYTES_MAX);
		if (!length && shell->Argc > 1)
			console_failure(loader, "the command line is ignored", EFI_BUFFER_TOO_SMALL);
		return length;
	}
	if (EFI_ERROR(loader->services->HandleProtocol(loader->image, &image_guid, (void **)&image)) ||
	    !image->LoadOptions)
		return 0;
	files_image_path(image, path);
	return options_to_ascii(image->LoadOptions, image->LoadOptionsSize, path, text, COMMAND_LINE_BYTES_MAX);
}

static void read_command_line(struct loader *loader) {
	char text[COMMAND_LINE_BYTES_MAX];
	size_t length = command_line_words(loader, text);
	EFI_STATUS status = pages_keep_bytes(loader, text, length, &loader->info->command_line);
	if (EFI_ERROR(status))
		console_failure(loader, "the command line is ignored", status);
}

static const char *hold_name(enum boot_hold hold) {
	return hold == BOOT_HOLD_TAKEOVER ? "takeover" : "handback";
}

static void complain_of_mode(const struct loader *loader, struct conf_span value, enum boot_hold hold) {
	char text[32]; /* the longest word that helps to find the line */
	size_t length = value.length < sizeof(text) - 1 ? value.length : sizeof(text) - 1;
	memcpy(text, value.bytes, length);
	text[length] = '\0';
	console_text(loader, "anechoic: mode = ");
	console_text(loader, text);
	console_text(loader, ": valid are takeover and handback; it is ");
	console_text(loader, hold_name(hold));
	console_text(loader, "\n");
}

/* `directory`: NULL where there is none. */
static enum boot_hold choose_hold(const struct loader *loader, EFI_FILE_HANDLE directory) {
	struct conf_span mode = loader_option(loader, "mode");
	bool understood;
	enum boot_hold hold = hold_choose(mode, false, false, &understood);
	if (mode.bytes && understood)
		return hold; /* nothing is tried on the medium */
	EFI_STATUS writable = journal_try(loader, directory);
	hold = hold_choose(mode, machine_is_virtual(loader), !EFI_ERROR(writable), &understood);
	if (!understood)
		complain_of_mode(loader, mode, hold);
	if (hold == BOOT_HOLD_TAKEOVER && directory) /* without one, that was said */
		console_failure(loader, "no results are saved, as no file can be made beside the loader", writable);
	return hold;
}

static void announce(const struct loader *loader) {
	console_text(loader, "anechoic: ");
	console_text(loader, boot_arch_name());
	console_text(loader, ", ");
	console_text(loader, hold_name((enum boot_hold)loader->info->hold));
	console_text(loader, ", kernel of ");
	console_number(loader, loader->info->kernel_size / 1024);
	console_text(loader, " KiB, anechoic.conf of ");
	console_number(loader, loader->info->config.length);
	console_text(loader, " bytes\n");
}

/* Of those that are not left out. */
static bool has_console(const struct loader *loader) {
	struct serial_port port;
	struct conf_span wanted = loader_option(loader, escape_name(ESCAPE_CONSOLE));
	if (wanted.bytes && conf_span_is(wanted, "none"))
		return false;
	if (loader->info->framebuffer.base && !(wanted.bytes && conf_span_is(wanted, "serial")))
		return true;
	return !(wanted.bytes && conf_span_is(wanted, "screen")) &&
	       serial_find(loader->info->acpi_rsdp, &boot_arch_port_io, UINT64_MAX, &port);
}

/* EFI_SUCCESS: this machine has what a run without its firmware needs. */
static EFI_STATUS check_takeover(const struct loader *loader) {
	if (boot_arch_needs_acpi && !loader->info->acpi_rsdp)
		return refuse(loader, "the firmware has neither ACPI tables nor a device tree: nothing names the "
				      "interrupt controller and the serial port; mode = handback needs neither");
	if (!has_console(loader) && !loader_option(loader, "record-port").bytes)
		return refuse(loader, "without the firmware nothing could be written: no serial port answers, and "
				      "there is no framebuffer; mode = handback writes to the stick");
	return EFI_SUCCESS;
}

static EFI_STATUS take_over(struct loader *loader) {
	EFI_STATUS status = check_takeover(loader);
	if (EFI_ERROR(status))
		return status;
	status = memory_map_exit_boot_services(loader);
	if (EFI_ERROR(status)) {
		console_failure(loader, "the firmware does not let go", status);
		return status;
	}
	pages_publish(loader);
	boot_arch_enter_kernel(loader->kernel_entry, loader->info, NULL);
	return EFI_ABORTED; /* the kernel does not return */
}

/* EFI_SUCCESS: the processor has what the kernel switches on or executes unasked. */
static EFI_STATUS check_processor(const struct loader *loader) {
	static const char begin[] = "this processor lacks ";
	char why[160];
	size_t used = sizeof(begin) - 1;
	memcpy(why, begin, used);
	return boot_arch_suffices(why + used, sizeof(why) - used) ? EFI_SUCCESS : refuse(loader, why);
}

/* `directory` (NULL: none) is closed: under takeover before the first try, after which files may be gone whatever came
 * of it. */
static EFI_STATUS run(struct loader *loader, EFI_FILE_HANDLE directory) {
	struct trail trail;
	EFI_STATUS status = check_processor(loader);
	if (!EFI_ERROR(status))
		status = kernel_load(loader);
	if (!EFI_ERROR(status)) {
		loader->info->hold = choose_hold(loader, directory);
		announce(loader);
		bool handback = loader->info->hold == BOOT_HOLD_HANDBACK;
		trail_open(loader, directory, handback, &trail);
		if (handback)
			return handback_run(loader, directory, &trail);
	}
	if (directory)
		directory->Close(directory);
	return EFI_ERROR(status) ? status : take_over(loader);
}

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system) {
	uint64_t entry_ticks = boot_arch_ticks();
	struct loader loader = {.image = image, .system = system, .services = system->BootServices};
	EFI_FILE_HANDLE directory = NULL;
	loader.services->SetWatchdogTimer(0, 0, 0, NULL);
	EFI_STATUS status = allocate_info(&loader, entry_ticks);
	if (EFI_ERROR(status)) {
		console_failure(&loader, "no memory", status);
		return status;
	}
	status = files_open_directory(&loader, &directory);
	if (EFI_ERROR(status)) {
		console_failure(&loader,
				network_has_loader(&loader)
					? "no file system beside the loader, so no files of results"
					: "no file system beside the loader, so neither anechoic.conf nor "
					  "files of results",
				status);
		read_config_by_network(&loader);
	} else {
		read_config(&loader, directory);
	}
	loader.files_lost = files_are_lost(&loader);
	read_command_line(&loader);
	if (directory)
		profile_keep(&loader, directory);
	machine_describe(&loader, loader.info);
	status = run(&loader, directory);
	pages_free_claims(&loader);
	return status;
}
