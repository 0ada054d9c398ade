/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/counters/events.h"

const struct event_row events_table[] = {
	{.designs = {0}},
};
