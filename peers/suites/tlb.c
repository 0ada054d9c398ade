/* SPDX-License-Identifier: Apache-2.0
 *
 * The software TLB beside other designs. latency/: random over pages that are there; each address depends on the host
 * address before it by two instructions of the loop; the order comes from a generator in registers. flush/: absolute.
 * stream/: every build/streams/NAME.stream (tools/record_streams.py), loads, stores and instruction fetches as reads,
 * writes and executions, one pass an iteration, all designs warm; with it how often each walked in its first pass from
 * empty. stream/NAME/flushed: the same, with all of the design flushed every 50,000 accesses, as a guest does that
 * switches address spaces.
 *
 * "qemu" on a stream is as an emulator starts that is not flushed: 256 entries, since it is resized at flushes alone;
 * "qemu, resized" was flushed between passes until its size settled.
 */
#include "bench/rng.h"
#include "hosted/results/files.h"
#include "hosted/stream/read.h"
#include "peers/count.h"
#include "peers/suites/suites.h"
#include "peers/suites/tlb_arena.h"

#include <dirent.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TABLES_BYTES = 64 << 20, STORE = 1 << 19, SETTLE_PASSES = 12 };
#define STREAM_FOLDER "build/streams"
#define ADDRESS_MASK  ((UINT64_C(1) << 48) - 1) /* addresses of programs have 47 bits */
#define HOST_BASE     UINT64_C(0x100000000000)

/* ---- the guest --------------------------------------------------------------------------------------------------- */

static void guest_map(struct guest *guest, uint64_t address) {
	const uint64_t entries = 1 << RADIX_BITS;
	uint64_t *table = guest->root;
	for (unsigned level = RADIX_LEVELS; level-- > 0;) {
		uint64_t *entry = &table[address >> (DESIGN_PAGE_SHIFT + level * RADIX_BITS) & (entries - 1)];
		if (level == 0) {
			*entry = (HOST_BASE + (address & DESIGN_PAGE_MASK)) | 1;
			return;
		}
		if (*entry == 0) {
			*entry = (uint64_t)(uintptr_t)guest->free | 1;
			guest->free += entries;
			if (guest->free >= guest->end)
				abort();
		}
		table = (uint64_t *)(uintptr_t)(*entry & DESIGN_PAGE_MASK);
	}
}

static int walk(void *owner, uint64_t address, uint32_t asid, enum tlb_access access, struct tlb_mapping *mapping) {
	(void)asid;
	(void)access;
	const struct arena *arena = owner;
	uint64_t host = guest_walk(arena->guest.root, address & DESIGN_PAGE_MASK);
	mapping->host = (void *)(uintptr_t)host;
	mapping->rights = TLB_RIGHT_READ | TLB_RIGHT_WRITE | TLB_RIGHT_EXECUTE;
	return host == 0;
}

static inline uint64_t ours_translate(struct tlb *tlb, uint64_t address, unsigned kind) {
	void *host = NULL;
	(void)tlb_translate_fixed(tlb, address, (enum tlb_access)kind, DESIGN_PAGE_SHIFT, &host);
	return (uint64_t)(uintptr_t)host;
}

static inline uint64_t walk_translate(struct guest *guest, uint64_t address, unsigned kind) {
	(void)kind;
	return guest_walk(guest->root, address);
}

LOOPS(static, ours, ours)
LOOPS(static, qemu, qemu)
LOOPS(static, direct, direct)
LOOPS(static, fx, fx)
LOOPS(static, walk, guest)
LOOPS(static, flat, flat)

static void resized_stream(void *argument, uint64_t iterations) {
	struct arena *arena = argument;
	struct qemu before = arena->qemu;
	arena->qemu = arena->resized;
	qemu_stream(arena, iterations);
	arena->resized = arena->qemu;
	arena->qemu = before;
}

static void flush_all(void *argument, uint64_t iterations) {
	struct arena *arena = argument;
	for (; iterations != 0; iterations--) {
		tlb_flush_all(&arena->ours);
		bench_consume_memory(&arena->ours);
	}
}

static void flush_asid(void *argument, uint64_t iterations) {
	struct arena *arena = argument;
	for (; iterations != 0; iterations--) {
		(void)tlb_flush_asid(&arena->ours, 0);
		bench_consume_memory(&arena->ours);
	}
}

/* ---- set-up ------------------------------------------------------------------------------------------------------ */

