/* SPDX-License-Identifier: Apache-2.0
 *
 * The log collector over any bytes, then results.json of what it found, then that file's reader. The input is collected
 * as it is, and once more as the records that its lines would be.
 */
#include "bench/collect.h"
#include "bench/results.h"
#include "fuzz/fuzz.h"
#include "hosted/results/results_read.h"

#include <string.h>

/* More is slow and no different. */
static bool few_resamples(const struct collector *collector) {
	struct json_span context, options;
	uint64_t resamples = 2000;
	if (collector->run &&
	    json_member((struct json_span){collector->run, strlen(collector->run)}, "context", &context) &&
	    json_member(context, "options", &options))
		json_member_u64(options, "nresamples", &resamples);
	return resamples <= 2000;
}

static void collect(const char *bytes, size_t length) {
	struct collector collector = {0};
	/* In two pieces, which must not matter. */
	collect_bytes(&collector, bytes, length / 3);
	collect_bytes(&collector, bytes + length / 3, length - length / 3);
	collect_end(&collector);
	collect_status(&collector);
	if (few_resamples(&collector)) {
		struct text text = {0}, complaint = {0};
		struct results results;
		results_write(&collector, &text);
		if (!text.failed && results_parse("own", text.bytes, text.length, &results, &complaint) == 0)
			results_free(&results);
		text_free(&text);
		text_free(&complaint);
	}
	collect_free(&collector);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
	struct text log = {0};
	if (length == 0)
		return 0;
	collect((const char *)bytes, length);
	add_sealed_lines(&log, (const char *)bytes, length);
	collect(log.bytes, log.length);
	text_free(&log);
	return 0;
}
