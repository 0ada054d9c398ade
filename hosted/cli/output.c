/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/cli/output.h"

#include "hosted/results/files.h"

#include <stdio.h>

bool output_complain(struct text *complaint) {
	bool any = complaint->length > 0;
	if (any)
		fwrite(complaint->bytes, 1, complaint->length, stderr);
	text_free(complaint);
	return any;
}

int output_save(const char *name, struct text *content) {
	struct text complaint = {0};
	int status = 2;
	if (content->failed)
		fprintf(stderr, "out of memory\n");
	else if (files_save(name, content, &complaint) == 0)
		status = 0;
	text_free(content);
	output_complain(&complaint);
	return status;
}
