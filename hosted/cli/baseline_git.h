/* SPDX-License-Identifier: Apache-2.0
 *
 * A branch of a git repository as a store of baselines: brought here, changed, pushed, by git as a child process, which
 * asks nobody for a password and runs no hooks of ours. The branch's files are a stranger's: links in it stay text.
 */
#pragma once

#include "hosted/verdict/launches.h"

#include <stdbool.h>

/* "URL#BRANCH": *url is the caller's to free. false: it is a folder. */
bool baseline_git_is(const char *store, char **url, const char **branch);

/* 0 or 2, with what git says and a line on standard error. What others push meanwhile is kept: it is tried again. */
int baseline_git_put(const char *url, const char *branch, const char *name, const struct launches *launches);

/* baseline_store_get of the branch. */
int baseline_git_get(const char *url, const char *branch, const char *name, struct text *content);
