/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "hosted/verdict/judge.h"

/* Judges the rows and prints them, as a table or as JSON. The exit status of judge_rows. */
int verdict_table_show(const struct judge *judge, const char *head, struct judge_row *rows, size_t count);
