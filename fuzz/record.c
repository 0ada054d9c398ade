/* SPDX-License-Identifier: Apache-2.0
 *
 * Records, whatever they are: refused with a word, or one that is written and read as the same, and shown. The same
 * bytes as a program that is to be recorded.
 */
#include "hosted/record/record.h"

#include "fuzz/fuzz.h"
#include "hosted/record/program.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
	static struct record record, back;
	struct text complaint = {0}, json = {0}, table = {0}, why = {0};
	bool good = record_read((const char *)bytes, length, "input", &record, &complaint);
	need(good == (complaint.length == 0));
	if (good) {
		record_write(&record, &json);
		need(record_read(json.bytes, json.length, "written", &back, &complaint));
		need(memcmp(&record, &back, sizeof(record)) == 0);
		record_show(&record, &table);
	}
	need(program_refuse(bytes, length, &why) == (why.length != 0));
	text_free(&complaint);
	text_free(&json);
	text_free(&table);
	text_free(&why);
	return 0;
}
