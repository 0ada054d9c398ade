/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/platform/witness.h"

#include "lib/units.h"

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

void witness_read(const uint64_t *cpus, size_t count, struct witness *witnesses) {
	long ticks = sysconf(_SC_CLK_TCK);
	memset(witnesses, 0, count * sizeof(*witnesses));
	char *text = read_whole("/proc/interrupts");
	if (text)
		witness_take_interrupts(text, cpus, count, witnesses);
	free(text);
	text = read_whole("/proc/stat");
	if (text && ticks > 0)
		witness_take_stat(text, (uint64_t)ticks, cpus, count, witnesses);
	free(text);
}
