/* SPDX-License-Identifier: Apache-2.0
 *
 * `anechoic caps`: what this machine is, or the one that a dump is of.
 */
#include "bench/machine/show.h"
#include "bench/plain.h"
#include "caps/dump/dump.h"
#include "hosted/cli/commands/commands.h"
#include "hosted/cli/help.h"
#include "hosted/cli/memory_table.h"
#include "hosted/cli/output.h"
#include "hosted/cli/words.h"
#include "hosted/export/export_hwloc.h"
#include "hosted/results/files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const struct form {
	const char *name;
	void (*show)(const struct facts *facts, struct text *text);
} forms[] = {{"table", machine_show_table}, {"json", machine_show_json}, {"hwloc-xml", export_hwloc}};
enum { FORMS = sizeof(forms) / sizeof(forms[0]) };

struct request {
	const struct form *form;
	const char *cpuid, *acpi, *results, *out;
};

/* A dump of CPUID in the place of this machine's. */
static bool read_dump(struct facts *facts, const char *name, struct text *complaint) {
	struct text dump = {0};
	char line[200] = "";
	if (files_read(name, FILES_BYTES_MOST, &dump, complaint) != 0)
		return false;
	size_t bytes = caps_dump_bytes(dump.length);
	struct caps_arena arena = {.memory = facts_keep_room(facts, bytes), .bytes = bytes};
	int error = arena.memory ? caps_dump_read(dump.bytes, dump.length, &arena, &facts->raw, line, sizeof(line))
				 : CAPS_ENOMEM;
	if (error)
		plain_format(complaint, "%s: %s\n", name, line[0] ? line : "out of memory");
	text_free(&dump);
	return error == 0;
}

/* One file of an acpidump's folder, by its first four bytes: not all tables lie in files of their names. What is no
 * plain file is none. */
static bool add_table(struct facts *facts, const char *name, struct caps_bytes *table, struct text *complaint) {
	struct text bytes = {0};
	struct stat status;
	if (stat(name, &status) != 0 || !S_ISREG(status.st_mode))
		return true;
	bool good = files_read(name, FILES_BYTES_MOST, &bytes, complaint) == 0;
	if (good && bytes.length >= 4)
		*table = (struct caps_bytes){facts_keep(facts, bytes.bytes, bytes.length), bytes.length};
	text_free(&bytes);
	return good;
}

static bool read_tables(struct facts *facts, const char *folder, struct text *complaint) {
	struct dirent **entries;
	int found = scandir(folder, &entries, NULL, alphasort);
	if (found < 0) {
		plain_format(complaint, "%s: %s: no folder with tables\n", folder, strerror(errno));
		return false;
	}
	struct caps_bytes *tables = facts_keep_room(facts, (size_t)found * sizeof(*tables));
	bool good = tables != NULL;
	size_t count = 0;
	for (int i = 0; i < found; i++) {
		struct text name = {0};
		text_add_string(&name, folder);
		text_add_string(&name, "/");
		text_add(&name, entries[i]->d_name, strlen(entries[i]->d_name) + 1);
		good = good && !name.failed && add_table(facts, name.bytes, &tables[count], complaint);
		count += good && tables[count].bytes;
		text_free(&name);
		free(entries[i]);
	}
	free(entries);
	if (good && count == 0) {
		plain_format(complaint, "%s: no table in it\n", folder);
		good = false;
	}
	facts->raw.tables = tables;
	facts->raw.table_count = count;
	return good;
}

static bool read_facts(struct facts *facts, const struct request *request, struct text *complaint) {
	if (request->cpuid && !read_dump(facts, request->cpuid, complaint))
		return false;
	if (!request->cpuid && facts_read(facts, FACTS_WHOLE) != 0) {
		text_add_string(complaint, "out of memory\n");
		return false;
	}
	if (request->acpi && !read_tables(facts, request->acpi, complaint))
		return false;
	return facts_describe(facts, complaint) == 0;
}

static bool set_form(struct request *request, const char *name) {
	for (int i = 0; i < FORMS; i++)
		if (strcmp(forms[i].name, name) == 0) {
			request->form = &forms[i];
			return true;
		}
	words_complain_of_value("--format", name, "table, json or hwloc-xml");
	return false;
}

static bool take_option(struct request *request, int argc, char **argv, int *i) {
	const char *value;
	if ((value = words_out(argc, argv, i)))
		request->out = value;
	else if ((value = words_value(argc, argv, i, "--cpuid")))
		request->cpuid = value;
	else if ((value = words_value(argc, argv, i, "--acpi")))
		request->acpi = value;
	else if ((value = words_value(argc, argv, i, "--results")))
		request->results = value;
	else if ((value = words_value(argc, argv, i, "--format")))
		return set_form(request, value);
	else {
		help_refuse("caps", argv[*i]);
		return false;
	}
	return true;
}

/* Of the machine that a run's results are of. */
static int show_results(const struct request *request) {
	struct text complaint = {0}, content = {0};
	struct results results;
	if (request->cpuid || request->acpi || request->form != &forms[0]) {
		fprintf(stderr, "--results goes with no dump, no tables and no other format\n");
		return 2;
	}
	if (results_read(request->results, &results, &complaint) == 0) {
		memory_table_show(&results, &content);
		results_free(&results);
	}
	return output_complain(&complaint) ? 2 : output_save(request->out, &content);
}

int command_caps(int argc, char **argv) {
	struct request request = {.form = &forms[0], .out = "-"};
	struct facts facts = {0};
	struct text complaint = {0}, content = {0};
	for (int i = 1; i < argc; i++)
		if (!take_option(&request, argc, argv, &i))
			return 2;
	const char *const inputs[] = {request.cpuid, request.results};
	if (!output_may_write(request.out) || output_refuses(request.out, inputs, 2, false))
		return 2;
	if (request.results)
		return show_results(&request);
	if (read_facts(&facts, &request, &complaint)) {
		request.form->show(&facts, &content);
		if (request.form != &forms[0])
			text_add_string(&content, "\n");
	}
	facts_free(&facts);
	if (output_complain(&complaint))
		return 2;
	return output_save(request.out, &content);
}
