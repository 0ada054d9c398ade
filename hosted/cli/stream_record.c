/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/cli/stream_record.h"

#include "bench/interrupted.h"
#include "hosted/cli/output.h"
#include "hosted/platform/guard.h"
#include "hosted/results/files.h"
#include "hosted/stream/lackey.h"
#include "hosted/stream/read.h"
#include "hosted/stream/thin.h"
#include "hosted/stream/write.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LINUX_ADDRESS_BITS = 64, LINUX_PAGE_SHIFT = 12 };

struct recorder {
	struct stream_filter filter;
	const char *name; /* of the file */
	struct files_new fresh;
	bool is_new;             /* it has its name already, and nothing had it before */
	struct stream_thin thin; /* its windows are NULL where all is written as it comes */
	struct stream_writer writer;
};

static void free_recorder(struct recorder *recorder) {
	if (recorder)
		stream_thin_free(&recorder->thin);
	free(recorder);
}

/* What is there is replaced by what is whole alone. Where nothing is, what comes but once has its name from the begin:
 * of a recorder that is killed it leaves what came until then. */
static bool open_file(struct recorder *recorder, const struct stream_request *request, bool comes_once) {
	if (!comes_once || files_holds_something(request->out))
		return files_begin(request->out, 0, &recorder->fresh);
	struct stat status;
	recorder->is_new = lstat(request->out, &status) != 0;
	int file = files_open_to_write(request->out, 0);
	recorder->fresh.file = file >= 0 ? fdopen(file, "wb") : NULL;
	return recorder->fresh.file != NULL;
}

/* NULL, with a line on standard error. The caller's, until close_recorder. */
static struct recorder *open_recorder(const struct stream_request *request, const struct stream_note *note,
				      bool comes_once) {
	struct recorder *recorder = calloc(1, sizeof(*recorder));
	bool ready = recorder &&
		     (!request->sample || stream_thin_start(&recorder->thin, STREAM_THIN_WINDOW, STREAM_THIN_WINDOWS));
	bool opened = ready && open_file(recorder, request, comes_once);
	if (!opened || fseek(recorder->fresh.file, 0, SEEK_CUR) != 0) {
		output_say(stderr, "%s: %s\n", request->out,
			   errno == ESPIPE ? "a stream's head is written last: a plain file is needed"
					   : strerror(errno));
		if (opened)
			files_end(request->out, false, &recorder->fresh);
		free_recorder(recorder);
		return NULL;
	}
	recorder->filter = request->filter;
	recorder->name = request->out;
	struct stream_note kept = *note;
	kept.has_fetches = note->has_fetches && !request->filter.data_only;
	stream_writer_start(&recorder->writer, recorder->fresh.file, &kept);
	return recorder;
}

/* `good`: all that was to be written came. 0, or 2 and a line on standard error. What has no event takes the place of
 * no stream that is there. */
static int close_recorder(struct recorder *recorder, bool good) {
	struct stream_writer *writer = &recorder->writer;
	if (good && recorder->thin.windows)
		stream_write_thin(writer, &recorder->thin);
	bool empty = writer->note.accesses == 0;
	bool written = !good || !writer->begun || stream_writer_end(writer);
	int error = writer->error;
	if (!files_end(recorder->name, good && written && !empty, &recorder->fresh) && good && written && !empty) {
		written = false;
		error = errno;
	}
	if (recorder->is_new && !writer->begun)
		unlink(recorder->name);
	if (!written)
		output_say(stderr, "%s: %s\n", recorder->name, strerror(error));
	else if (good && empty)
		output_say(stderr, "%s: no access in it, or none after those to skip\n", recorder->name);
	free_recorder(recorder);
	return good && written && !empty ? 0 : 2;
}

static void take(struct recorder *recorder, const struct stream_event *event) {
	if (!stream_filter_takes(&recorder->filter, event))
		return;
	if (recorder->thin.windows)
		stream_thin_take(&recorder->thin, event);
	else
		stream_write(&recorder->writer, *event);
}

