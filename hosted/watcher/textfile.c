/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/watcher/textfile.h"

#include "bench/plain.h"
#include "hosted/results/files.h"

#include <string.h>
#include <sys/stat.h>

bool textfile_may_write(const char *name, struct text *complaint) {
	static const char ending[] = ".prom";
	size_t length = strlen(name), least = sizeof(ending) - 1;
	if (length > least && strcmp(name + length - least, ending) == 0)
		return files_may_write(name, complaint) == 0;
	text_add_string(complaint, "--textfile ");
	plain_add_string(complaint, name);
	text_add_string(complaint, ": node_exporter reads files whose names end in .prom alone\n");
	return false;
}

int textfile_save(const char *name, const struct text *metrics, struct text *complaint) {
	mode_t mask = umask(S_IWGRP | S_IWOTH);
	int status = files_save(name, metrics, complaint);
	umask(mask);
	return status;
}
