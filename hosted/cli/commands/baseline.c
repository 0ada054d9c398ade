/* SPDX-License-Identifier: Apache-2.0
 *
 * `anechoic baseline publish|fetch STORE`: baselines of `run --baseline` and `compare` for machines that keep nothing,
 * each for machines of its kind.
 */
#include "hosted/cli/baseline.h"

#include "hosted/cli/baseline_git.h"
#include "hosted/cli/baseline_store.h"
#include "hosted/cli/commands/commands.h"
#include "hosted/cli/help.h"
#include "hosted/cli/output.h"
#include "hosted/cli/words.h"
#include "hosted/verdict/comparable.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct request {
	const char *name, *out;
	const char *words[2]; /* the store, and what is published */
	int count;
};

/* 0, or an exit status. */
static int read_request(int argc, char **argv, struct request *request) {
	bool ended = false;
	*request = (struct request){.name = "main"};
	for (int i = 0; i < argc; i++) {
		const char *value;
		if (words_end_options(argv[i], &ended))
			continue;
		if (!ended && (value = words_value(argc, argv, &i, "--name")))
			request->name = value;
		else if (!ended && (value = words_out(argc, argv, &i)))
			request->out = value;
		else if ((!ended && argv[i][0] == '-') || request->count == 2)
			return help_refuse("baseline", argv[i]);
		else
			request->words[request->count++] = argv[i];
	}
	return request->count > 0 && *request->words[0] ? 0 : help_usage("baseline");
}

/* A launch that did not come to its end, or had a failure in it, is nothing to be measured by. Says so. */
static bool is_broken(const struct launches *launches) {
	struct text complaint = {0};
	bool broken = false;
	for (size_t i = 0; i < launches->count; i++) {
		const struct results *one = &launches->all[i];
		launches_incomplete(one, one->file, &complaint);
		for (size_t k = 0; k < one->count && !broken; k++) {
			broken = one->benchmarks[k].status == BENCH_STATUS_FAILED ||
				 one->benchmarks[k].status == BENCH_STATUS_HUNG;
			if (broken)
				output_say(stderr, "%s: %s failed or hung, and is no baseline\n", one->file,
					   one->benchmarks[k].name);
		}
	}
	return output_complain(&complaint) || broken;
}

/* Where they are functional only, launches of several machines may have been read. Says so. */
static bool are_mixed(const struct launches *launches) {
	for (size_t i = 1; i < launches->count; i++) {
		const char *why = comparable_signature_mismatch(&launches->all[0], &launches->all[i]);
		if (why)
			output_say(stderr, "%s: %s\n", launches->all[i].file, why);
		if (why)
			return true;
	}
	return false;
}

static int publish(const struct request *request) {
	char path[4096], *url = NULL;
	const char *branch = NULL, *store = request->words[0], *from = request->words[1];
	struct launches launches;
	struct text complaint = {0};
	if (!from && !baseline_path(request->name, false, path, sizeof(path)))
		return 2;
	if (launches_read(from ? from : path, &launches, &complaint) != 0) {
		output_complain(&complaint);
		return 2;
	}
	int status = are_mixed(&launches) ? 2 : is_broken(&launches) ? 4 : 0;
	if (status == 0 && baseline_git_is(store, &url, &branch))
		status = url ? baseline_git_put(url, branch, request->name, &launches) : 2;
	else if (status == 0)
		status = baseline_store_put(store, request->name, &launches);
	if (status == 0)
		printf("baseline '%s', %zu launch%s, is in %s%s\n", request->name, launches.count,
		       launches.count == 1 ? "" : "es", url ? "branch " : "", url ? branch : store);
	launches_free(&launches);
	free(url);
	return status;
}

static int fetch(const struct request *request) {
	char path[4096], *url = NULL;
	const char *branch, *store = request->words[0], *out = request->out;
	struct text content = {0};
	int status;
	if (baseline_git_is(store, &url, &branch))
		status = url ? baseline_git_get(url, branch, request->name, &content) : 2;
	else
		status = baseline_store_get(store, request->name, &content);
	free(url);
	if (status == 0 && !out && !baseline_path(request->name, true, path, sizeof(path)))
		status = 2;
	if (status == 0)
		status = output_save(out ? out : path, &content);
	if (status == 0 && !out)
		printf("baseline '%s' is here: anechoic run --baseline=%s\n", request->name, request->name);
	text_free(&content);
	return status;
}

int command_baseline(int argc, char **argv) {
	struct request request;
	bool publishes = argc > 1 && strcmp(argv[1], "publish") == 0,
	     fetches = argc > 1 && strcmp(argv[1], "fetch") == 0;
	if (!publishes && !fetches)
		return help_usage("baseline");
	int status = read_request(argc - 2, argv + 2, &request);
	if (status)
		return status;
	if (fetches && request.count > 1)
		return help_refuse("baseline", request.words[1]);
	if (publishes && request.out) {
		fprintf(stderr, "baseline: --out is of fetch: publish writes to the store\n");
		return 2;
	}
	if (!baseline_may_be_called(request.name) || !output_may_write(request.out))
		return 2;
	return publishes ? publish(&request) : fetch(&request);
}
