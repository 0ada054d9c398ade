/* SPDX-License-Identifier: Apache-2.0
 *
 * What strangers send to --listen, bit by bit: the answer to a whole head stays what it is, whatever comes behind it,
 * and the same bytes are never both incomplete and answered.
 */
#include "hosted/watcher/http_request.h"

#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
	const char *text = (const char *)bytes;
	struct http_request request;
	enum http_status whole = http_request_read(text, length, length + 1, &request), first = HTTP_INCOMPLETE;
	for (size_t part = 0; part <= length && first == HTTP_INCOMPLETE; part++)
		first = http_request_read(text, part, length + 1, &request);
	need(first == whole);
	if (whole == HTTP_INCOMPLETE)
		need(http_request_read(text, length, length, &request) == HTTP_HEAD_TOO_LARGE);
	return 0;
}
