/* SPDX-License-Identifier: Apache-2.0
 *
 * Why a row takes another time on Linux than in the image: a sentence for each, by how its name begins; of several the
 * longest.
 */
#include "hosted/verdict/os_tax.h"

#include <string.h>

static const struct {
	const char *begin, *why;
} reasons[] = {
	{"os/call",
	 "Linux: SYSCALL or SVC and what its mitigations do at the door; the image: a fault or SVC that saves "
	 "every register."},
	{"os/clock", "Linux: the vDSO orders, reads and scales the counter; the image's program reads the counter."},
	{"os/fault",
	 "Linux: a signal frame is built, the handler runs, and sigreturn puts all back; the image: the fault is "
	 "written to memory, and the program goes on at its handler."},
	{"os/wake",
	 "Linux: futex, the scheduler on both cores, and the way out of idle; the image: an interrupt or event "
	 "to a halted core, in three calls (start, join, rest)."},
	{"os/map/4KiB/1",
	 "Linux: mmap keeps books (a VMA), the first store faults, and munmap tells TLBs; the image: two "
	 "calls that write one entry, and the program clears the page."},
	{"os/map/4KiB/256",
	 "Linux: a fault a page; the image: one call that writes 256 entries, and the program clears "
	 "them."},
	{"os/map/2MiB",
	 "Both clear 2 MiB, most of it where hardware runs their kernels; Linux also looks for a free huge page."},
	{"os/touch/4KiB",
	 "Linux: a fault, a page from the allocator, cleared, counted; the image: a fault that gives back "
	 "the page that was taken, which the program clears."},
	{"os/touch/2MiB",
	 "Both clear 2 MiB, most of it where hardware runs their kernels; Linux also looks for a free huge page."},
	{"os/protect/",
	 "Linux: mprotect splits and merges VMAs before it writes entries; the image writes the entries."},
	{"machine/pages/call", "Linux: getppid by syscall; the image: a call, and a walk that checks the range."},
	{"machine/pages/protect",
	 "Linux: two mprotect calls a round; the image: its kernel's own loop over the entries, "
	 "256 pages a call."},
	{"machine/pages/remap",
	 "Linux: munmap and mmap of fresh, cleared pages; the image: entries are taken out and put "
	 "back."},
	{"machine/pages/fault",
	 "Linux: a fresh page, cleared; the image: the same page is given back, nothing is cleared."},
	{"machine/pages/shootdown",
	 "Both interrupt every other core (aarch64: broadcast), Linux by mprotect with its books."},
	{"machine/pages/reach",
	 "The processor walks by itself on both; Linux's pages of 4 KiB are scattered, the image's "
	 "are neighbours, whose entries some TLBs keep as one."},
	{"machine/pages/held", "The same lines in pages of 2 MiB; Linux has those where it found some free."},
	{"machine/latency/4KiB", "Linux's pages of 4 KiB lie where there was room, the image's are neighbours."},
	{"machine/latency/2MiB", "A guest's page of 2 MiB is one only where its host backs it with one."},
	{"machine/cores/pair", "Nobody sleeps: the line goes from cache to cache, whoever runs the cores."},
};

/* The last part of a name begins so where the C library's allocator is measured. */
static const char library[] = "standard";
static const char library_why[] = "Another allocator: glibc's on Linux, newlib's in the image, which was written to be "
				  "small.";

const char *os_tax_why(const char *benchmark) {
	const char *why = "", *last = strrchr(benchmark, '/');
	size_t longest = 0;
	if (strncmp(last ? last + 1 : benchmark, library, sizeof(library) - 1) == 0)
		return library_why;
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		size_t length = strlen(reasons[i].begin);
		if (length <= longest || strncmp(benchmark, reasons[i].begin, length) != 0)
			continue;
		longest = length;
		why = reasons[i].why;
	}
	return why;
}