/* Behind the struct, each part on a 2 MiB boundary: tables, the store, what the other designs take, the stream. */
static size_t place(size_t *used, size_t bytes) {
	const size_t boundary = 2 << 20;
	size_t at = *used;
	*used = (at + bytes + boundary - 1) & ~(boundary - 1);
	return at;
}

static struct arena *arena_make(size_t *bytes) {
	static const struct tlb_config shape = {.entries = STORE, .asids = 1, .page_bytes = 4096, .walk = walk};
	size_t used = 0, qemu_bytes = QEMU_MOST * sizeof(struct qemu_entry),
	       fx_bytes = FX_MOST * sizeof(struct fx_slot);
	place(&used, sizeof(struct arena));
	size_t tables = place(&used, TABLES_BYTES), store = place(&used, tlb_bytes_needed(STORE, 1));
	size_t qemu = place(&used, qemu_bytes), resized = place(&used, qemu_bytes), fx = place(&used, fx_bytes);
	size_t spare = place(&used, fx_bytes), stream = place(&used, STREAM_MOST * sizeof(uint64_t));
	uint8_t *base = peer_memory(used);
	struct arena *arena = (struct arena *)(void *)base;
	*bytes = used;
	uint64_t *root = (uint64_t *)(void *)(base + tables);
	arena->guest = (struct guest){root, root + (1 << RADIX_BITS), root + TABLES_BYTES / sizeof(uint64_t)};
	arena->qemu.table = (struct qemu_entry *)(void *)(base + qemu);
	arena->resized.table = (struct qemu_entry *)(void *)(base + resized);
	arena->fx.slots = (struct fx_slot *)(void *)(base + fx);
	arena->fx.spare = (struct fx_slot *)(void *)(base + spare);
	arena->fx.mask = FX_LEAST - 1;
	arena->fx.shift = 64 - 6;
	arena->stream = (uint64_t *)(void *)(base + stream);
	arena->qemu.root = arena->resized.root = arena->direct.root = arena->assoc.root = arena->fx.root = root;
	arena->flat.base = HOST_BASE;
	arena->qemu.mask = arena->resized.mask = (QEMU_LEAST - 1) * sizeof(struct qemu_entry);
	qemu_flush(&arena->qemu);
	qemu_flush(&arena->resized);
	memset(arena->direct.table, -1, sizeof(arena->direct.table));
	struct tlb_config config = shape;
	config.owner = arena;
	if (tlb_init(&arena->ours, base + store, tlb_bytes_needed(STORE, 1), &config) != 0)
		abort();
	return arena;
}

static void peer_add(struct peer_contest *contest, const char *name, void (*run)(void *, uint64_t),
		     struct arena *arena) {
	contest->peers[contest->count++] = (struct peer){.name = name, .run = run, .state = arena, .reference = true};
}

static size_t arena_bytes;

/* ---- what references claim: those that bars are against ---------------------------------------------------------- */

/* Loads that each wait for the one before, at random over as many slots as there are pages, of the size of an entry of
 * QEMU's design and of a page table's. */
enum probe { ENTRY, TABLE, PROBES };
static struct chase {
	void **ring;
	size_t bytes;
} chases[PROBES];

static void chase(void *argument, uint64_t iterations) {
	const struct chase *chase = argument;
	void *at = chase->ring;
	for (; iterations != 0; iterations--)
		at = *(void *volatile *)at;
	bench_consume((uintptr_t)at);
}

/* One cycle through all slots: a random one of those that are (Sattolo, 1986). */
static void chase_make(struct chase *chase, uint64_t slots, size_t slot_bytes) {
	chase->bytes = slots * slot_bytes;
	chase->ring = peer_memory(chase->bytes);
	const size_t words = slot_bytes / sizeof(void *);
	struct rng rng = rng_seeded(slots);
	for (size_t i = 0; i < slots; i++)
		chase->ring[i * words] = &chase->ring[i * words];
	for (size_t i = slots; i-- > 1;) {
		size_t other = rng_below(&rng, (uint32_t)i);
		void *kept = chase->ring[i * words];
		chase->ring[i * words] = chase->ring[other * words];
		chase->ring[other * words] = kept;
	}
}

static void add_probes(struct peer_contest *contest, uint64_t pages) {
	static const size_t slot_bytes[PROBES] = {[ENTRY] = sizeof(struct qemu_entry), [TABLE] = sizeof(uint64_t)};
	for (size_t i = 0; i < PROBES; i++) {
		chase_make(&chases[i], pages, slot_bytes[i]);
		contest->probes[i] = (struct peer){.run = chase, .state = &chases[i]};
		contest->probe_steps[i] = 1;
	}
}

