/* SPDX-License-Identifier: Apache-2.0
 *
 * Histograms as bytes, whatever they are: refused, or one that is written as the same bytes, answers within its ends,
 * merges with itself and takes further values. The CRC is put right first, or nothing would get past it.
 */
#include "hosted/watch/histogram.h"

#include "fuzz/fuzz.h"

#include <string.h>

static struct histogram histogram, other;

static void use(void) {
	double last = histogram_quantile(&histogram, 0);
	need(last == histogram.minimum);
	for (int i = 1; i <= 16; i++) {
		double quantile = histogram_quantile(&histogram, i / 16.0);
		need(quantile >= last && quantile <= histogram.maximum);
		last = quantile;
	}
	other = histogram;
	need(histogram_merge(&other, &histogram) == (histogram.total <= UINT64_MAX / 2));
	need(histogram_add(&histogram, 1) || histogram.total == UINT64_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
	static uint8_t written[HISTOGRAM_BYTES_MAX];
	uint8_t *copy = with_crc(bytes, length);
	if (histogram_read(&histogram, copy, length + CRC_BYTES)) {
		need(histogram_write(&histogram, written) == length + CRC_BYTES);
		need(memcmp(written, copy, length + CRC_BYTES) == 0);
		use();
	}
	histogram_read(&histogram, copy, length);
	free(copy);
	return 0;
}