/* Somebody can ask for the end of what listens for it alone: a file that is converted. */
static bool is_enough(const struct recorder *recorder) {
	return recorder->filter.count == 0 || recorder->writer.failed || platform_interrupted();
}

/* ---- lackey's lines ---------------------------------------------------------------------------------------------- */

struct lines {
	FILE *file;
	char *line; /* freed by who reads them */
	size_t capacity;
};

/* Lines that are none are passed over. false: there is no further one. */
static bool next_access(struct lines *lines, struct stream_event *event) {
	ssize_t length;
	while ((length = getline(&lines->line, &lines->capacity, lines->file)) > 0) {
		if (lines->line[length - 1] == '\n')
			length--;
		if (lackey_parse(lines->line, (size_t)length, event))
			return true;
	}
	return false;
}

/* How many lines were accesses. */
static uint64_t take_lines(struct recorder *recorder, struct lines *lines) {
	struct stream_event event;
	uint64_t found = 0;
	for (; !is_enough(recorder) && next_access(lines, &event); found++)
		take(recorder, &event);
	return found;
}

static const struct stream_note lackey_note = {
	.address_bits = LINUX_ADDRESS_BITS, .page_shift = LINUX_PAGE_SHIFT, .has_fetches = true, .source = "lackey"};

static int convert_lines(const struct stream_request *request, FILE *file, const char *name) {
	struct lines lines = {.file = file};
	bool comes_once = file == stdin;
	struct stream_event first;
	bool found = next_access(&lines, &first);
	struct recorder *recorder = found ? open_recorder(request, &lackey_note, comes_once) : NULL;
	if (!found)
		output_say(stderr, "%s: neither an address stream nor lines of lackey's --trace-mem=yes\n", name);
	if (recorder) {
		take(recorder, &first);
		(void)take_lines(recorder, &lines);
	}
	free(lines.line);
	return recorder ? close_recorder(recorder, !platform_interrupted()) : 2;
}

/* ---- streams ----------------------------------------------------------------------------------------------------- */

static int convert_stream(const struct stream_request *request, FILE *file, const char *name) {
	enum { EVENTS = 4096 };
	struct stream_event events[EVENTS];
	struct text complaint = {0};
	struct stream_reader *reader = stream_open(file, name, STREAM_SALVAGE, &complaint);
	struct recorder *recorder = reader ? open_recorder(request, stream_note(reader), false) : NULL;
	long count = 0;
	while (recorder && !is_enough(recorder) && (count = stream_read(reader, events, EVENTS, &complaint)) > 0)
		for (long i = 0; i < count; i++)
			take(recorder, &events[i]);
	bool good = !output_complain(&complaint);
	if (recorder && good && !stream_note(reader)->finished && !platform_interrupted())
		output_say(stderr, "%s: was not finished: what is whole is kept\n", name);
	int status = recorder ? close_recorder(recorder, good && !platform_interrupted()) : 2;
	stream_close(reader);
	return status;
}

int stream_convert(const struct stream_request *request, const char *input) {
	struct text complaint = {0};
	if (strcmp(input, "-") == 0)
		return convert_lines(request, stdin, "standard input");
	if (output_refuses(request->out, &input, 1, false))
		return 2;
	FILE *file = files_open(input, &complaint);
	if (output_complain(&complaint) || !file)
		return 2;
	guard_listen_for_end();
	int status = stream_is_one(file) ? convert_stream(request, file, input) : convert_lines(request, file, input);
	fclose(file);
	return platform_interrupted() ? interrupted_status() : status;
}

/* ---- signals ----------------------------------------------------------------------------------------------------- */

static const int passed_on[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};
enum { PASSED_ON = sizeof(passed_on) / sizeof(passed_on[0]) };

static volatile pid_t recorded; /* 0: nobody */

/* What a terminal sends goes to the program anyhow; what a process sends to us would not. */
static void pass_on(int number, siginfo_t *info, void *unused) {
	int error = errno;
	(void)unused;
	if (info->si_code <= 0 && recorded > 0)
		kill(recorded, number);
	errno = error;
}