/* Two additions of the loop; shift, mask and table's base; the entry; its addend. */
static const struct peer_claim table_latency = {
	.loops = {{.chain = {[PEER_ADD] = 6, [PEER_PROBE_0 + ENTRY] = 1}, .all = {[PEER_LOADS] = 2, [PEER_TURNS] = 1}}},
	.instructions_most = 1.5 * 19,
};
/* Three tables that are few, the last with an entry a page; a mask after each; shift, mask and offset. */
static const struct peer_claim walk_latency_claim = {
	.loops = {{.chain = {[PEER_ADD] = 8, [PEER_LOAD] = 3, [PEER_PROBE_0 + TABLE] = 1},
		   .all = {[PEER_LOADS] = 4, [PEER_TURNS] = 1}}},
	.instructions_most = 1.5 * 48,
};
/* On streams translations overlap; with each the address is loaded, and what a design keeps in memory of itself. */
static const struct peer_claim qemu_stream_claim = {
	.loops = {{.chain = {[PEER_ADD] = 4, [PEER_LOAD] = 2},
		   .all = {[PEER_LOADS] = 5, [PEER_TURNS] = 1.0 / STREAM_TURN}}},
	.instructions_most = 1.5 * 13,
	.overlaps = true,
};
static const struct peer_claim direct_stream_claim = {
	.loops = {{.chain = {[PEER_ADD] = 4, [PEER_LOAD] = 2},
		   .all = {[PEER_LOADS] = 3, [PEER_TURNS] = 1.0 / STREAM_TURN}}},
	.instructions_most = 1.5 * 12,
	.overlaps = true,
};
static const struct peer_claim walk_stream_claim = {
	.loops = {{.chain = {[PEER_ADD] = 6, [PEER_LOAD] = 5},
		   .all = {[PEER_LOADS] = 5, [PEER_TURNS] = 1.0 / STREAM_TURN}}},
	.instructions_most = 1.5 * 46,
	.overlaps = true,
};

static void claim_latency(struct peer_contest *contest, const struct peer_claim *what, bool first) {
	enum { WARM = 1 << 14, COUNTED = 64 };
	struct peer *peer = &contest->peers[contest->count - 1];
	peer->claims = true;
	peer->claim = *what;
	peer->run(peer->state, WARM);
	if (first)
		peer->claim.instructions = peer_count_instructions(peer, COUNTED);
}

static bool latency_setup(const struct peer_row *row, const struct peer_machine *machine,
			  struct peer_contest *contest) {
	struct arena *arena = arena_make(&arena_bytes);
	contest->state = arena;
	arena->page_mask = row->parameter - 1;
	for (uint64_t page = 0; page < row->parameter; page++)
		guest_map(&arena->guest, page << DESIGN_PAGE_SHIFT);
	for (unsigned pass = 0; pass < SETTLE_PASSES; pass++) {
		qemu_flush(&arena->qemu);
		for (uint64_t page = 0; page < row->parameter; page++)
			(void)qemu_translate(&arena->qemu, page << DESIGN_PAGE_SHIFT, 0);
	}
	for (uint64_t page = 0; page < row->parameter; page++)
		(void)ours_translate(&arena->ours, page << DESIGN_PAGE_SHIFT, 0);
	contest->ours = (struct peer){.name = "two levels", .run = ours_latency, .state = arena};
	peer_add(contest, "qemu", qemu_latency, arena);
	claim_latency(contest, &table_latency, machine->first);
	peer_add(contest, "direct 1024", direct_latency, arena);
	peer_add(contest, "4 ways, vector", assoc_latency, arena);
	contest->peers[contest->count - 1].absent = assoc_absent(machine->features);
	peer_add(contest, "fx hash", fx_latency, arena);
	peer_add(contest, "walk", walk_latency, arena);
	claim_latency(contest, &walk_latency_claim, machine->first);
	peer_add(contest, "flat", flat_latency, arena);
	add_probes(contest, row->parameter);
	return true;
}

static bool flush_setup(const struct peer_row *row, const struct peer_machine *machine, struct peer_contest *contest) {
	(void)machine;
	struct arena *arena = arena_make(&arena_bytes);
	contest->state = arena;
	contest->ours =
		(struct peer){.name = "a new context", .run = row->parameter ? flush_asid : flush_all, .state = arena};
	return true;
}

