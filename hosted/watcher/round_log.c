/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/watcher/round_log.h"

#include "bench/compact/compact.h"
#include "bench/plain.h"
#include "bench/record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct reading {
	struct round_log *log;
	bool begun; /* rounds before the first head are nobody's */
	struct rounds_head head;
	struct round_read round;
	struct compact_reader compact;
	struct text unpacked; /* the record that compact lines were */
	char line[ROUND_LOG_LINE_MOST];
};

static void make_head_plain(struct rounds_head *head) {
	char *const strings[] = {head->commit, head->cpu, head->architecture, head->way, head->emulated};
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		plain_string(strings[i]);
	for (size_t i = 0; i < head->count; i++)
		plain_string(head->names[i]);
}

static bool take_record(struct reading *reading, const struct record *record) {
	struct round_log *log = reading->log;
	if (strcmp(record->tag, ROUNDS_HEAD_TAG) == 0 && rounds_head_read(record->json, &reading->head)) {
		log->heads++;
		make_head_plain(&reading->head);
		reading->begun = true;
		return log->begin(log->argument, &reading->head);
	}
	if (reading->begun && strcmp(record->tag, ROUND_TAG) == 0 && round_read(record->json, &reading->round)) {
		log->rounds++;
		plain_string(reading->round.benchmark);
		plain_string(reading->round.reason);
		return log->take(log->argument, &reading->round.round);
	}
	return true;
}

static bool take_line(struct reading *reading, size_t length) {
	struct json_span line = {reading->line, length}, text = line;
	struct record record;
	line.length -= length > 0 && line.bytes[length - 1] == '\n';
	if (compact_read(&reading->compact, line, &reading->unpacked) == COMPACT_RECORD)
		text = (struct json_span){reading->unpacked.bytes, reading->unpacked.length};
	while (record_next(&text, &record))
		if (!take_record(reading, &record)) {
			errno = 0;
			return false;
		}
	return true;
}

/* Longer lines come in pieces, none of which is a record. */
static bool read_lines(struct reading *reading, FILE *file) {
	for (;;) {
		errno = 0;
		if (fgets(reading->line, sizeof(reading->line), file) == NULL)
			return !ferror(file);
		if (!take_line(reading, strlen(reading->line)))
			return false;
	}
}

bool round_log_read(struct round_log *log, FILE *file) {
	struct reading *reading = malloc(sizeof(*reading));
	if (reading == NULL) {
		errno = ENOMEM;
		return false;
	}
	reading->log = log;
	reading->begun = false;
	reading->compact = (struct compact_reader){0};
	reading->unpacked = (struct text){0};
	log->heads = log->rounds = 0;
	bool whole = read_lines(reading, file);
	int why = errno;
	compact_reader_free(&reading->compact);
	text_free(&reading->unpacked);
	free(reading);
	errno = why;
	return whole;
}
