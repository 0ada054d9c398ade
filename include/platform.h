/* SPDX-License-Identifier: Apache-2.0
 *
 * THE seam: all that the programme (bench/, mem/, simd/) may ask of what is under it. Implemented by kernel/user/
 * through the gate (the image) and by hosted/platform/ (Linux). The programme reads its ticks itself (bench/ticks.h):
 * RDTSC and CNTVCT need no privilege, so that the timed code is the same objects on both.
 *
 * Unless said otherwise: called from the first core only, not from within a guarded function, not re-entrant.
 * Functions return 0 or a negative enum platform_error; results come through out-parameters.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum platform_error {
	PLATFORM_ENOMEM = -1,       /* not enough memory */
	PLATFORM_EINVAL = -2,       /* an argument is out of its range */
	PLATFORM_EUNSUPPORTED = -3, /* this platform has no such thing */
	PLATFORM_EIO = -4,          /* the medium failed, is full or read-only */
	PLATFORM_EBUSY = -5,        /* it still runs what it was given */
	PLATFORM_EFAULT = -6,       /* what it was given ended in a fault */
};

/* ---- describe yourself ------------------------------------------------------------------------------------------- */

enum {
	PLATFORM_PAGE_4KIB = 1u << 0,
	PLATFORM_PAGE_2MIB = 1u << 1,
	PLATFORM_PAGE_1GIB = 1u << 2,
};

/* The parts of the way from the image's kernel to the programme, in their order. */
enum platform_phase {
	PLATFORM_PHASE_CONSOLE,
	PLATFORM_PHASE_PROCESSOR,
	PLATFORM_PHASE_CLOCK,
	PLATFORM_PHASE_MEMORY,   /* page allocator and page tables */
	PLATFORM_PHASE_RECORDER, /* the records' own channel */
	PLATFORM_PHASE_PROGRAMME,
	PLATFORM_PHASE_COUNT,
};

/* Strings are terminated and empty where unknown. */
struct platform_info {
	char architecture[16]; /* "x86_64", "aarch64" */
	char way[16];          /* "hosted", "uefi", "pvh" */
	char hold[16];         /* "process", "takeover", "handback" */
	char entry_level[16];  /* "ring 3", "ring 0", "EL1", "EL2": privilege at entry */
	char cpu_model[64];    /* CPUID brand string, or MIDR decoded */
	char firmware[64];     /* or kernel release, hosted */
	char hypervisor[32];   /* "KVM", "TCG", "none", "unknown" */
	char emulated[96];     /* why figures are functional only; empty: they are the hardware's */
	char console[64];      /* what the console goes to: "COM1, framebuffer 1024x768" */
	uint32_t columns;      /* of a line that people read; 0: nobody says */
	uint32_t cores;        /* present */
	uint32_t cores_usable; /* by this programme, the first one included: platform_core_start's are below it */
	uint32_t page_sizes;   /* PLATFORM_PAGE_*: what memory_map can give */
	uint64_t memory_bytes; /* RAM that the programme could be given at its start */
	uint64_t start_ticks;  /* ticks at kernel entry, or at process start */
	uint64_t boot_ticks;   /* ticks as the way in was entered; equal to start_ticks where nothing came before */
	uint64_t utc_seconds;  /* since 1970, at utc_ticks; 0: not known */
	uint64_t utc_ticks;
	char utc_source[32];                        /* "clock_gettime", "EFI GetTime", "kvmclock" */
	uint64_t phase_ticks[PLATFORM_PHASE_COUNT]; /* ticks at each one's end; all 0 where there was no such way */
};

/* Valid and unchanging for the whole run. */
const struct platform_info *platform_describe(void);

/* What else this platform says about itself, for the results' context: a name in the style of a JSON key, and text.
 * Ends with a NULL name. Hosted: pinning, huge pages, governor, mitigations, microcode. */
struct platform_fact {
	const char *name;
	const char *value;
};
const struct platform_fact *platform_facts(void);

/* ---- what the machine says of itself, raw ------------------------------------------------------------------------ */

