/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/stream/sample.h"

#include "bench/plain.h"
#include "hosted/stream/thin.h"
#include "hosted/stream/variants.h"

static void pack(void *owner, const struct stream_event *event) {
	struct stream_sampled *sampled = owner;
	sampled->packed[sampled->count++] = stream_pack(*event);
}

static bool read_all(struct stream_reader *reader, struct stream_thin *thin, struct pages *pages,
		     struct text *complaint) {
	struct stream_event events[STREAM_SAMPLE_WINDOW];
	long count;
	while ((count = stream_read(reader, events, STREAM_SAMPLE_WINDOW, complaint)) > 0)
		for (long i = 0; i < count; i++) {
			stream_thin_take(thin, &events[i]);
			if (pages)
				pages_take(pages, &events[i]);
		}
	return count == 0;
}

bool stream_sampled_read(struct stream_reader *reader, const char *name, struct stream_sampled *sampled,
			 struct pages *pages, struct text *complaint) {
	struct stream_thin thin;
	bool good = stream_thin_start(&thin, STREAM_SAMPLE_WINDOW, STREAM_SAMPLE_WINDOWS);
	sampled->count = 0;
	if (!good)
		plain_format(complaint, "%s: out of memory\n", name);
	good = good && read_all(reader, &thin, pages, complaint);
	if (good && stream_note(reader)->accesses == 0) {
		plain_format(complaint, "%s: no access in it\n", name);
		good = false;
	}
	if (good)
		stream_thin_give(&thin, pack, sampled);
	stream_thin_free(&thin);
	return good;
}
