/* SPDX-License-Identifier: Apache-2.0
 *
 * Logs of rounds, whatever is in them: what is read of one is written as records that say the same. The input is read
 * as it is, and once more as the records that its lines would be.
 */
#include "hosted/watcher/round_log.h"

#include "fuzz/fuzz.h"

#include <stdio.h>

static bool add_record(struct text *log, struct text *record) {
	need(!record->failed);
	text_add(log, record->bytes, record->length);
	text_free(record);
	return true;
}

static bool write_head(void *argument, const struct rounds_head *head) {
	struct text record = {0};
	need(head->count > 0 && head->count <= ROUNDS_BENCHMARKS_MOST);
	rounds_head_write(&record, head);
	return add_record(argument, &record);
}

static bool write_round(void *argument, const struct round *round) {
	struct text record = {0};
	need(round->count <= ROUND_VALUES_MOST && round->time >= 0);
	round_write(&record, round);
	return add_record(argument, &record);
}

/* How many records were read; the caller frees `written`. */
static uint64_t read_log(const char *bytes, size_t length, struct text *written) {
	struct round_log log = {.begin = write_head, .take = write_round, .argument = written};
	char *copy = malloc(length + 1);
	need(copy != NULL);
	if (length)
		memcpy(copy, bytes, length);
	FILE *file = fmemopen(copy, length + 1, "r");
	copy[length] = '\n';
	need(file != NULL && round_log_read(&log, file));
	fclose(file);
	free(copy);
	return log.heads + log.rounds;
}

static void read_twice(const char *bytes, size_t length) {
	struct text once = {0}, twice = {0};
	uint64_t records = read_log(bytes, length, &once);
	need((records > 0) == (once.length > 0));
	need(read_log(once.bytes, once.length, &twice) == records);
	need(once.length == twice.length && (once.length == 0 || memcmp(once.bytes, twice.bytes, once.length) == 0));
	text_free(&once);
	text_free(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
	struct text log = {0};
	read_twice((const char *)bytes, length);
	add_sealed_lines(&log, (const char *)bytes, length);
	read_twice(log.bytes, log.length);
	text_free(&log);
	return 0;
}
