/* SPDX-License-Identifier: Apache-2.0
 *
 * Parts of still_facts_read in files of their own.
 */
#pragma once

#include "hosted/still/facts.h"

/* Limits of this process, its control group, other processes and where interrupts go. */
void still_facts_read_process(const struct tree *tree, struct still_facts *facts);

/* Periods in which this process's control group had used its quota up, and the quota, the tightest of all groups above
 * it. false: nobody says. */
bool still_facts_quota(const struct tree *tree, struct fact_number *percent, uint64_t *throttled);