static void hold_signals(sigset_t *before) {
	sigset_t set;
	sigemptyset(&set);
	for (size_t i = 0; i < PASSED_ON; i++)
		sigaddset(&set, passed_on[i]);
	sigprocmask(SIG_BLOCK, &set, before);
}

/* The first of each ends the program, and we keep what was recorded until then; a second one ends us. */
static void pass_signals_to(pid_t child) {
	const struct sigaction action = {.sa_sigaction = pass_on, .sa_flags = SA_SIGINFO | SA_RESTART | SA_RESETHAND};
	recorded = child;
	for (size_t i = 0; i < PASSED_ON; i++)
		sigaction(passed_on[i], &action, NULL);
}

/* ---- a program --------------------------------------------------------------------------------------------------- */

/* Valgrind and its words before the program's. NULL: memory ended. */
static char **words_of_valgrind(char **words, int lines) {
	static char valgrind[] = "valgrind", tool[] = "--tool=lackey", trace[] = "--trace-mem=yes",
		    silent[] = "--child-silent-after-fork=yes",
		    no_debugger[] = "--vgdb=no"; /* its pipes would stay in $TMPDIR where the child is killed */
	static char log[32];
	char *before[] = {valgrind, tool, trace, silent, no_debugger, log};
	size_t count = 0, own = sizeof(before) / sizeof(before[0]);
	while (words[count])
		count++;
	char **all = calloc(own + count + 1, sizeof(*all));
	snprintf(log, sizeof(log), "--log-fd=%d", lines);
	if (all) {
		memcpy(all, before, sizeof(before));
		memcpy(all + own, words, count * sizeof(*words));
	}
	return all;
}

/* The child of `fork`. It ends with us, however we end: nobody else reads its lines. */
_Noreturn static void become(char **words, int lines, pid_t parent) {
	char **all = words_of_valgrind(words, lines);
	if (all && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent)
		execvp(all[0], all);
	output_say(stderr, "valgrind: %s%s\n", strerror(errno),
		   errno == ENOENT ? ": Debian's package is valgrind" : "");
	_exit(2);
}

static int status_of(int how) {
	return WIFSIGNALED(how) ? 128 + WTERMSIG(how) : WEXITSTATUS(how);
}

/* Takes what the child writes, until it ends or there is enough; then it is not waited for. */
static int take_program(struct recorder *recorder, FILE *file, pid_t child) {
	struct lines lines = {.file = file};
	uint64_t found = take_lines(recorder, &lines);
	free(lines.line);
	bool enough = is_enough(recorder);
	int how = 0;
	siginfo_t ended;
	if (enough)
		kill(child, SIGKILL);
	/* Once it is waited for, its number may be another's. */
	while (waitid(P_PID, (id_t)child, &ended, WEXITED | WNOWAIT) < 0 && errno == EINTR)
		continue;
	recorded = 0;
	waitpid(child, &how, 0);
	int saved = close_recorder(recorder, found > 0);
	if (saved != 0)
		return saved;
	return enough ? 0 : status_of(how);
}

int stream_record(const struct stream_request *request, char **words) {
	int ends[2];
	struct recorder *recorder = open_recorder(request, &lackey_note, true);
	if (!recorder)
		return 2;
	sigset_t before;
	hold_signals(&before);
	pid_t parent = getpid(), child = pipe2(ends, O_CLOEXEC) == 0 ? fork() : -1;
	if (child == 0) {
		sigprocmask(SIG_SETMASK, &before, NULL);
		fcntl(ends[1], F_SETFD, 0);
		become(words, ends[1], parent);
	}
	if (child > 0) {
		pass_signals_to(child);
		close(ends[1]);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	FILE *lines = child > 0 ? fdopen(ends[0], "r") : NULL;
	if (!lines) {
		output_say(stderr, "%s: cannot be started: %s\n", words[0], strerror(errno));
		close_recorder(recorder, false);
		return 2;
	}
	int status = take_program(recorder, lines, child);
	fclose(lines);
	return status;
}
