/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/platform/witness.h"

#include "hosted/platform/cores.h"
#include "hosted/platform/machine.h"
#include "hosted/platform/pin.h"
#include "lib/units.h"
#include "lib/witness.h"
#include "platform.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COLUMNS_MOST = 4096 };

/* Which witness each column of /proc/interrupts belongs to, -1 for none: the first line has the CPUs that are
 * online. */
static size_t read_columns(const char *line, const uint64_t *cpus, size_t count, int *columns) {
	size_t found = 0;
	const char *end = strchr(line, '\n');
	for (const char *name = strstr(line, "CPU"); name && (!end || name < end) && found < COLUMNS_MOST;
	     name = strstr(name + 1, "CPU")) {
		uint64_t cpu = strtoull(name + 3, NULL, 10);
		columns[found] = -1;
		for (size_t i = 0; i < count; i++)
			if (cpus[i] == cpu)
				columns[found] = (int)i;
		found++;
	}
	return found;
}

static void take_line(const char *line, const int *columns, size_t column_count, struct witness *witnesses) {
	const char *numbers = strchr(line, ':');
	bool are_nmis = strncmp(line + strspn(line, " "), "NMI:", 4) == 0;
	for (size_t column = 0; numbers && column < column_count; column++) {
		char *end;
		const char *from = column == 0 ? numbers + 1 : numbers;
		from += strspn(from, " ");
		if (*from < '0' || *from > '9')
			return; /* ERR and MIS have one number for all */
		uint64_t number = strtoull(from, &end, 10);
		numbers = end;
		if (columns[column] >= 0)
			*(are_nmis ? &witnesses[columns[column]].nmis : &witnesses[columns[column]].interrupts) +=
				number;
	}
}

void witness_take_interrupts(const char *text, const uint64_t *cpus, size_t count, struct witness *witnesses) {
	static int columns[COLUMNS_MOST];
	size_t column_count = read_columns(text, cpus, count, columns);
	for (size_t column = 0; column < column_count; column++)
		if (columns[column] >= 0)
			witnesses[columns[column]].interrupts_known = true;
	for (const char *line = strchr(text, '\n'); line && line[1]; line = strchr(line + 1, '\n'))
		take_line(line + 1, columns, column_count, witnesses);
}

/* "cpuN user nice system idle iowait irq softirq steal ...": proc(5). */
void witness_take_stat(const char *text, uint64_t ticks_a_second, const uint64_t *cpus, size_t count,
		       struct witness *witnesses) {
	for (const char *line = text; line && *line; line = strchr(line, '\n'), line += line != NULL) {
		unsigned long long cpu, steal;
		if (sscanf(line, "cpu%llu %*u %*u %*u %*u %*u %*u %*u %llu", &cpu, &steal) != 2)
			continue;
		for (size_t i = 0; i < count; i++)
			if (cpus[i] == cpu) {
				witnesses[i].stolen_known = true;
				witnesses[i].stolen_ns = steal * (NS_PER_SECOND / ticks_a_second);
			}
	}
}

/* On the heap, terminated; NULL: it cannot be read. */
static char *read_whole(const char *name) {
	enum { STEP = 1 << 16, MOST = 1 << 26 };
	FILE *file = fopen(name, "re");
	char *text = NULL;
	size_t length = 0, read = 0;
	if (!file)
		return NULL;
	do {
		char *more = realloc(text, length + STEP + 1);
		if (!more)
			break;
		text = more;
		read = fread(text + length, 1, STEP, file);
		length += read;
		text[length] = '\0';
	} while (read == STEP && length < MOST);
	fclose(file);
	return text;
}

static void read_files(const uint64_t *cpus, size_t count, struct witness *found) {
	long ticks = sysconf(_SC_CLK_TCK);
	char *text = read_whole("/proc/interrupts");
	if (text)
		witness_take_interrupts(text, cpus, count, found);
	free(text);
	text = read_whole("/proc/stat");
	if (text && ticks > 0)
		witness_take_stat(text, (uint64_t)ticks, cpus, count, found);
	free(text);
}

static void tell(struct platform_counted *counted, bool known, uint64_t value, const char *why) {
	counted->counting = known ? PLATFORM_COUNTING : PLATFORM_COUNTING_NOT;
	counted->value = known ? value : 0;
	snprintf(counted->reason, sizeof(counted->reason), "%s", known ? "" : why);
}

/* *value is what the register holds; else the reason. */
static bool read_smis(uint64_t cpu, uint64_t *value, char *reason, size_t capacity) {
	char name[40];
	const char *refused = machine_smi_refused();
	snprintf(reason, capacity, "%s", refused ? refused : "");
	if (refused)
		return false;
	snprintf(name, sizeof(name), "/dev/cpu/%" PRIu64 "/msr", cpu);
	int file = open(name, O_RDONLY | O_CLOEXEC);
	bool read = file >= 0 && pread(file, value, sizeof(*value), MSR_SMI_COUNT) == (ssize_t)sizeof(*value);
	if (!read)
		snprintf(reason, capacity, "%s: %s; root, and the module msr, can", name, strerror(errno));
	if (file >= 0)
		close(file);
	*value &= UINT32_MAX;
	return read;
}

static void tell_core(unsigned core, uint64_t cpu, const struct witness *found, struct platform_witness *witness) {
	struct platform_counted *counts = witness->counts, *smis = &counts[PLATFORM_COUNT_SMIS];
	char reason[sizeof(smis->reason)];
	uint64_t value = 0;
	tell(&counts[PLATFORM_COUNT_INTERRUPTS], found->interrupts_known, found->interrupts,
	     "/proc/interrupts cannot be read");
	tell(&counts[PLATFORM_COUNT_NMIS], found->interrupts_known, found->nmis, "/proc/interrupts cannot be read");
	tell(&counts[PLATFORM_COUNT_STOLEN_NS], found->stolen_known, found->stolen_ns, "/proc/stat cannot be read");
	bool known = read_smis(cpu, &value, reason, sizeof(reason));
	tell(smis, known, value, reason);
	if (smis->counting == PLATFORM_COUNTING && machine_smi_is_guests()) {
		smis->counting = PLATFORM_COUNTING_GUESTS;
		snprintf(smis->reason, sizeof(smis->reason), "a guest's own count, in which the host's are not");
	}
	known = cores_switches(core, &value);
	tell(&counts[PLATFORM_COUNT_SWITCHES], known, value, "the system does not say");
	witness->elsewhere = cores_elsewhere(core);
}

int platform_witness_read(struct platform_witness *witnesses, unsigned count) {
	uint64_t *cpus = calloc(count, sizeof(*cpus));
	struct witness *found = calloc(count, sizeof(*found));
	int status = cpus && found ? 0 : PLATFORM_ENOMEM;
	memset(witnesses, 0, count * sizeof(*witnesses));
	for (unsigned i = 0; i < count && status == 0; i++) {
		struct platform_core description = {.cpu = pin_cpu() >= 0 ? (uint64_t)pin_cpu() : 0};
		if (i != 0)
			status = platform_core_describe(i, &description);
		cpus[i] = description.cpu;
	}
	if (status == 0)
		read_files(cpus, count, found);
	for (unsigned i = 0; i < count && status == 0; i++)
		tell_core(i, cpus[i], &found[i], &witnesses[i]);
	free(cpus);
	free(found);
	return status;
}
