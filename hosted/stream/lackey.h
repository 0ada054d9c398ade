/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of Valgrind's lackey (`valgrind --tool=lackey --trace-mem=yes`; Valgrind manual, "Lackey: an example tool"):
 *
 *     I  04016a70,3     an instruction of 3 bytes
 *      L 1ffeffe828,8   a load
 *      S 1ffeffe820,8   a store
 *      M 04232a10,4     a load and a store at one place: a store here
 */
#pragma once

#include "hosted/stream/format.h"

/* false: the line, without its end, is something else, as what Valgrind says of itself. */
bool lackey_parse(const char *line, size_t length, struct stream_event *event);
