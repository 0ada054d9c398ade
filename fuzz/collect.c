/* SPDX-License-Identifier: Apache-2.0
 *
 * The log collector over any bytes, then results.json of what it found, then that file's reader. The input is collected
 * as it is, as the records that its lines would be, and as those in their compact form, of which the same must come.
 */
#include "bench/collect.h"
#include "bench/results.h"
#include "fuzz/fuzz.h"
#include "host-tests/compact_log.h"
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

/* The results, the caller's; *compact: whether it had compact lines. */
static struct text collect(const char *bytes, size_t length, bool *compact) {
	struct collector collector = {0};
	struct text text = {0};
	/* In two pieces, which must not matter. */
	collect_bytes(&collector, bytes, length / 3);
	collect_bytes(&collector, bytes + length / 3, length - length / 3);
	collect_end(&collector);
	collect_status(&collector);
	*compact = collector.compact.is_numbered;
	if (few_resamples(&collector)) {
		struct text complaint = {0};
		struct results results;
		results_write(&collector, &text);
		if (!text.failed && results_parse("own", text.bytes, text.length, &results, &complaint) == 0)
			results_free(&results);
		text_free(&complaint);
	}
	collect_free(&collector);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
	struct text log = {0}, results[3];
	if (length == 0)
		return 0;
	add_sealed_lines(&log, (const char *)bytes, length);
	struct text compact = compact_log(&log);
	bool mixed, any;
	results[0] = collect((const char *)bytes, length, &any);
	results[1] = collect(log.bytes, log.length, &mixed);
	results[2] = collect(compact.bytes, compact.length, &any);
	bool same = results[1].length == results[2].length &&
		    (results[1].length == 0 || memcmp(results[1].bytes, results[2].bytes, results[1].length) == 0);
	/* Two logs' numbers in one are not told apart. */
	need(same || mixed || results[1].failed || results[2].failed);
	for (int i = 0; i < 3; i++)
		text_free(&results[i]);
	text_free(&compact);
	text_free(&log);
	return 0;
}
