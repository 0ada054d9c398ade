/* SPDX-License-Identifier: Apache-2.0
 *
 * What newlib asks of the system under it: output, and memory for malloc. There are no files, no input and no other
 * process. newlib's x86_64 calls these by their plain names, its aarch64 with a leading underscore; both are here.
 */
#include "kernel/gate.h"
#include "kernel/user/gate_call.h"
#include "platform.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>

#define NEWLIB_NAMES(name) __attribute__((alias(#name), visibility("default")))

enum { STDOUT = 1, STDERR = 2, HEAP_STEP_BYTES = 64 * 1024 };

/* Steps of HEAP_STEP_BYTES, so that malloc does not enter the kernel for every page. The heap never shrinks. */
void *_sbrk(ptrdiff_t increment);
void *_sbrk(ptrdiff_t increment) {
	static uintptr_t end, mapped_end;
	if (end == 0)
		end = mapped_end = GATE_HEAP_BASE;
	if (increment < 0) {
		errno = ENOMEM;
		return (void *)-1;
	}
	if ((size_t)increment > mapped_end - end) {
		size_t missing = (size_t)increment - (mapped_end - end);
		size_t bytes = (missing + HEAP_STEP_BYTES - 1) / HEAP_STEP_BYTES * HEAP_STEP_BYTES;
		if (bytes < missing || gate_call(GATE_HEAP_GROW, bytes, 0, 0) < 0) {
			errno = ENOMEM;
			return (void *)-1;
		}
		memset((void *)mapped_end, 0, bytes);
		mapped_end += bytes;
	}
	void *old = (void *)end;
	end += (size_t)increment;
	return old;
}

int _write(int file, const void *bytes, size_t length);
int _write(int file, const void *bytes, size_t length) {
	if (file != STDOUT && file != STDERR) {
		errno = EBADF;
		return -1;
	}
	if (platform_write(file == STDOUT ? PLATFORM_STREAM_TEXT : PLATFORM_STREAM_ERROR, bytes, length) != 0) {
		errno = EIO;
		return -1;
	}
	return (int)length;
}

int _read(int file, void *bytes, size_t length);
int _read(int file, void *bytes, size_t length) {
	(void)file, (void)bytes, (void)length;
	return 0;
}

int _close(int file);
int _close(int file) {
	(void)file;
	return 0;
}

off_t _lseek(int file, off_t offset, int whence);
off_t _lseek(int file, off_t offset, int whence) {
	(void)file, (void)offset, (void)whence;
	errno = ESPIPE;
	return -1;
}

/* A character device and a terminal: newlib then buffers lines. */
int _fstat(int file, struct stat *status);
int _fstat(int file, struct stat *status) {
	(void)file;
	memset(status, 0, sizeof(*status));
	status->st_mode = S_IFCHR;
	return 0;
}

int _isatty(int file);
int _isatty(int file) {
	(void)file;
	return 1;
}

int _getpid(void);
int _getpid(void) {
	return 1;
}

/* abort() and raise(): there is no signal; the programme ends as after a failed benchmark. */
int _kill(int process, int signal);
int _kill(int process, int signal) {
	(void)process, (void)signal;
	platform_exit(4);
}

_Noreturn void _exit(int status);
_Noreturn void _exit(int status) {
	platform_exit(status);
}

void *sbrk(ptrdiff_t increment) NEWLIB_NAMES(_sbrk);
int write(int file, const void *bytes, size_t length) NEWLIB_NAMES(_write);
int read(int file, void *bytes, size_t length) NEWLIB_NAMES(_read);
int close(int file) NEWLIB_NAMES(_close);
off_t lseek(int file, off_t offset, int whence) NEWLIB_NAMES(_lseek);
int fstat(int file, struct stat *status) NEWLIB_NAMES(_fstat);
int isatty(int file) NEWLIB_NAMES(_isatty);
int getpid(void) NEWLIB_NAMES(_getpid);
int kill(int process, int signal) NEWLIB_NAMES(_kill);
