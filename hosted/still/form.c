/* SPDX-License-Identifier: Apache-2.0
 *
 * Source of each file: Linux, Documentation/ABI, sysfs-class-dmi, sysfs-firmware-efi, sysfs-class-watchdog,
 * sysfs-devices-system-clocksource; proc(5). Of efivars: UEFI 2.10, 3.3 (SecureBoot, SetupMode).
 */
#include "hosted/still/form.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 160 };

/* ---- the machine's names ----------------------------------------------------------------------------------------- */

static void list_dmi(const struct tree *tree, const char *name, const char *before, struct text *answer) {
	char line[LINE];
	if (tree_line(tree, line, sizeof(line), "sys/class/dmi/id/%s", name))
		form_list_format(answer, "%s%s", before, line);
}

static void add_vendor(const struct tree *tree, struct text *answer) {
	list_dmi(tree, "sys_vendor", "", answer);
}

static void add_product(const struct tree *tree, struct text *answer) {
	list_dmi(tree, "product_name", "", answer);
	list_dmi(tree, "product_version", "version ", answer);
}

static void add_board(const struct tree *tree, struct text *answer) {
	list_dmi(tree, "board_vendor", "", answer);
	list_dmi(tree, "board_name", "", answer);
	list_dmi(tree, "board_version", "version ", answer);
}

/* Strings, each with a 0 behind it: Devicetree Specification 0.4, 2.3.1, 2.3.2. */
static void list_strings(const struct tree *tree, const char *property, struct text *answer) {
	char bytes[1024 + 1];
	size_t length = tree_bytes(tree, bytes, sizeof(bytes) - 1, "proc/device-tree/%s", property);
	bytes[length] = '\0';
	for (size_t at = 0; at < length; at += strlen(bytes + at) + 1)
		form_list(answer, bytes + at);
}

static void count_name(void *argument, const char *name) {
	(void)name;
	++*(size_t *)argument;
}

/* Containers are shown an empty folder in its place, and then nothing is known of what would be in it. */
static bool is_firmware_shown(const struct tree *tree) {
	size_t names = 0;
	return tree_list(tree, "sys/firmware", count_name, &names) && names;
}

static void add_device_tree(const struct tree *tree, struct text *answer) {
	if (is_firmware_shown(tree) && !tree_has(tree, "proc/device-tree"))
		text_add_string(answer, "none");
	list_strings(tree, "model", answer);
	list_strings(tree, "compatible", answer);
}

/* ---- its firmware ------------------------------------------------------------------------------------------------ */

static void add_firmware(const struct tree *tree, struct text *answer) {
	list_dmi(tree, "bios_vendor", "", answer);
	list_dmi(tree, "bios_version", "version ", answer);
	list_dmi(tree, "bios_date", "of ", answer);
	list_dmi(tree, "bios_release", "release ", answer);
	list_dmi(tree, "ec_firmware_release", "embedded controller ", answer);
}

static void add_firmware_kind(const struct tree *tree, struct text *answer) {
	uint64_t bits;
	if (!is_firmware_shown(tree)) {
		return;
	} else if (!tree_has(tree, "sys/firmware/efi")) {
		text_add_string(answer, "no UEFI: Linux was started another way");
	} else {
		text_add_string(answer, "UEFI");
		if (tree_number(tree, &bits, "sys/firmware/efi/fw_platform_size"))
			text_format(answer, ", %llu bits", (unsigned long long)bits);
	}
}

/* Four bytes of attributes, then the variable's one. */
static int read_variable(const struct tree *tree, const char *name) {
	unsigned char bytes[5 + 1];
	size_t length = tree_bytes(tree, bytes, sizeof(bytes),
				   "sys/firmware/efi/efivars/%s-8be4df61-93ca-11d2-aa0d-00e098032b8c", name);
	return length == 5 && bytes[4] <= 1 ? bytes[4] : -1;
}

static void add_secure_boot(const struct tree *tree, struct text *answer) {
	int is_on = read_variable(tree, "SecureBoot"), is_setup = read_variable(tree, "SetupMode");
	if (is_on >= 0)
		text_add_string(answer, is_on ? "on" : "off");
	if (is_setup == 1)
		form_list(answer, "in setup mode: it has no keys");
}

