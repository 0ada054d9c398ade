/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/compact/stream.h"

#include "bench/compact/compact.h"
#include "platform.h"

#include <string.h>

static struct {
	bool is_compact;
	struct compact_writer writer;
	struct text lines;
} stream;

bool record_form_of(const char *name, bool *compact) {
	*compact = strcmp(name, "compact") == 0;
	return *compact || strcmp(name, "full") == 0;
}

void record_stream_be_compact(bool compact) {
	stream.is_compact = compact;
}

int record_stream_write(const struct text *record) {
	const struct text *written = record;
	if (stream.is_compact) {
		stream.lines.length = 0;
		stream.lines.failed = false;
		compact_write(&stream.writer, record->bytes, record->length, &stream.lines);
		written = stream.lines.failed ? record : &stream.lines;
	}
	return platform_write(PLATFORM_STREAM_RECORD, written->bytes, written->length);
}