/* Facts cross this seam as bytes with a source; what they mean is caps/'s to say. */
enum platform_raw_kind {
	/* A logical CPU that could be asked; what follows, up to the next of these, is its own. `id` 1: the one that
	 * the caller stays on; else 0. */
	PLATFORM_RAW_CPU,
	PLATFORM_RAW_LEAF,     /* x86_64: CPUID of leaf `id`, subleaf `sub_id`; bytes: EAX, EBX, ECX, EDX */
	PLATFORM_RAW_REGISTER, /* aarch64: register `name`; bytes: its 8. CCSIDR_EL1: `id` is CSSELR_EL1 */
	PLATFORM_RAW_PROBE,    /* bytes: the 8 that the reader's probe returned there */
	PLATFORM_RAW_CPU_WORD, /* what an operating system says of this CPU; bytes: text; `name` as below /sys' cpuN/ */
	PLATFORM_RAW_TABLE,    /* bytes: an ACPI table, from its signature on; of the machine, as all that follows */
	PLATFORM_RAW_SMBIOS,   /* bytes: the structure table */
	PLATFORM_RAW_WORD,     /* what an operating system says of the machine, likewise */
	PLATFORM_RAW_REFUSED,  /* `name` could not be read; bytes: why, as text */
};

/* All of it borrowed for the time of the call; `name` and `source` are terminated, or NULL where there is none. */
struct platform_raw {
	enum platform_raw_kind kind;
	uint32_t cpu; /* as Linux counts them; in the image the first core is 0 and the MADT's order goes on */
	uint32_t id, sub_id;
	const char *name, *source;
	const void *bytes;
	size_t length;
};

struct platform_raw_reader {
	void (*take)(void *argument, const struct platform_raw *raw);
	void *argument;
	uint64_t (*probe)(void); /* run once on each CPU, unprivileged; calls nothing of this header. NULL: none */
	bool brief;              /* no core of the image is started for it */
};

/* Reads it anew and hands it over piece by piece, from the caller's core. Needs no privilege and changes nothing; takes
 * milliseconds: never within a timed region or a guarded function. */
void platform_raw_read(const struct platform_raw_reader *reader);

/* ---- clock ------------------------------------------------------------------------------------------------------- */

struct platform_clock {
	uint64_t hz; /* ticks a second: the best estimate so far, over the whole run where there is a reference */
	uint64_t hz_second;     /* what the second source says; 0: there is none */
	uint64_t span_ns;       /* time over which hz was taken; 0: stated by the machine, not taken */
	char counter[16];       /* "TSC", "CNTVCT" */
	char source[32];        /* where hz comes from: "CPUID 0x15", "kvmclock", "PIT", "CNTFRQ" */
	char source_second[32]; /* empty: there is none */
	bool invariant;         /* the machine promises a constant rate */
};

/* Takes one more reading of the reference and gives the estimate over the run so far. Costs up to some ms: never in a
 * timed region. The first call is made by the platform before main. */
int platform_clock_calibrate(struct platform_clock *clock);

/* ---- memory ------------------------------------------------------------------------------------------------------ */

enum {
	PLATFORM_MEMORY_READ = 1u << 0,
	PLATFORM_MEMORY_WRITE = 1u << 1,
	PLATFORM_MEMORY_EXECUTE = 1u << 2,    /* never together with WRITE: PLATFORM_EINVAL */
	PLATFORM_MEMORY_CONTIGUOUS = 1u << 3, /* physically; PLATFORM_EUNSUPPORTED hosted */
};

/* Zeroed, touched memory of `bytes` (rounded up to the page size), aligned to `page_bytes` (4096, 2 MiB or 1
 * GiB), with an unmapped guard page before and behind it. Owned by the caller until platform_memory_unmap with
 * the same pointer and size. */
int platform_memory_map(size_t bytes, size_t page_bytes, unsigned flags, void **memory);
int platform_memory_protect(void *memory, size_t bytes, unsigned flags);
int platform_memory_unmap(void *memory, size_t bytes);

/* Where memory lies on a machine with several nodes (NUMA). */
enum platform_place {
	PLATFORM_PLACE_LOCAL = 0,      /* on the first core's node */
	PLATFORM_PLACE_INTERLEAVE = 1, /* page by page over all nodes */
	PLATFORM_PLACE_REMOTE = 2,     /* on one other node */
};

/* Moves mapped memory, contents kept. PLATFORM_EUNSUPPORTED: there is but one node, or nothing to tell them apart. */
int platform_memory_place(void *memory, size_t bytes, enum platform_place place);

