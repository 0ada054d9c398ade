/* SPDX-License-Identifier: Apache-2.0
 *
 * platform_memory_* on Linux. A mapping is reserved whole, guards included, and its middle is then mapped over: 4
 * KiB pages, huge pages of the kernel's pool, or where that is empty aligned memory that the kernel is asked to back
 * with huge pages by itself.
 *
 * A scattered mapping lies somewhere within a larger reservation, a little behind its alignment, and its small pages
 * are touched in random order: the kernel hands out physical pages as they are touched.
 */
#include "hosted/platform/memory.h"

#include "hosted/platform/sysfs.h"
#include "lib/splitmix.h"
#include "lib/units.h"
#include "platform.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>

enum { MAPPINGS_MAX = 64, LINE_PAIR = 128, SKIPPED_PAGES = 256 };

#define GIGA_PAGE      (UINT64_C(1) << 30)
#define HUGE_SHIFT_POS 26 /* MAP_HUGE_SHIFT of linux/mman.h: the page size's logarithm in mmap's flags */

struct mapping {
	void *reserved; /* NULL: free */
	size_t reserved_bytes;
	void *memory;
	size_t bytes;
};

static struct mapping mappings[MAPPINGS_MAX];

/* State of the numbers that place mappings; 0: they lie where the kernel puts them. */
static uint64_t scatter;

static int protection(unsigned flags) {
	return (flags & PLATFORM_MEMORY_READ ? PROT_READ : 0) | (flags & PLATFORM_MEMORY_WRITE ? PROT_WRITE : 0) |
	       (flags & PLATFORM_MEMORY_EXECUTE ? PROT_EXEC : 0);
}

static bool is_write_and_execute(unsigned flags) {
	return (flags & PLATFORM_MEMORY_WRITE) && (flags & PLATFORM_MEMORY_EXECUTE);
}

static bool huge_pages_by_request(void) {
	char chosen[16];
	sysfs_read_chosen("/sys/kernel/mm/transparent_hugepage/enabled", chosen, sizeof(chosen));
	return chosen[0] && strcmp(chosen, "never") != 0;
}

static bool pool_has(const char *size) {
	char path[128], line[32];
	snprintf(path, sizeof(path), "/sys/kernel/mm/hugepages/hugepages-%s/free_hugepages", size);
	sysfs_read_line(path, line, sizeof(line));
	return atoi(line) > 0;
}

uint32_t memory_page_sizes(void) {
	uint32_t sizes = PLATFORM_PAGE_4KIB;
	if (huge_pages_by_request() || pool_has("2048kB"))
		sizes |= PLATFORM_PAGE_2MIB;
	if (pool_has("1048576kB"))
		sizes |= PLATFORM_PAGE_1GIB;
	return sizes;
}

static struct mapping *find(const void *memory) {
	for (size_t i = 0; i < MAPPINGS_MAX; i++)
		if (mappings[i].reserved && mappings[i].memory == memory)
			return &mappings[i];
	return NULL;
}

static struct mapping *find_free(void) {
	for (size_t i = 0; i < MAPPINGS_MAX; i++)
		if (!mappings[i].reserved)
			return &mappings[i];
	return NULL;
}

static size_t round_up(size_t bytes, size_t unit) {
	return (bytes + unit - 1) / unit * unit;
}

void platform_memory_scatter(uint64_t seed) {
	scatter = seed;
}

/* Below `bound`, and 0 where nothing is scattered. */
static size_t scatter_below(size_t bound) {
	return scatter ? (size_t)(splitmix64_next(&scatter) % bound) : 0;
}

/* Each page once, in order where nothing is scattered: the step is a prime, and no number of pages below it
 * shares a factor with it. */
static void touch(char *memory, size_t bytes) {
	static const size_t steps[] = {1000003, 2000003, 3000017, 4000037, 5000011, 6000011, 7000003, 8000009};
	enum { STEPS = sizeof(steps) / sizeof(steps[0]) };
	size_t pages = bytes / PAGE_BYTES, at = scatter_below(pages), step = steps[scatter_below(STEPS)];
	if (!scatter || pages >= steps[0])
		step = 1;
	for (size_t i = 0; i < pages; i++, at = (at + step) % pages)
		memset(memory + at * PAGE_BYTES, 0, PAGE_BYTES);
}

