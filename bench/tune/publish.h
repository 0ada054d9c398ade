/* SPDX-License-Identifier: Apache-2.0
 *
 * What `tune` found, to where a platform's results go.
 */
#pragma once

#include "bench/tune/make.h"
#include "bench/tune/profile_json.h"

/* Says what it is of: this machine, now. `signature` is filled, and must outlive *about. 0, or PLATFORM_ENOMEM. */
int publish_about(const struct tune_request *request, struct tune_signature *signature, struct profile_about *about);

/* All records, to PLATFORM_STREAM_RECORD, and then the whole file to PLATFORM_STREAM_RESULTS where there is such. 0, or
 * PLATFORM_EIO: what was there before is there still. */
int publish_profile(const struct tune *tune, const struct profile_about *about);
