/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/cli/baseline_git.h"

#include "hosted/cli/baseline_store.h"
#include "hosted/cli/launch.h"
#include "hosted/cli/output.h"
#include "hosted/results/scratch.h"
#include "lib/units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LIMIT_S = 600, TRIES = 40, TRIES_UNMOVED = 4, WORDS_MOST = 16 };

struct clone {
	struct scratch scratch;
	const char *url;
	char reference[300]; /* refs/heads/BRANCH */
};

enum remote { REMOTE_BRANCH, REMOTE_NO_BRANCH, REMOTE_UNREACHABLE };

bool baseline_git_is(const char *store, char **url, const char **branch) {
	const char *mark = strrchr(store, '#');
	if (!mark)
		return false;
	*url = strndup(store, (size_t)(mark - store));
	*branch = mark + 1;
	return true;
}

/* posix_spawn's words are not const, though it changes none. */
static void add_word(char *words[], size_t *count, const char *word) {
	memcpy(&words[(*count)++], &word, sizeof(word));
}

/* The exit status of git in the clone; words end with NULL. */
static int git(const struct clone *clone, const char *const words[]) {
	static const char *const first[] = {"git",
					    "-c",
					    "core.symlinks=false",
					    "-c",
					    "core.hooksPath=/dev/null",
					    "-c",
					    "core.autocrlf=false",
					    "-c",
					    "gc.auto=0",
					    "-c",
					    "commit.gpgSign=false",
					    "-c",
					    "user.name=anechoic",
					    "-c",
					    "user.email=anechoic@localhost",
					    "-C"};
	enum { FIRST = sizeof(first) / sizeof(first[0]) };
	char *all[FIRST + 1 + WORDS_MOST + 1];
	size_t count = 0;
	for (size_t i = 0; i < FIRST; i++)
		add_word(all, &count, first[i]);
	add_word(all, &count, clone->scratch.folder);
	for (size_t i = 0; i < WORDS_MOST && words[i]; i++)
		add_word(all, &count, words[i]);
	all[count] = NULL;
	return launch_words(all, LIMIT_S);
}

#define GIT(clone, ...) git(clone, (const char *const[]){__VA_ARGS__, NULL})

/* A branch's name goes into a refspec, where some characters mean more. */
static bool may_be_branch(const char *branch) {
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/-";
	size_t length = strlen(branch);
	if (length > 0 && length < 200 && strspn(branch, allowed) == length && !strchr("-./", branch[0]))
		return true;
	output_say(stderr, "'%s': not a branch's name of letters, digits, '.', '_', '-' and '/'\n", branch);
	return false;
}

static bool open_clone(struct clone *clone, const char *url, const char *branch) {
	static char absolute[4096];
	if (!may_be_branch(branch))
		return false;
	/* git runs in another folder. */
	clone->url = realpath(url, absolute) ? absolute : url;
	snprintf(clone->reference, sizeof(clone->reference), "refs/heads/%s", branch);
	setenv("GIT_TERMINAL_PROMPT", "0", 1);
	/* Of a hook that started us: another repository. */
	unsetenv("GIT_DIR");
	unsetenv("GIT_WORK_TREE");
	unsetenv("GIT_INDEX_FILE");
	launch_start();
	if (!scratch_make(&clone->scratch, "anechoic-baseline")) {
		perror(clone->scratch.folder);
		return false;
	}
	if (GIT(clone, "init", "--quiet", "--template=") == 0)
		return true;
	fprintf(stderr, "git is needed for a branch, and could not be started\n");
	scratch_remove(&clone->scratch);
	return false;
}

/* URLs are said by git alone, which leaves passwords in them out. */
static const char *branch_of(const struct clone *clone) {
	return clone->reference + strlen("refs/heads/");
}

