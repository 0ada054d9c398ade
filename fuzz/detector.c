/* SPDX-License-Identifier: Apache-2.0
 *
 * Detectors as bytes, whatever they are: refused, or one that is written as the same bytes, and takes windows on. The
 * CRC is put right first, or nothing would get past it.
 */
#include "hosted/watch/detector.h"

#include "fuzz/fuzz.h"

#include <stdalign.h>
#include <string.h>

enum { WINDOWS = 300 };

static const struct detector_rules rules = {.run_length = 864000, .window_seconds = 60};

static alignas(max_align_t) uint8_t memory[1 << 18];
static uint8_t written[1 << 18];

static void use(struct detector *detector, const uint8_t *bytes, size_t length) {
	uint64_t learns = detector_learns(detector);
	need(learns <= 1440);
	bool was_open = detector_is_open(detector);
	for (uint64_t i = 0; i < WINDOWS; i++) {
		double figure = length ? bytes[i % length] : 1;
		const double figures[DETECTOR_PERCENTILES] = {figure, 100, figure * 1e9};
		struct detector_event event;
		detector_add_levels(detector, UINT64_MAX / 2 + i, figures, &event);
		if (event.answer == DETECTOR_NONE)
			continue;
		need(was_open == (event.answer == DETECTOR_CLOSED));
		need(event.by != NULL && event.percentile < DETECTOR_PERCENTILES);
		was_open = detector_is_open(detector);
	}
	need(detector_write(detector, written, sizeof(written)) > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
	struct detector *detector = (struct detector *)memory;
	need(detector_size() <= sizeof(memory) && detector_bytes_most() <= sizeof(written));
	uint8_t *copy = with_crc(bytes, length);
	if (detector_read(detector, &rules, copy, length + CRC_BYTES)) {
		need(detector_write(detector, written, sizeof(written)) == length + CRC_BYTES);
		need(memcmp(written, copy, length + CRC_BYTES) == 0);
		use(detector, bytes, length);
	}
	detector_read(detector, &rules, copy, length);
	free(copy);
	return 0;
}