/* The same to the node of a core, by its number as platform_core_start has it, 0 the first. PLATFORM_EINVAL:
 * there is no such core; PLATFORM_ENOMEM: its node has no room, or the pages cannot be parted where the
 * memory begins or ends. */
int platform_memory_place_near(void *memory, size_t bytes, unsigned core);

/* From here on what platform_memory_map gives lies elsewhere, in a way that depends on the seed and on the calls since:
 * on other physical pages or in another order of them, and a multiple of 128 bytes (a pair of cache lines), less than
 * 4096, behind the alignment that was asked for. Its last bytes then need not lie before a guard page. PLATFORM_ENOMEM
 * where memory would do, but not for lying elsewhere. 0: as ever, which is how it begins. */
void platform_memory_scatter(uint64_t seed);

/* Bytes that platform_memory_map could still give. */
uint64_t platform_memory_free_bytes(void);

/* ---- page tables, to be timed ------------------------------------------------------------------------------------ */

/* What is done in a round to every page of a request. Changes of the tables are followed by what their architecture
 * asks for, so that no TLB keeps what was there. */
enum platform_page_work {
	PLATFORM_PAGES_NOTHING,        /* the way there and back, and what a request is checked for */
	PLATFORM_PAGES_INVALIDATE,     /* its translation is dropped: INVLPG, TLBI VAAE1IS; hosted nobody may */
	PLATFORM_PAGES_INVALIDATE_ALL, /* once a round, all are: MOV to CR3, TLBI VMALLE1IS; hosted nobody may */
	/* All read-only, then all writable again, each time for all cores: one that runs something is interrupted where
	 * its TLB is not reached otherwise, and answers; hosted: mprotect, twice. */
	PLATFORM_PAGES_PROTECT,
	/* Each taken out of the tables and put back, contents kept; hosted: munmap and mmap of fresh pages, at once. */
	PLATFORM_PAGES_REMAP,
	/* Each is taken away, and whoever touches one next, on the first core, has it back: in the image the same one,
	 * by the kernel, which serves the fault and no guard sees it; hosted (MADV_DONTNEED) a fresh one. */
	PLATFORM_PAGES_WITHHOLD,
	PLATFORM_PAGE_WORKS,
};

/* All of one page table: no two of them are on different sides of a multiple of 512 pages. Mapped by
 * platform_memory_map in pages of page_bytes, writable, and so afterwards, but for what is withheld: unmapping it, or
 * other rights, are as for any other, and what else is asked of it is PLATFORM_EINVAL until it was touched. */
struct platform_page_request {
	void *memory;
	uint64_t bytes; /* whole pages */
	uint64_t page_bytes;
	uint64_t work; /* enum platform_page_work */
	uint64_t rounds;
};

/* Allowed within a guarded function, and timed there: beyond the first round of few pages the call itself is little of
 * it. In the image the kernel is left every 1024 pages, so that the watchdog reaches it. PLATFORM_EUNSUPPORTED: this
 * platform does not let a programme do that; PLATFORM_EINVAL: no such request; PLATFORM_EBUSY: in the image, REMAP or
 * WITHHOLD while another core runs, or a change of what a guard stands on; PLATFORM_EIO: another core does not answer,
 * or hosted the system does not do it. */
int platform_pages_repeat(const struct platform_page_request *request);

/* What TLBs are told of an exchange. */
enum platform_exchange {
	PLATFORM_EXCHANGE_UNTOLD, /* nothing: until they are, a page may read as either frame */
	PLATFORM_EXCHANGE_PAGES,  /* both translations are dropped: INVLPG */
	PLATFORM_EXCHANGE_ALL,    /* all are, those of earlier exchanges, too */
	PLATFORM_EXCHANGES,
};

/* Two pages, each where one begins, exchange the frames that they are mapped to, and what is in them; the same page
 * twice: TLBs are told, and that is all. Both from platform_memory_map, of one size and with the same rights. Any other
 * call that reaches the kernel, and the end of a guarded function by a fault or a time-out, tells all TLBs first; what
 * was exchanged stays so, and can be unmapped as it is. Allowed within a guarded function. PLATFORM_EUNSUPPORTED: the
 * architecture forbids an entry to be replaced like that (aarch64: break-before-make), or an operating system owns the
 * page tables; PLATFORM_EINVAL: no such pages; PLATFORM_EBUSY: another core runs, or a guard stands on them. */