static void teardown(const struct peer_row *row, struct peer_contest *contest) {
	(void)row;
	peer_memory_free(contest->state, arena_bytes);
	for (size_t i = 0; i < PROBES; i++)
		if (chases[i].ring != NULL)
			peer_memory_free(chases[i].ring, chases[i].bytes);
	memset(chases, 0, sizeof(chases));
}

static bool skipped_setup(const struct peer_row *row, const struct peer_machine *machine,
			  struct peer_contest *contest) {
	(void)machine;
	contest->skipped = row->data;
	return false;
}

/* ---- streams ----------------------------------------------------------------------------------------------------- */

/* Behind those of its window and kind that are there. */
static void stream_append(struct arena *arena, uint64_t address, unsigned kind) {
	size_t window = arena->length / STREAM_WINDOW, at = window * STREAM_WINDOW;
	for (unsigned before = 0; before <= kind; before++)
		at += arena->runs[window][before];
	memmove(&arena->stream[at + 1], &arena->stream[at], (arena->length - at) * sizeof(uint64_t));
	arena->stream[at] = address;
	arena->runs[window][kind]++;
	arena->length++;
}

/* From the start of the file on, as much as there is room for. NULL, or what is wrong with it, without a line end. */
static const char *stream_read_file(const char *path, struct arena *arena) {
	static char wrong[600];
	struct stream_event events[STREAM_WINDOW];
	struct text complaint = {0};
	FILE *file = files_open(path, &complaint);
	struct stream_reader *reader = file ? stream_open(file, path, STREAM_WHOLE, &complaint) : NULL;
	long count;
	arena->length = 0;
	while (reader && arena->length < STREAM_MOST) {
		size_t room = STREAM_MOST - arena->length;
		count = stream_read(reader, events, room < STREAM_WINDOW ? room : STREAM_WINDOW, &complaint);
		if (count <= 0)
			break;
		for (long i = 0; i < count; i++)
			if (events[i].kind < STREAM_ACCESS_KINDS)
				stream_append(arena, events[i].address & ADDRESS_MASK, events[i].kind);
	}
	if (complaint.length == 0 && arena->length == 0)
		text_format(&complaint, "%s: no access in it\n", path);
	snprintf(wrong, sizeof wrong, "%.*s", complaint.length ? (int)complaint.length - 1 : 0,
		 complaint.length ? complaint.bytes : "");
	text_free(&complaint);
	stream_close(reader);
	if (file != NULL)
		fclose(file);
	return wrong[0] ? wrong : NULL;
}

static void settle_resized(struct arena *arena) {
	for (unsigned pass = 0; pass < SETTLE_PASSES; pass++) {
		qemu_flush(&arena->resized);
		resized_stream(arena, 1);
	}
}

/* `walks`: where a design counts them, from the start of the arena; 0: it does not. */
enum who { QEMU, DIRECT, RESIZED, ASSOC, FX, WALK, FLAT, CONTESTANTS };
#define WALKS(design) offsetof(struct arena, design.walks)
static const struct contestant {
	const char *name;
	void (*run)(void *, uint64_t);
	const struct peer_claim *claim; /* NULL: no bar is against it */
	size_t walks;
} contestants[CONTESTANTS] = {
	[QEMU] = {"qemu", qemu_stream, &qemu_stream_claim, WALKS(qemu)},
	[DIRECT] = {"direct 1024", direct_stream, &direct_stream_claim, WALKS(direct)},
	[RESIZED] = {"qemu, resized", resized_stream, NULL, 0},
	[ASSOC] = {"4 ways, vector", assoc_stream, NULL, WALKS(assoc)},
	[FX] = {"fx hash", fx_stream, NULL, WALKS(fx)},
	[WALK] = {"walk", guest_stream, &walk_stream_claim, 0},
	[FLAT] = {"flat", flat_stream, NULL, 0},
};

static const char *stream_path(const char *name) {
	static char path[512];
	const char *stem = strrchr(name, '/');
	snprintf(path, sizeof path, STREAM_FOLDER "/%s.stream", stem != NULL ? stem + 1 : name);
	return path;
}

static struct arena *arena_of_stream(const struct peer_row *row, struct peer_contest *contest) {
	struct arena *arena = arena_make(&arena_bytes);
	contest->state = arena;
	contest->skipped = stream_read_file(stream_path(row->data), arena);
	if (contest->skipped != NULL)
		return NULL;
	for (size_t i = 0; i < arena->length; i++)
		guest_map(&arena->guest, arena->stream[i]);
	return arena;
}

