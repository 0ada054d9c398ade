/* SPDX-License-Identifier: Apache-2.0
 *
 * platform_raw_read on Linux: each CPU that the process was allowed at its start is asked by a thread pinned to it;
 * what the kernel says is read below /sys. Nothing here needs privileges: what only root may read is told as refused.
 * Source: Linux, Documentation/ABI/stable/sysfs-devices-system-cpu and testing/sysfs-devices-system-cpu,
 * sysfs-firmware-acpi, sysfs-firmware-dmi-tables.
 */
#include "hosted/platform/allowed.h"
#include "hosted/platform/machine.h"
#include "hosted/platform/pin.h"
#include "hosted/platform/sysfs.h"
#include "platform.h"

#include <errno.h>
#include <glob.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE = 512, TABLE_MAX = 16 << 20 };

static void take(const struct platform_raw_reader *reader, struct platform_raw raw) {
	reader->take(reader->argument, &raw);
}

static void take_text(const struct platform_raw_reader *reader, struct platform_raw raw, const char *text) {
	raw.bytes = text;
	raw.length = strlen(text);
	if (raw.length)
		reader->take(reader->argument, &raw);
}

/* ---- one CPU ----------------------------------------------------------------------------------------------------- */

/* Whether there was a word. */
static bool take_cpu_word(const struct platform_raw_reader *reader, unsigned cpu, const char *name) {
	char line[LINE];
	sysfs_read_cpu_line((int)cpu, name, line, sizeof(line));
	take_text(reader,
		  (struct platform_raw){.kind = PLATFORM_RAW_CPU_WORD, .cpu = cpu, .name = name, .source = "/sys cpu"},
		  line);
	return line[0];
}

static void take_caches(const struct platform_raw_reader *reader, unsigned cpu) {
	static const char *const names[] = {
		"level",          "type", "size", "ways_of_associativity", "number_of_sets", "coherency_line_size",
		"shared_cpu_list"};
	bool more = true;
	for (unsigned index = 0; more && index < 10; index++)
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && more; i++) {
			char name[48];
			snprintf(name, sizeof(name), "cache/index%u/%s", index, names[i]);
			more = take_cpu_word(reader, cpu, name) || i > 0;
		}
}

static void take_node(const struct platform_raw_reader *reader, unsigned cpu) {
	char pattern[64];
	glob_t found;
	snprintf(pattern, sizeof(pattern), "/sys/devices/system/cpu/cpu%u/node*", cpu);
	if (glob(pattern, 0, NULL, &found) != 0)
		return;
	const struct platform_raw raw = {
		.kind = PLATFORM_RAW_CPU_WORD, .cpu = cpu, .name = "node", .source = "/sys cpu"};
	take_text(reader, raw, strrchr(found.gl_pathv[0], '/') + strlen("/node"));
	globfree(&found);
}

struct visit {
	const struct platform_raw_reader *reader;
	unsigned cpu;
	bool came;
};

static void *visit_cpu(void *argument) {
	struct visit *visit = argument;
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET((size_t)visit->cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) != 0)
		return NULL;
	visit->came = true;
	take(visit->reader,
	     (struct platform_raw){.kind = PLATFORM_RAW_CPU, .cpu = visit->cpu, .id = (int)visit->cpu == pin_cpu()});
	machine_raw_read(visit->reader, visit->cpu);
	if (visit->reader->probe) {
		uint64_t answer = visit->reader->probe();
		take(visit->reader, (struct platform_raw){.kind = PLATFORM_RAW_PROBE,
							  .cpu = visit->cpu,
							  .bytes = &answer,
							  .length = sizeof(answer)});
	}
	return NULL;
}

