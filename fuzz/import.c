/* SPDX-License-Identifier: Apache-2.0
 *
 * Other tools' files over any bytes: it is none of theirs, or refused with a line, or results.json that the reader of
 * ours takes.
 */
#include "hosted/import/import.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
	struct text results = {0}, complaint = {0};
	struct results read;
	int status = import_parse("input", (const char *)bytes, length, &results, &complaint);
	need((status < 0) == (complaint.length > 0));
	if (status > 0) {
		need(results_parse("results", results.bytes, results.length, &read, &complaint) == 0);
		results_free(&read);
	}
	text_free(&results);
	text_free(&complaint);
	return 0;
}