int platform_page_exchange(void *page, void *other, enum platform_exchange told);

/* ---- the system under the programme, to be timed ----------------------------------------------------------------- */

/* What a programme has a system do, each in the cheapest way that there is. */
enum platform_os_work {
	PLATFORM_OS_CALL,  /* a call into the kernel that asks for next to nothing; hosted: getpid by syscall(2) */
	PLATFORM_OS_CLOCK, /* the time is read; hosted: clock_gettime, of the vDSO if there is one; else the counter */
	/* `bytes` in pages of page_bytes are mapped, each is there and zero, and they are given back; hosted: mmap, a
	 * store into each page (of large ones behind MADV_HUGEPAGE), munmap. */
	PLATFORM_OS_MAP,
	PLATFORM_OS_FAULT, /* a load faults, the programme's own handler is told, and it goes on behind the load */
	/* Another core that is asleep is woken, answers, and is asleep again; hosted: a thread in futex(2), which is
	 * woken once it waits there. */
	PLATFORM_OS_WAKE,
	PLATFORM_OS_WORKS,
};

struct platform_os_request {
	uint64_t work; /* enum platform_os_work */
	uint64_t rounds;
	uint64_t bytes, page_bytes; /* of MAP: whole pages */
	uint64_t core;              /* of WAKE: as platform_core_start has it */
	uint64_t done;              /* out: rounds that came to their end, as whoever did the work counts them */
};

/* Allowed within a guarded function, which FAULT needs in the image, and timed there. PLATFORM_EUNSUPPORTED: this
 * platform has no such thing; PLATFORM_EINVAL: no such request; PLATFORM_ENOMEM: no such pages; PLATFORM_EIO: it was
 * not done. WAKE keeps hold of
 * the core, as if it had been started and not joined, until platform_os_rest. */
int platform_os_repeat(struct platform_os_request *request);

/* Lets go of what WAKE holds, if it does; as platform_core_stop. */
int platform_os_rest(void);

/* ---- faults are contained ---------------------------------------------------------------------------------------- */

enum platform_outcome {
	PLATFORM_RETURNED = 0,
	PLATFORM_FAULTED = 1,
	PLATFORM_TIMED_OUT = 2,
	PLATFORM_INTERRUPTED = 3, /* at a checkpoint: see platform_interrupted */
};

struct platform_fault {
	uint32_t outcome;     /* enum platform_outcome */
	uint32_t vector;      /* x86_64: exception vector; aarch64: ESR_EL1.EC; hosted: signal number */
	uint64_t code;        /* error code, ESR, si_code */
	uint64_t address;     /* CR2, FAR_EL1, si_addr; 0 where it says nothing */
	uint64_t instruction; /* instruction pointer */
	uint64_t stack;       /* stack pointer */
	char name[24];        /* "#UD", "#PF write", "data abort", "SIGILL", "time-out" */
	char symbol[64];      /* "inject_illegal_instruction+0x4"; empty: unknown */
};

/* Runs function(argument) on a stack of its own, between guard pages. A fault in it, more than `timeout_ns` since its
 * start or its last checkpoint, or more than `total_ns` whatever its checkpoints (0: no limit, of either), ends it: the
 * outcome is in *fault, and the caller goes on with floating-point and vector state as at program start. Time that the
 * firmware takes (handback) counts for neither. What the function held is left as it was. Not nestable. A healthy run
 * takes no interrupt: the one-shot timer is masked before it fires. Returns 0 whatever the outcome, negative only where
 * the guard itself could not be set up. */
int platform_run_guarded(void (*function)(void *argument), void *argument, uint64_t timeout_ns, uint64_t total_ns,
			 struct platform_fault *fault);

/* ---- other cores ------------------------------------------------------------------------------------------------- */

/* Cores are numbered by how good they are to take: 0 is the one that the programme runs on, from 1 on come other cores
 * of its package, then of other packages, then those of which that is not known, its sibling threads last; of equals
 * the one that Linux gives the lower number. How Linux numbers them: the one that started is 0, the others follow in
 * the order of the MADT, as far as it has them enabled. */
