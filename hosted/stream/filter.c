/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/stream/filter.h"

bool stream_filter_takes(struct stream_filter *filter, const struct stream_event *event) {
	if (filter->count == 0)
		return false;
	if (event->kind >= STREAM_ACCESS_KINDS)
		return true;
	if (filter->skip > 0) {
		filter->skip -= event->kind != STREAM_EXECUTE;
		return false;
	}
	if (filter->data_only && event->kind == STREAM_EXECUTE)
		return false;
	filter->count--;
	return true;
}
