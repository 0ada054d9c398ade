/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/platform/streams.h"

#include "hosted/platform/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* What was to be said was not: the exit status, whatever it would have been. */
enum { STATUS_UNSAID = 2 };

static const struct stream_listener *const nobody[] = {NULL};

static struct {
	const struct stream_listener *const *listeners;
	bool text_muted;
	int text_error; /* errno of the first write that failed; 0: none did */
	struct platform_text earlier;
} streams = {.listeners = nobody};

void streams_listen(const struct stream_listener *const *listeners) {
	streams.listeners = listeners;
}

void streams_mute_text(void) {
	streams.text_muted = true;
}

int streams_resume(const char *name, const char **why) {
	struct stat status;
	int file = open(name, O_RDONLY | O_CLOEXEC);
	void *bytes = MAP_FAILED;
	*why = file >= 0 ? "nothing in it" : strerror(errno);
	if (file >= 0 && fstat(file, &status) == 0 && S_ISDIR(status.st_mode))
		*why = strerror(EISDIR);
	else if (file >= 0 && status.st_size > 0)
		bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
	if (file >= 0)
		close(file);
	if (bytes == MAP_FAILED)
		return PLATFORM_EIO;
	streams.earlier = (struct platform_text){bytes, (size_t)status.st_size};
	return 0;
}

/* What is opened later must not take the place of a standard stream that is closed: text would go into a results file.
 * Opened for the other direction, they answer as closed ones do. */
__attribute__((constructor)) static void hold_closed_streams(void) {
	for (int file = STDIN_FILENO; file <= STDERR_FILENO; file++)
		if (fcntl(file, F_GETFD) < 0 && errno == EBADF)
			(void)!open("/dev/null", file == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int streams_write_all(int file, const void *bytes, size_t length) {
	const char *at = bytes;
	while (length > 0) {
		ssize_t written = write(file, at, length);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return PLATFORM_EIO;
		at += written;
		length -= (size_t)written;
	}
	return 0;
}

static int write_text(const void *bytes, size_t length) {
	int status = streams_write_all(STDOUT_FILENO, bytes, length);
	if (status != 0 && streams.text_error == 0)
		streams.text_error = errno;
	return status;
}

/* 0: at least one wanted it; else the last one's error. */
static int tell(enum platform_stream stream, const void *bytes, size_t length) {
	int status = PLATFORM_EUNSUPPORTED;
	for (size_t i = 0; streams.listeners[i]; i++) {
		int one = streams.listeners[i]->take(stream, bytes, length);
		if (status != 0 && one != PLATFORM_EUNSUPPORTED)
			status = one;
	}
	return status;
}

int platform_write(enum platform_stream stream, const void *bytes, size_t length) {
	if (stream == PLATFORM_STREAM_RECORD)
		guard_listen_for_end(); /* whoever has seen a record may ask for an end of the run */
	if (stream == PLATFORM_STREAM_PICTURE)
		return PLATFORM_EUNSUPPORTED;
	int told = tell(stream, bytes, length);
	switch (stream) {
	case PLATFORM_STREAM_TEXT:
		return streams.text_muted ? 0 : write_text(bytes, length);
	case PLATFORM_STREAM_ERROR:
		return streams_write_all(STDERR_FILENO, bytes, length);
	case PLATFORM_STREAM_RECORD:
		return told == PLATFORM_EUNSUPPORTED ? 0 : told;
	case PLATFORM_STREAM_RESULTS:
		return told;
	case PLATFORM_STREAM_PICTURE:
		break;
	}
	return PLATFORM_EINVAL;
}

int platform_results_close(void) {
	return 0;
}

struct platform_text platform_config(void) {
	return (struct platform_text){NULL, 0};
}

struct platform_text platform_previous_log(void) {
	return streams.earlier;
}

/* Of what went to standard output, by these streams or by the C library's. */
static bool said_all(void) {
	if (fflush(stdout) != 0 && streams.text_error == 0)
		streams.text_error = errno;
	if (ferror(stdout) && streams.text_error == 0)
		streams.text_error = EIO;
	if (streams.text_error != 0)
		fprintf(stderr, "standard output: %s\n", strerror(streams.text_error));
	return streams.text_error == 0;
}

_Noreturn void platform_exit(int status) {
	for (size_t i = 0; streams.listeners[i]; i++)
		if (streams.listeners[i]->finish)
			status = streams.listeners[i]->finish(status);
	exit(said_all() ? status : STATUS_UNSAID);
}