/* Pages of `page_bytes` at `memory`, writable for now; false: there are none. */
static bool map_pages(void *memory, size_t bytes, size_t page_bytes) {
	const int fixed = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_POPULATE;
	int shift = page_bytes == GIGA_PAGE ? 30 : 21;
	if (page_bytes != PAGE_BYTES && mmap(memory, bytes, PROT_READ | PROT_WRITE,
					     fixed | MAP_HUGETLB | shift << HUGE_SHIFT_POS, -1, 0) != MAP_FAILED)
		return true;
	if (page_bytes == GIGA_PAGE || (page_bytes == LARGE_PAGE_BYTES && !huge_pages_by_request()))
		return false;
	int populate = page_bytes == PAGE_BYTES && !scatter ? MAP_POPULATE : 0;
	if (mmap(memory, bytes, PROT_READ | PROT_WRITE, (fixed & ~MAP_POPULATE) | populate, -1, 0) == MAP_FAILED)
		return false;
	if (page_bytes == LARGE_PAGE_BYTES && madvise(memory, bytes, MADV_HUGEPAGE) != 0)
		return false;
	touch(memory, bytes);
	return true;
}

int platform_memory_map(size_t bytes, size_t page_bytes, unsigned flags, void **memory) {
	if (bytes == 0 || bytes > SIZE_MAX / 4 || is_write_and_execute(flags) ||
	    (page_bytes != PAGE_BYTES && page_bytes != LARGE_PAGE_BYTES && page_bytes != GIGA_PAGE))
		return PLATFORM_EINVAL;
	if (flags & PLATFORM_MEMORY_CONTIGUOUS)
		return PLATFORM_EUNSUPPORTED;
	struct mapping *mapping = find_free();
	size_t behind = LINE_PAIR * scatter_below(PAGE_BYTES / LINE_PAIR),
	       skipped = PAGE_BYTES * scatter_below(SKIPPED_PAGES);
	bytes = round_up(bytes + behind, page_bytes);
	size_t reserved_bytes = bytes + round_up(skipped, page_bytes) + 2 * page_bytes;
	if (!mapping)
		return PLATFORM_ENOMEM;
	char *reserved = mmap(NULL, reserved_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (reserved == MAP_FAILED)
		return PLATFORM_ENOMEM;
	/* At least one small page lies before it, and one behind. */
	char *middle = (char *)round_up((size_t)reserved + skipped + PAGE_BYTES, page_bytes);
	if (!map_pages(middle, bytes, page_bytes) || mprotect(middle, bytes, protection(flags)) != 0) {
		munmap(reserved, reserved_bytes);
		return page_bytes == PAGE_BYTES ? PLATFORM_ENOMEM : PLATFORM_EUNSUPPORTED;
	}
	*memory = middle + behind;
	*mapping = (struct mapping){reserved, reserved_bytes, *memory, bytes - behind};
	return 0;
}

int platform_memory_protect(void *memory, size_t bytes, unsigned flags) {
	if (is_write_and_execute(flags))
		return PLATFORM_EINVAL;
	size_t behind = (size_t)memory % PAGE_BYTES;
	return mprotect((char *)memory - behind, bytes + behind, protection(flags)) == 0 ? 0 : PLATFORM_EINVAL;
}

int platform_memory_unmap(void *memory, size_t bytes) {
	struct mapping *mapping = find(memory);
	if (!mapping || bytes == 0 || bytes > mapping->bytes)
		return PLATFORM_EINVAL;
	munmap(mapping->reserved, mapping->reserved_bytes);
	mapping->reserved = NULL;
	return 0;
}

uint64_t platform_memory_free_bytes(void) {
	char line[128];
	unsigned long long kib;
	struct sysinfo info;
	bool known = false;
	FILE *file = fopen("/proc/meminfo", "re");
	while (file && !known && fgets(line, sizeof(line), file))
		known = sscanf(line, "MemAvailable: %llu kB", &kib) == 1;
	if (file)
		fclose(file);
	if (known)
		return kib * 1024;
	/* Without what could be taken from the page cache. */
	return sysinfo(&info) == 0 ? (uint64_t)(info.freeram + info.bufferram) * info.mem_unit : 0;
}
