/* SPDX-License-Identifier: Apache-2.0
 *
 * Which results may stand against each other.
 */
#pragma once

#include "hosted/results/results_read.h"

/* NULL: both are of one machine and kind of core, however they ran; else what differs, one line, in a static buffer. */
const char *comparable_machine(const struct results *a, const struct results *b);

/* What must be equal for figures of many runs to stand in one row: the machine's architecture, way of running, CPU and
 * hypervisor, and the kind of figures. Cut off at the capacity. */
void comparable_signature(const struct results *results, char *signature, size_t capacity);

/* NULL: the signatures are the same; else which member differs, as above. */
const char *comparable_signature_mismatch(const struct results *a, const struct results *b);

/* NULL: both are of one machine, kind of core (where both say it), way of running and clock; else what differs, one
 * line, in a static buffer. */
const char *comparable_mismatch(const struct results *a, const struct results *b);

/* NULL: the two may be judged, being figures of the hardware without a mismatch; else why not, as above. */
const char *comparable_refusal(const struct results *a, const struct results *b);