/* The branch as it is now, to be seen as FETCH_HEAD. */
static enum remote fetch(const struct clone *clone) {
	int status = GIT(clone, "ls-remote", "--quiet", "--exit-code", "--", clone->url, clone->reference);
	if (status == 2)
		return REMOTE_NO_BRANCH;
	if (status == 0)
		status = GIT(clone, "fetch", "--quiet", "--depth=1", "--no-tags", "--", clone->url, clone->reference);
	return status == 0 ? REMOTE_BRANCH : REMOTE_UNREACHABLE;
}

static bool check_out(const struct clone *clone) {
	return GIT(clone, "checkout", "--quiet", "--force", "--detach", "FETCH_HEAD") == 0;
}

/* A commit on top of what is checked out, pushed. 1: it is there, or was; 0: not pushed; -1: it cannot be done. */
static int try_put(const struct clone *clone, const char *name, const struct launches *launches) {
	char place[BASELINE_PLACE_BYTES], message[400], to[400];
	baseline_store_place(launches, name, place);
	snprintf(message, sizeof(message), "Baseline %s", place);
	snprintf(to, sizeof(to), "HEAD:%s", clone->reference);
	if (baseline_store_put(clone->scratch.folder, name, launches) != 0 ||
	    GIT(clone, "add", "--force", "--", place) != 0)
		return -1;
	if (GIT(clone, "diff", "--cached", "--quiet") == 0)
		return 1;
	if (GIT(clone, "commit", "--quiet", "-m", message) != 0)
		return -1;
	int status = GIT(clone, "push", "--quiet", "--", clone->url, to);
	return launch_was_interrupted(status) ? -1 : status == 0;
}

/* Those who were refused together come again one by one: the more often they were, the further apart. */
static void wait_a_little(uint64_t *seed, int tries) {
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	uint64_t most_ms = tries < 10 ? 100 * ((uint64_t)tries + 1) : 1000;
	struct timespec time = {.tv_nsec = (long)((*seed >> 33) % most_ms * NS_PER_SECOND / 1000)};
	nanosleep(&time, NULL);
}

static int put(const struct clone *clone, const char *name, const struct launches *launches) {
	uint64_t seed = launch_seed() ^ (uint64_t)getpid() << 32;
	int unmoved = 0;
	enum remote remote = fetch(clone);
	for (int i = 0; i < TRIES && unmoved < TRIES_UNMOVED; i++) {
		if (remote == REMOTE_UNREACHABLE || (remote == REMOTE_BRANCH && !check_out(clone)))
			break;
		int status = try_put(clone, name, launches);
		if (status != 0)
			return status > 0 ? 0 : 2;
		wait_a_little(&seed, i);
		remote = fetch(clone);
		/* Where the branch is still what ours was made from, it was not another who was faster. */
		bool moved =
			remote == REMOTE_BRANCH && GIT(clone, "merge-base", "--is-ancestor", "FETCH_HEAD", "HEAD") != 0;
		unmoved = moved ? 0 : unmoved + 1;
		if (remote == REMOTE_NO_BRANCH)
			GIT(clone, "update-ref", "-d", "HEAD");
	}
	output_say(stderr, "branch %s: cannot be pushed\n", branch_of(clone));
	return 2;
}

int baseline_git_put(const char *url, const char *branch, const char *name, const struct launches *launches) {
	struct clone clone;
	if (!open_clone(&clone, url, branch))
		return 2;
	int status = put(&clone, name, launches);
	scratch_remove(&clone.scratch);
	return status;
}

int baseline_git_get(const char *url, const char *branch, const char *name, struct text *content) {
	struct clone clone;
	if (!open_clone(&clone, url, branch))
		return 2;
	enum remote remote = fetch(&clone);
	int status = 2;
	if (remote == REMOTE_NO_BRANCH)
		output_say(stderr, "there is no branch %s\n", branch);
	else if (remote == REMOTE_BRANCH && check_out(&clone))
		status = baseline_store_get(clone.scratch.folder, name, content);
	else
		output_say(stderr, "branch %s: cannot be fetched\n", branch);
	scratch_remove(&clone.scratch);
	return status;
}