/* Over a few accesses of each kind that are in the first window, of the first stream: the code is the same for all. */
static double count_instructions(size_t who, const struct peer *peer, struct arena *arena) {
	enum { FEW = 16 };
	static double counted[CONTESTANTS];
	uint32_t before[DESIGN_KINDS];
	double accesses = 0;
	if (counted[who] > 0)
		return counted[who];
	const size_t length = arena->length;
	memcpy(before, arena->runs[0], sizeof before);
	for (size_t kind = 0; kind < DESIGN_KINDS; kind++) {
		arena->runs[0][kind] = before[kind] < FEW ? before[kind] : FEW;
		accesses += arena->runs[0][kind];
	}
	arena->length = 1;
	counted[who] = peer_count_instructions(peer, 1) / accesses;
	arena->length = length;
	memcpy(arena->runs[0], before, sizeof before);
	return counted[who];
}

static void claim_streams(struct peer_contest *contest, struct arena *arena, bool first) {
	for (size_t i = 0; i < CONTESTANTS; i++) {
		struct peer *peer = &contest->peers[i];
		if (contestants[i].claim == NULL)
			continue;
		peer->claims = true;
		peer->claim = *contestants[i].claim;
		if (first)
			peer->claim.instructions = count_instructions(i, peer, arena);
	}
}

/* Operations are accesses: a row does not know them before. */
static bool stream_setup(const struct peer_row *row, const struct peer_machine *machine, struct peer_contest *contest) {
	struct arena *arena = arena_of_stream(row, contest);
	if (arena == NULL)
		return false;
	contest->ours = (struct peer){.name = "two levels", .run = ours_stream, .state = arena};
	ours_stream(arena, 1);
	contest->ours.walks = arena->ours.walks;
	for (size_t i = 0; i < CONTESTANTS; i++) {
		peer_add(contest, contestants[i].name, contestants[i].run, arena);
		if (contestants[i].run == assoc_stream)
			contest->peers[i].absent = assoc_absent(machine->features);
		if (contest->peers[i].absent == NULL)
			contestants[i].run(arena, 1);
		if (contestants[i].walks != 0)
			memcpy(&contest->peers[i].walks, (const char *)arena + contestants[i].walks, sizeof(uint64_t));
	}
	settle_resized(arena);
	claim_streams(contest, arena, machine->first);
	return true;
}

/* ---- streams with flushes ---------------------------------------------------------------------------------------- */

enum { FLUSHED_ACCESSES = 50000, FLUSHED_WINDOWS = (FLUSHED_ACCESSES + STREAM_WINDOW - 1) / STREAM_WINDOW };

static inline __attribute__((always_inline)) void pass_flushed(struct arena *arena, uint64_t iterations,
							       void (*windows)(struct arena *, size_t, size_t),
							       void (*flush)(struct arena *)) {
	const size_t all = stream_windows(arena);
	for (; iterations != 0; iterations--)
		for (size_t at = 0; at < all; at += FLUSHED_WINDOWS) {
			flush(arena);
			windows(arena, at, all - at < FLUSHED_WINDOWS ? all - at : FLUSHED_WINDOWS);
		}
}

static void ours_flush(struct arena *arena) {
	tlb_flush_all(&arena->ours);
}

static void qemu_flush_all(struct arena *arena) {
	qemu_flush(&arena->qemu);
}

static void direct_flush(struct arena *arena) {
	memset(arena->direct.table, -1, sizeof(arena->direct.table));
}

/* There is nothing to flush. */
static void no_flush(struct arena *arena) {
	bench_consume_memory(arena);
}

#define FLUSHED(design, member, flush)                                    \
	static void design##_flushed(void *arena, uint64_t iterations) {  \
		pass_flushed(arena, iterations, member##_windows, flush); \
	}
FLUSHED(ours, ours, ours_flush)
FLUSHED(qemu, qemu, qemu_flush_all)
FLUSHED(direct, direct, direct_flush)
FLUSHED(walk, guest, no_flush)
FLUSHED(flat, flat, no_flush)