enum platform_relation {
	PLATFORM_RELATION_ANY,
	PLATFORM_RELATION_SIBLING,       /* a thread of the same core */
	PLATFORM_RELATION_CLUSTER,       /* another core of the same cluster: both share a cache that others do not */
	PLATFORM_RELATION_OTHER_CORE,    /* of the same package, and of no common cluster that is known */
	PLATFORM_RELATION_OTHER_PACKAGE, /* another package */
};

/* The number of the core that is `index` others of that relation to the first core behind the first such.
 * PLATFORM_EUNSUPPORTED: there is none. */
int platform_core_find(enum platform_relation relation, unsigned index);

/* The number of the first core of another kind than the first core's (performance and efficiency, big and
 * LITTLE); of kinds behind that, by their first cores, `index` counts. Hosted by what Linux tells of each CPU;
 * PLATFORM_EUNSUPPORTED: there is no such kind, or nobody tells of kinds: the image asks no core for its own
 * that it did not start. */
int platform_core_find_kind(unsigned index);

struct platform_core {
	uint64_t cpu;  /* its number on Linux */
	char text[64]; /* "core 2 (APIC id 4), other core": terminated */
};
/* PLATFORM_EINVAL: there is none of that number, or it is the first. */
int platform_core_describe(unsigned core, struct platform_core *description);

/* The programme goes on on the CPU of that number on Linux, and core numbers count from there. Before any core was
 * started, outside of guarded functions; floating-point and vector state is as at program start then. PLATFORM_EINVAL:
 * there is no such CPU, or this process is not allowed on it; PLATFORM_EBUSY: not now; PLATFORM_EIO: it does not come;
 * PLATFORM_EUNSUPPORTED: handback, where the firmware wants the one that it has. */
int platform_core_stay(uint64_t cpu);

/* Runs function(argument) on another core, 1 to platform_describe()->cores - 1, unprivileged, on a stack of its own of
 * 64 KiB, and returns at once; on any of them at the same time. It reads ticks and memory, and calls nothing of this
 * header. Allowed within a guarded function; what runs then goes on after it, whatever its outcome. PLATFORM_EINVAL: no
 * such core for us; PLATFORM_EBUSY: it was not joined yet; PLATFORM_EIO: the core does not come, or is lost;
 * PLATFORM_EUNSUPPORTED: this platform has but the first.
 * In the image a fault there ends what it runs and nothing else; hosted it ends the process. While one runs,
 * platform_memory_protect and platform_memory_unmap answer PLATFORM_EBUSY in the image and, under handback, what is
 * written to PLATFORM_STREAM_RECORD or _RESULTS ends it as platform_core_stop does. A core that has nothing to run is
 * asleep a few milliseconds later. */
int platform_core_start(unsigned core, void (*function)(void *argument), void *argument);

/* Waits until the function has returned; what it wrote is seen then. 0: no limit. PLATFORM_EBUSY: it runs still, and
 * can be joined again; PLATFORM_EINVAL: nothing was started there. Allowed within a guarded function. A fault there
 * ends the guarded function that joins it, as if it had been its own; without a guard the answer is PLATFORM_EFAULT. */
int platform_core_join(unsigned core, uint64_t timeout_ns);

/* Ends the function that runs there, wherever it is, and joins it: what it held is left as it was. 0: it has
 * ended, by itself or by this; PLATFORM_EINVAL: nothing was started there; PLATFORM_EIO: it does not end,
 * and the core is lost. */
int platform_core_stop(unsigned core);

/* ---- hardware prefetchers ---------------------------------------------------------------------------------------- */

enum { PLATFORM_PREFETCHERS_MAX = 8 };

struct platform_prefetchers {
	uint64_t count; /* that can be switched on the first core; 0: `reason` says why */
	uint64_t off;   /* bit n: number n is */
	char names[PLATFORM_PREFETCHERS_MAX][16];
	char reason[96]; /* why those that were asked for are not off, and none is; empty: they are */
};

/* On the first core: exactly those whose bits are set in `off` go off, beside those that were found so; 0: all as they
 * were found, and tells what there is. After a contained fault, at the end of the run and whenever the firmware has the
 * machine they are as they were found. Allowed within a guarded function, and off until the next call. Each core's own,
 * or of a few cores that share them. Returns 0 whatever the reason; PLATFORM_EINVAL: there is no such one. */
