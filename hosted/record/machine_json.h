/* SPDX-License-Identifier: Apache-2.0
 *
 * A machine's signature as the member `machine` of files that hold for it alone.
 */
#pragma once

#include "bench/text.h"
#include "bench/tune/signature.h"

#include <jansson.h>
#include <stdbool.h>

void machine_json_write(struct text *json, const struct tune_signature *machine);

/* `machine`: the member's value; NULL: there is none. false: it is no signature. */
bool machine_json_read(const json_t *machine, struct tune_signature *signature);

/* Printable ASCII that fits, terminated. */
bool machine_json_text(const json_t *value, char *text, size_t capacity);
