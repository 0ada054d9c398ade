/* SPDX-License-Identifier: Apache-2.0
 *
 * Dates of the proleptic Gregorian calendar in UTC, and seconds since 1970 without leap seconds, as POSIX counts them.
 * Pure. Source: IEEE Std 1003.1, 4.16 "Seconds Since the Epoch"; ISO 8601 for the text.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct civil_time {
	uint32_t year, month, day; /* from 1 */
	uint32_t hour, minute, second;
};

/* false: no such date, or one before 2020, which no clock that was ever set shows. */
bool civil_to_seconds(const struct civil_time *time, uint64_t *seconds);

/* The same of a clock whose time is UTC less `behind` minutes. *zone_known: whether that is a zone, a day at the most;
 * else the clock is taken for UTC. UEFI's EFI_TIME counts so, and its EFI_UNSPECIFIED_TIMEZONE is no zone. */
bool civil_local_to_seconds(const struct civil_time *time, int32_t behind, uint64_t *seconds, bool *zone_known);

/* Seconds since 1970 as they are, 0 for a date that civil_to_seconds would not take: of a clock that was never set. */
uint64_t civil_believed(uint64_t seconds);

/* Reads what civil_text writes; false: it is something else. */
bool civil_read(const char *text, uint64_t *seconds);

enum { CIVIL_TEXT_BYTES = 24 };

/* "2026-11-27T00:31:05Z"; "unknown" for 0 and for what lies beyond the year 9999. */
void civil_text(uint64_t seconds, char text[CIVIL_TEXT_BYTES]);