static bool flushed_setup(const struct peer_row *row, const struct peer_machine *machine,
			  struct peer_contest *contest) {
	(void)machine;
	struct arena *arena = arena_of_stream(row, contest);
	if (arena == NULL)
		return false;
	contest->ours = (struct peer){.name = "two levels", .run = ours_flushed, .state = arena};
	peer_add(contest, "qemu", qemu_flushed, arena);
	peer_add(contest, "direct 1024", direct_flushed, arena);
	peer_add(contest, "walk", walk_flushed, arena);
	peer_add(contest, "flat", flat_flushed, arena);
	qemu_flushed(arena, 2); /* its size settles */
	return true;
}

/* ---- which streams there are ------------------------------------------------------------------------------------- */

enum { STREAMS_MOST = 64 };

static int is_stream(const struct dirent *file) {
	const char *dot = strrchr(file->d_name, '.');
	return dot != NULL && strcmp(dot, ".stream") == 0;
}

/* How many accesses of it are replayed; 0: none can be. */
static uint64_t stream_length(const char *path) {
	struct text complaint = {0};
	FILE *file = files_open(path, &complaint);
	struct stream_reader *reader = file ? stream_open(file, path, STREAM_WHOLE, &complaint) : NULL;
	uint64_t length = reader ? stream_note(reader)->accesses : 0;
	text_free(&complaint);
	stream_close(reader);
	if (file != NULL)
		fclose(file);
	return length < STREAM_MOST ? length : STREAM_MOST;
}

static const struct peer_row no_streams = {
	.name = "tlb/stream",
	.data = "no " STREAM_FOLDER "/*.stream; tools/record_streams.py records them",
	.setup = skipped_setup,
};

static void add_stream(struct peer_row *rows, const char *stem) {
	static const struct peer_row kinds[] = {
		{.setup = stream_setup,
		 .teardown = teardown,
		 .bars = {PEER_BAR("qemu", 0.85), PEER_BAR("direct 1024", 1.01), PEER_BAR("walk", 1.0),
			  PEER_BAR(PEER_WALKS, 1.1)}},
		{.setup = flushed_setup,
		 .teardown = teardown,
		 .bars = {PEER_BAR("qemu", 0.95), PEER_BAR("direct 1024", 1.01), PEER_BAR("walk", 1.0)}}};
	uint64_t length = stream_length(stream_path(stem));
	for (size_t i = 0; i < 2; i++) {
		char name[300];
		snprintf(name, sizeof name, "tlb/stream/%s%s", stem, i == 0 ? "" : "/flushed");
		rows[i] = kinds[i];
		rows[i].name = strdup(name);
		rows[i].data = strdup(stem);
		rows[i].operations = length;
	}
}

static const struct peer_row *streams(const struct peer_machine *machine, size_t *count) {
	static struct peer_row found[2 * STREAMS_MOST];
	struct dirent **files;
	int all = scandir(STREAM_FOLDER, &files, is_stream, alphasort);
	(void)machine;
	*count = 0;
	for (int i = 0; i < all; i++) {
		*strrchr(files[i]->d_name, '.') = 0;
		if (i < STREAMS_MOST) {
			add_stream(&found[*count], files[i]->d_name);
			*count += 2;
		}
		free(files[i]);
	}
	if (all >= 0)
		free(files);
	if (*count == 0)
		found[(*count)++] = no_streams;
	return found;
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

#define LATENCY(pages, ...)                                                                                         \
	{                                                                                                           \
		.name = "tlb/latency/" #pages, .parameter = (pages), .bars = {__VA_ARGS__}, .setup = latency_setup, \
		.teardown = teardown,                                                                               \
	}

static const struct peer_row rows[] = {
	LATENCY(64, PEER_BAR("qemu", 1.0), PEER_BAR("walk", 1.0)),
	LATENCY(1024, PEER_BAR("qemu", 1.0), PEER_BAR("walk", 1.0)),
	LATENCY(4096, PEER_BAR("qemu", 0.75), PEER_BAR("walk", 1.0)),
	LATENCY(65536, PEER_BAR("walk", 1.0)),
	{.name = "tlb/flush/all", .bars = {PEER_BAR(PEER_CYCLES, 15)}, .setup = flush_setup, .teardown = teardown},
	{.name = "tlb/flush/asid",
	 .parameter = 1,
	 .bars = {PEER_BAR(PEER_CYCLES, 15)},
	 .setup = flush_setup,
	 .teardown = teardown},
};

const struct peer_suite peers_tlb = {
	.name = "tlb", .rows = rows, .count = sizeof(rows) / sizeof(rows[0]), .more = streams};