static void add_container(const struct tree *tree, struct text *answer) {
	static const char *const signs[] = {".dockerenv", "run/.containerenv", "run/systemd/container"};
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (tree_has(tree, signs[i]))
			form_list(answer, "yes: what it does not show of the machine is not known here");
	if (answer->length == 0)
		text_add_string(answer, "no sign of one");
}

/* ---- memory, screen, time ---------------------------------------------------------------------------------------- */

static void add_memory(const struct tree *tree, struct text *answer) {
	char text[512], nodes[LINE];
	unsigned long long kib;
	const char *total = tree_read(tree, text, sizeof(text), "proc/meminfo") ? strstr(text, "MemTotal:") : NULL;
	if (total && sscanf(total, "MemTotal: %llu kB", &kib) == 1)
		text_format(answer, "%llu MiB for Linux", kib / 1024);
	if (tree_line(tree, nodes, sizeof(nodes), "sys/devices/system/node/online")) {
		form_list(answer, "nodes ");
		text_add_string(answer, nodes);
	}
}

/* The first word of each line: "ttyS0 -W- (EC p a) 4:64". */
static void add_consoles(const struct tree *tree, struct text *answer) {
	char text[1024], *rest = text;
	tree_read(tree, text, sizeof(text), "proc/consoles");
	for (char *line; (line = strsep(&rest, "\n"));) {
		line[strcspn(line, " \t")] = '\0';
		form_list(answer, line);
	}
}

static void add_screen(const struct tree *tree, struct text *answer) {
	char line[LINE];
	if (!tree_line(tree, line, sizeof(line), "sys/class/graphics/fb0/name"))
		return;
	form_list(answer, line);
	if (tree_line(tree, line, sizeof(line), "sys/class/graphics/fb0/virtual_size"))
		form_list(answer, line);
	if (tree_line(tree, line, sizeof(line), "sys/class/graphics/fb0/bits_per_pixel")) {
		form_list(answer, line);
		text_add_string(answer, " bits a pixel");
	}
}

static void add_clocks(const struct tree *tree, struct text *answer) {
	char line[LINE];
	const char *const folder = "sys/devices/system/clocksource/clocksource0";
	if (tree_line(tree, line, sizeof(line), "%s/available_clocksource", folder))
		text_add_string(answer, line);
	if (tree_line(tree, line, sizeof(line), "%s/current_clocksource", folder)) {
		form_list(answer, "in use ");
		text_add_string(answer, line);
	}
}

static void add_timers(const struct tree *tree, struct text *answer) {
	static const char *const devices[] = {"clockevent0", "broadcast"};
	char line[LINE];
	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
		if (tree_line(tree, line, sizeof(line), "sys/devices/system/clockevents/%s/current_device", devices[i]))
			form_list(answer, line);
}

static void add_watchdogs(const struct tree *tree, struct text *answer) {
	enum { WATCHDOGS_MOST = 8 };
	char line[LINE];
	for (int i = 0; i < WATCHDOGS_MOST; i++)
		if (tree_line(tree, line, sizeof(line), "sys/class/watchdog/watchdog%d/identity", i))
			form_list(answer, line);
	if (answer->length == 0 && tree_has(tree, "sys/class/watchdog"))
		text_add_string(answer, "none that Linux drives");
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

static const struct row {
	const char *label;
	void (*add)(const struct tree *tree, struct text *answer);
} rows[] = {
	{"Vendor", add_vendor},
	{"Product", add_product},
	{"Board", add_board},
	{"Device tree", add_device_tree},
	{"Firmware", add_firmware},
	{"Kind of firmware", add_firmware_kind},
	{"Secure Boot", add_secure_boot},
	{"Hypervisor", form_hypervisor},
	{"Container", add_container},
	{"Processor", form_processor},
	{"Family, model, stepping, microcode", form_processor_numbers},
	{"Features", form_features},
	{"Cores", form_cores},
	{"Memory", add_memory},
	{"ACPI tables", form_tables},
	{"Serial ports of the tables", form_ports},
	{"Consoles of Linux", add_consoles},
	{"Screen", add_screen},
	{"Clock sources", add_clocks},
	{"Timers", add_timers},
	{"Watchdogs", add_watchdogs},
	{"Disks", form_disks},
};

void form_add_machine(struct text *text, const struct tree *tree) {
	form_add_head(text, "The machine");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text answer = {0};
		rows[i].add(tree, &answer);
		text_add(&answer, "", 1);
		form_add_row(text, rows[i].label, answer.failed ? "" : answer.bytes);
		text_free(&answer);
	}
}