/* By a thread of its own, so that the process stays where it is pinned. */
static void read_cpu(const struct platform_raw_reader *reader, unsigned cpu) {
	static const char *const words[] = {
		"topology/physical_package_id", "topology/die_id",          "topology/cluster_id", "topology/core_id",
		"cpufreq/base_frequency",       "cpufreq/cpuinfo_max_freq", "cpu_capacity"};
	struct visit visit = {reader, cpu, false};
	pthread_t thread;
	if (pthread_create(&thread, NULL, visit_cpu, &visit) == 0)
		pthread_join(thread, NULL);
	if (!visit.came) {
		char name[16];
		snprintf(name, sizeof(name), "CPU %u", cpu);
		take_text(reader, (struct platform_raw){.kind = PLATFORM_RAW_REFUSED, .cpu = cpu, .name = name},
			  "this process may not run there");
		return;
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		take_cpu_word(reader, cpu, words[i]);
	take_caches(reader, cpu);
	take_node(reader, cpu);
}

/* ---- the machine ------------------------------------------------------------------------------------------------- */

/* The caller's to free; NULL, and errno says why. */
static void *read_whole(const char *path, size_t *length) {
	FILE *file = fopen(path, "re");
	if (!file)
		return NULL;
	char *bytes = malloc(TABLE_MAX);
	*length = bytes ? fread(bytes, 1, TABLE_MAX, file) : 0;
	fclose(file);
	return bytes;
}

/* What only root may read is one line for all of a folder. */
static void refuse(const struct platform_raw_reader *reader, const char *name) {
	take_text(reader, (struct platform_raw){.kind = PLATFORM_RAW_REFUSED, .name = name},
		  errno == EACCES || errno == EPERM ? "needs root" : strerror(errno));
}

static bool take_file(const struct platform_raw_reader *reader, enum platform_raw_kind kind, const char *path) {
	size_t length = 0;
	void *bytes = read_whole(path, &length);
	if (!bytes)
		return false;
	take(reader, (struct platform_raw){.kind = kind, .source = path, .bytes = bytes, .length = length});
	free(bytes);
	return true;
}

static void read_tables(const struct platform_raw_reader *reader) {
	static const char *const wanted[] = {"APIC", "PPTT", "SRAT", "SLIT", "HMAT"};
	glob_t found;
	if (glob("/sys/firmware/acpi/tables/????", 0, NULL, &found) == 0) {
		bool refused = false;
		for (size_t i = 0; i < found.gl_pathc && !refused; i++)
			for (size_t j = 0; j < sizeof(wanted) / sizeof(wanted[0]); j++)
				if (strcmp(strrchr(found.gl_pathv[i], '/') + 1, wanted[j]) == 0)
					refused |= !take_file(reader, PLATFORM_RAW_TABLE, found.gl_pathv[i]);
		if (refused)
			refuse(reader, "ACPI tables");
		globfree(&found);
	}
	if (!take_file(reader, PLATFORM_RAW_SMBIOS, "/sys/firmware/dmi/tables/DMI") && errno != ENOENT)
		refuse(reader, "SMBIOS");
}

static void take_word(const struct platform_raw_reader *reader, const char *name, const char *path) {
	char line[LINE];
	sysfs_read_line(path, line, sizeof(line));
	take_text(reader, (struct platform_raw){.kind = PLATFORM_RAW_WORD, .name = name, .source = path}, line);
}

static void read_words(const struct platform_raw_reader *reader) {
	glob_t found;
	if (glob("/sys/devices/system/cpu/vulnerabilities/*", 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++) {
			char name[80];
			snprintf(name, sizeof(name), "mitigation %.64s", strrchr(found.gl_pathv[i], '/') + 1);
			take_word(reader, name, found.gl_pathv[i]);
		}
		globfree(&found);
	}
	take_word(reader, "microcode", "/sys/devices/system/cpu/cpu0/microcode/version");
	take_word(reader, "hypervisor", "/sys/hypervisor/type");
}

void platform_raw_read(const struct platform_raw_reader *reader) {
	static cpu_set_t allowed;
	cores_allowed(&allowed);
	for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET((size_t)cpu, &allowed))
			read_cpu(reader, cpu);
	long online = sysconf(_SC_NPROCESSORS_ONLN);
	if (online > CPU_COUNT(&allowed)) {
		char why[96];
		snprintf(why, sizeof(why), "%d of %ld: this process may not run on the others", CPU_COUNT(&allowed),
			 online);
		take_text(reader, (struct platform_raw){.kind = PLATFORM_RAW_REFUSED, .name = "CPUs"}, why);
	}
	read_tables(reader);
	read_words(reader);
}