int platform_prefetchers_switch(uint64_t off, struct platform_prefetchers *prefetchers);

struct platform_counters {
	bool interrupts_known;
	uint64_t interrupts; /* taken while the programme ran, watchdog time-outs included; image only */
	uint64_t faults_contained;
	uint64_t gate_calls;       /* into the kernel; 0 hosted */
	uint64_t context_switches; /* hosted only: voluntary and not */
};
void platform_counters_read(struct platform_counters *counters);

/* Of the thread that asks, so far; what nobody counts here is not known. */
struct platform_thread {
	bool switches_known, ran_known, cpu_known;
	uint64_t switches; /* the core was taken away for another thread */
	uint64_t waits;    /* it was given away */
	uint64_t ran_ns;   /* as the scheduler counts it */
	uint64_t cpu;      /* the core's number on Linux */
};

/* Costs a microsecond or two. */
void platform_thread_read(struct platform_thread *thread);

/* ---- what else takes a core's time ------------------------------------------------------------------------------- */

enum platform_count {
	PLATFORM_COUNT_INTERRUPTS, /* that can be masked; hosted, those of the core, whoever they were for */
	PLATFORM_COUNT_NMIS,
	PLATFORM_COUNT_SMIS,      /* system-management interrupts: the firmware's, unseen by what runs */
	PLATFORM_COUNT_SWITCHES,  /* of the thread of this programme that was or is on the core, for another */
	PLATFORM_COUNT_STOLEN_NS, /* time in which a hypervisor ran something else */
	PLATFORM_COUNTS,
};

enum platform_counting {
	PLATFORM_COUNTING_NOT, /* `reason` says why */
	PLATFORM_COUNTING,
	PLATFORM_COUNTING_GUESTS, /* of a guest: 0 says nothing of its host */
};

/* Of what happened since some moment before the first reading; strings are terminated. */
struct platform_counted {
	uint64_t value;
	uint64_t counting; /* enum platform_counting */
	char reason[80];
};

struct platform_witness {
	struct platform_counted counts[PLATFORM_COUNTS];
	uint64_t
		elsewhere; /* hosted: how often a thread of this core's was found on another one, which took its time */
};

/* Of cores 0 to count - 1: of the first as of now, of another as of the end of its last task; in the image what has to
 * be asked for is counted from that core's first task behind the first call of this on. Costs up to some ms; allowed
 * within a guarded function. PLATFORM_EINVAL: there are not so many. */
int platform_witness_read(struct platform_witness *witnesses, unsigned count);

/* ---- a disturbance on purpose ------------------------------------------------------------------------------------ */

#define PLATFORM_PLANT_LEAST_NS UINT64_C(100000)
#define PLATFORM_PLANT_MOST_NS  UINT64_C(1000000000)

enum { PLATFORM_PLANTED_KEPT = 256 };

/* What was done, and how long each took as who did it measured. */
struct platform_planted {
	uint64_t times;
	uint32_t ticks[PLATFORM_PLANTED_KEPT]; /* of the last so many, in a ring that begins at 0 */
};

/* From now on this core, the first, is taken away every `every_ns` for `length_ns`, at most half of that: by an
 * interrupt, hosted by a signal. Until the next call, or the end of the guarded function that it is allowed within;
 * every_ns 0: no more. *planted: what was done since the call before. PLATFORM_EINVAL: other lengths;
 * PLATFORM_EUNSUPPORTED: there is no timer, or no guarded function. */
int platform_plant(uint64_t every_ns, uint64_t length_ns, struct platform_planted *planted);

/* ---- hardware counters ------------------------------------------------------------------------------------------- */

enum { PLATFORM_PMU_EVENTS_MAX = 8 };

enum platform_pmu_kind {
	PLATFORM_PMU_CYCLES,       /* of the core's own clock, while it is not halted */
	PLATFORM_PMU_INSTRUCTIONS, /* retired */
	PLATFORM_PMU_CODE,         /* what `code` says */
};

struct platform_pmu_event {
	uint64_t kind; /* enum platform_pmu_kind */
	/* x86_64: event, unit mask, edge detect, invert and counter mask, each where IA32_PERFEVTSELx or PerfEvtSeln
	 * has it, no other bit; aarch64: PMEVTYPERn_EL0.evtCount. Hosted it is perf_event_attr.config of
	 * PERF_TYPE_RAW, which has the same layouts. */
	uint64_t code;
};

