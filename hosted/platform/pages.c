/* SPDX-License-Identifier: Apache-2.0
 *
 * Page tables on Linux: the system calls that a program has for platform_pages_repeat. What they cost is the kernel's
 * work on its own books as well as on the page tables.
 */
#include "lib/units.h"
#include "platform.h"

#include <stdbool.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool nothing(void *memory, size_t bytes) {
	(void)memory, (void)bytes;
	return syscall(SYS_getppid) >= 0;
}

static bool protect(void *memory, size_t bytes) {
	return mprotect(memory, bytes, PROT_READ) == 0 && mprotect(memory, bytes, PROT_READ | PROT_WRITE) == 0;
}

static bool remap(void *memory, size_t bytes) {
	const int fixed = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_POPULATE;
	return munmap(memory, bytes) == 0 && mmap(memory, bytes, PROT_READ | PROT_WRITE, fixed, -1, 0) != MAP_FAILED;
}

static bool withhold(void *memory, size_t bytes) {
	return madvise(memory, bytes, MADV_DONTNEED) == 0;
}

static bool (*const works[PLATFORM_PAGE_WORKS])(void *memory, size_t bytes) = {
	[PLATFORM_PAGES_NOTHING] = nothing,
	[PLATFORM_PAGES_PROTECT] = protect,
	[PLATFORM_PAGES_REMAP] = remap,
	[PLATFORM_PAGES_WITHHOLD] = withhold,
};

int platform_pages_repeat(const struct platform_page_request *request) {
	if (request->work >= PLATFORM_PAGE_WORKS || request->bytes == 0 || request->page_bytes == 0 ||
	    request->bytes % request->page_bytes != 0)
		return PLATFORM_EINVAL;
	bool (*const work)(void *memory, size_t bytes) = works[request->work];
	/* What is mapped afresh is in small pages. */
	if (work == NULL || (work == remap && request->page_bytes != PAGE_BYTES))
		return PLATFORM_EUNSUPPORTED;
	for (uint64_t round = 0; round < request->rounds; round++)
		if (!work(request->memory, request->bytes))
			return PLATFORM_EIO;
	return 0;
}

int platform_page_exchange(void *page, void *other, enum platform_exchange told) {
	(void)page, (void)other, (void)told;
	return PLATFORM_EUNSUPPORTED;
}