/* Strings are terminated. */
struct platform_pmu {
	uint64_t at_once; /* so many of PLATFORM_PMU_CODE, beside cycles and instructions; 0: no counters */
	uint64_t own;     /* of cycles and instructions, so many have a counter that can count nothing else */
	char source[64];  /* "CPUID 0xA", "PMUv3", "perf_event_open" */
	char reason[128]; /* why there are none, and what would help; "": there are */
};
/* Ends what is counted. */
void platform_pmu_describe(struct platform_pmu *pmu);

/* Counts these, at most PLATFORM_PMU_EVENTS_MAX, in the programme alone and not in what is under it, on the core that
 * calls, from 0 on: as many from the first on as can be counted together, their number. What was set up before is put
 * back first. PLATFORM_EUNSUPPORTED: not even the first, or there are no counters; PLATFORM_EINVAL: a code with other
 * bits. Not in a timed region. Registers that this changes are put back by platform_pmu_stop, after a fault, and before
 * the firmware gets the machine (handback). */
int platform_pmu_start(const struct platform_pmu_event *events, unsigned count);

/* The counts of all that were started, in their order. In the image without a call into the kernel. PLATFORM_EBUSY:
 * they do not count, or did not throughout: the firmware had the machine, or hosted others were counted. Allowed
 * within a guarded function. */
int platform_pmu_read(uint64_t *counts);
void platform_pmu_stop(void);

/* ---- checkpoints ------------------------------------------------------------------------------------------------- */

/* Between two samples, never in a timed region: the platform may let the firmware run (handback), and
 * puts the watchdog's limit off to `timeout_ns` from now, not beyond the guard's `total_ns`. Allowed
 * within a guarded function. */
void platform_checkpoint(uint64_t timeout_ns);

/* ---- bytes out, text in ------------------------------------------------------------------------------------------ */

enum platform_stream {
	PLATFORM_STREAM_TEXT = 1,  /* what people read: every console; hosted: standard output */
	PLATFORM_STREAM_ERROR = 2, /* as TEXT; hosted: standard error */
	/* Record lines: the serial console and, under handback, anechoic.log, durable on return; hosted: the log file
	 * where one was asked for. */
	PLATFORM_STREAM_RECORD = 3,
	/* What becomes results.json, to be closed: handback and hosted; else PLATFORM_EUNSUPPORTED. */
	PLATFORM_STREAM_RESULTS = 4,
	/* A picture of whole lines, in one call: it stands at the top of the screen in the place of the one before, and
	 * text goes on below it; without a line's end: there is none any more. PLATFORM_EUNSUPPORTED where no screen
	 * can. */
	PLATFORM_STREAM_PICTURE = 5,
};

/* Writes all of it or fails. Allowed within a guarded function for TEXT, ERROR and RECORD. */
int platform_write(enum platform_stream stream, const void *bytes, size_t length);

/* What PLATFORM_STREAM_RESULTS got is all of it. 0: it is durable, and results.json is it; PLATFORM_EIO: results.json
 * is what it was; PLATFORM_EUNSUPPORTED: as for the stream. */
int platform_results_close(void);

struct platform_text {
	const char *bytes; /* not terminated; NULL where there is none */
	size_t length;
};

/* anechoic.conf, as UTF-8. */
struct platform_text platform_config(void);

/* A profile of the SIMD kernels, as JSON: hosted the file `name`, in the image what the loader read of the file that
 * anechoic.conf or the command line names as `profile`; NULL: hosted the one that was kept for this machine. Its bytes
 * stay. 0; PLATFORM_EUNSUPPORTED: there is none; PLATFORM_EIO: it cannot be read, and that was said. */
int platform_profile(const char *name, struct platform_text *profile);

/* Records of an earlier run that did not come to its end, or whose results are not saved. */
struct platform_text platform_previous_log(void);

/* Whether somebody asked the run to end: the signal's number, 0 where nobody did, and always in the image. The guarded
 * function that runs then ends at its next checkpoint. */
int platform_interrupted(void);

_Noreturn void platform_exit(int status);
