/* SPDX-License-Identifier: Apache-2.0
 *
 * Kernels beside the C library's, REP MOVSB, ISA-L's CRC-32C, lanes one at a time, and a plain count of bits. Every
 * contestant is called through a pointer, as a user of simd_select would call it.
 *
 * Limits are this machine's: bare loops (peers/limits.h) of the width of the variant that they are set beside, measured
 * in the same rounds. Nothing is presumed of what a width can do.
 *
 * Which width a user gets is chosen elsewhere. Rows that have a bar for it, and with --variants all, measure the family
 * in each width that this machine runs, too.
 */
#include "bench/consume.h"
#include "bench/rng.h"
#include "peers/limits.h"
#include "peers/popcount.h"
#include "peers/rep.h"
#include "peers/suites.h"

#include <stdio.h>
#include <string.h>

#define KIB(n) ((size_t)(n) << 10)
#define MIB(n) ((size_t)(n) << 20)

enum {
	HALF_PAGE = 2048,
	MIXED_SIZES = 4096,
	MIXED_MOST = 512,
	LANES = 1000,
};

/* One row runs at a time. */
struct state {
	struct peer_machine machine;
	void *(*libc_copy)(void *, const void *, size_t);
	void *(*libc_set)(void *, int, size_t);
	int (*libc_compare)(const void *, const void *, size_t);
	void *(*libc_find)(const void *, int, size_t);
	unsigned (*isal_crc32c)(unsigned char *, int, unsigned);
	simd_binary_function *binary, *binary_scalar;
	size_t op, lane; /* of lanes */
	const struct limit_loops *limits;
	uint8_t *to;
	uint8_t *from;
	uint8_t *third;
	size_t bytes;
	uint16_t sizes[MIXED_SIZES];
	uint8_t *area;
	size_t area_bytes;
};

static struct state state;

/* The same, with all of a variant's kernels, width by width. */
static struct {
	struct state state;
	struct simd_kernels kernels;
	char kernel[64], limit[96];
} widths[SIMD_WIDTH_COUNT];

/* Kernels as they were chosen without some feature. */
static struct simd_kernels without;

#define RUN(name, statement)                                    \
	static void name(void *argument, uint64_t iterations) { \
		const struct state *s = argument;               \
		for (; iterations != 0; iterations--) {         \
			statement;                              \
			bench_consume_memory(s->to);            \
		}                                               \
	}

RUN(copy_ours, simd_copy(s->machine.kernels, s->to, s->from, s->bytes))
RUN(copy_libc, s->libc_copy(s->to, s->from, s->bytes))
RUN(fill_ours, s->machine.kernels->fills.fill(s->to, 0x5a, s->bytes))
RUN(fill_libc, s->libc_set(s->to, 0x5a, s->bytes))
RUN(zero_ours, simd_zero(s->machine.kernels, s->to, s->bytes))
RUN(zero_libc, s->libc_set(s->to, 0, s->bytes))
RUN(compare_ours, bench_consume((uint64_t)s->machine.kernels->scans.compare(s->to, s->from, s->bytes)))
RUN(compare_libc, bench_consume((uint64_t)s->libc_compare(s->to, s->from, s->bytes)))
RUN(find_ours, bench_consume(s->machine.kernels->scans.find_byte(s->from, 1, s->bytes)))
RUN(find_libc, bench_consume((uintptr_t)s->libc_find(s->from, 1, s->bytes)))
RUN(crc_ours, bench_consume(s->machine.kernels->hashes.crc32c(0, s->from, s->bytes)))
RUN(crc_isal, bench_consume(s->isal_crc32c(s->from, (int)s->bytes, 0)))
RUN(is_zero_ours, bench_consume(s->machine.kernels->scans.is_zero_page(s->from)))
RUN(is_zero_libc, bench_consume((uint64_t)s->libc_compare(s->from, s->from + 1, 4095)))
RUN(hash_ours, bench_consume(s->machine.kernels->hashes.page_hash(s->from)))
RUN(popcount_ours, bench_consume(s->machine.kernels->sums.popcount(s->from, s->bytes)))
RUN(popcount_plain_run, bench_consume(popcount_plain(s->from, s->bytes / 8)))
RUN(sum_ours, bench_consume(s->machine.kernels->sums.sum_u64((uint64_t *)(void *)s->from, s->bytes / 8)))
RUN(lanes_ours, s->binary(s->to, s->from, s->third, LANES))
RUN(lanes_scalar, s->binary_scalar(s->to, s->from, s->third, LANES))

RUN(limit_copy, s->limits->copy(s->to, s->from, s->bytes))
RUN(limit_fill, s->limits->fill(s->to, s->bytes))
RUN(limit_load, s->limits->load(s->from, s->bytes))
RUN(limit_load_two, s->limits->load_two(s->to, s->from, s->bytes))
RUN(limit_combine, s->limits->combine(s->to, s->from, s->third, s->bytes))

/* Copies at random, a table's walk an iteration. */
#define RUN_MIXED(name, call)                                      \
	static void name(void *argument, uint64_t iterations) {    \
		const struct state *s = argument;                  \
		for (; iterations != 0; iterations--)              \
			for (size_t i = 0; i < MIXED_SIZES; i++) { \
				call;                              \
				bench_consume_memory(s->to);       \
			}                                          \
	}
RUN_MIXED(mixed_ours, simd_copy(s->machine.kernels, s->to, s->from, s->sizes[i]))
RUN_MIXED(mixed_libc, s->libc_copy(s->to, s->from, s->sizes[i]))

RUN(copy_rep, rep_copy(s->to, s->from, s->bytes))

/* ---- setup ------------------------------------------------------------------------------------------------------- */

/* `to` is `apart` bytes past `from` modulo 4 KiB; the same memory where one buffer is enough, and so is `third` where
 * two are. */
static void make_state(const struct peer_machine *machine, struct peer_contest *contest, size_t bytes, size_t apart,
		       size_t buffers) {
	size_t whole = (bytes + 8191) / 4096 * 4096;
	state = (struct state){
		.machine = *machine,
		.libc_copy = memcpy,
		.libc_set = memset,
		.libc_compare = memcmp,
		.libc_find = memchr,
		.area_bytes = buffers * whole + 4096,
		.bytes = bytes,
	};
	state.area = peer_memory(state.area_bytes);
	state.from = state.area;
	state.to = state.area + (buffers > 1 ? whole : 0) + apart;
	state.third = state.area + (buffers > 2 ? 2 * whole : 0) + 1024;
	contest->state = &state;
}

static void teardown(const struct peer_row *row, struct peer_contest *contest) {
	(void)row;
	(void)contest;
	peer_memory_free(state.area, state.area_bytes);
}

static void set_ours(struct peer_contest *contest, const char *name, void (*run)(void *, uint64_t)) {
	contest->ours = (struct peer){.name = name, .run = run, .state = &state};
}

/* What the kernel does to memory, done alone; none where that width has no loops, and none where vectors lie
 * across lines or two buffers do not fit into any first-level cache: there other methods beat a bare loop. */
static struct peer limit_of(struct state *of, enum simd_width width, char *name, size_t bytes,
			    void (*run)(void *, uint64_t), const char *does) {
	of->limits = limit_loops_of(width);
	bool apart = ((uintptr_t)of->to - (uintptr_t)of->from) % 64 != 0;
	if (of->limits == NULL || run == NULL || apart || of->bytes > KIB(16))
		return (struct peer){.run = NULL};
	snprintf(name, bytes, "%s of %zu bytes, nothing else", does, of->limits->vector_bytes);
	return (struct peer){.name = name, .run = run, .state = of, .reference = true};
}

static void add_width(struct peer_contest *contest, enum simd_width width, const struct simd_variant *variant,
		      void (*limit)(void *, uint64_t), const char *does) {
	struct peer_width *to = &contest->widths[contest->width_count++];
	simd_use(variant, NULL, &widths[width].kernels);
	widths[width].state = state;
	widths[width].state.machine.kernels = &widths[width].kernels;
	if (state.binary != NULL)
		widths[width].state.binary = variant->lanes->binary[state.op][state.lane];
	snprintf(widths[width].kernel, sizeof widths[width].kernel, "%s, %u bits", variant->name, 64U << width);
	to->kernel = contest->ours;
	to->kernel.name = widths[width].kernel;
	to->kernel.state = &widths[width].state;
	to->limit = limit_of(&widths[width].state, width, widths[width].limit, sizeof widths[width].limit, limit, does);
}

/* The limit of ours, and where the row or the run asks for them, ours in each width with its own. `limit`: NULL is
 * none. */
static void set_limits(const struct peer_row *row, struct peer_contest *contest, enum simd_family family,
		       void (*limit)(void *, uint64_t), const char *does) {
	static char name[96];
	const struct simd_kernels *kernels = state.machine.kernels;
	contest->limit = limit_of(&state, kernels->from[family]->width, name, sizeof name, limit, does);
	for (unsigned width = SIMD_WIDTH_128; width < SIMD_WIDTH_COUNT; width++)
		if ((row->widths || state.machine.variants) && kernels->width[family][width] != NULL)
			add_width(contest, (enum simd_width)width, kernels->width[family][width], limit, does);
}

/* The variant's name, unless an extension of the CPU's took the kernel's place. */
static const char *name_of(const struct simd_variant *variant, bool is_the_variants) {
	static char extension[64];
	snprintf(extension, sizeof extension, "an extension to %s", variant->name);
	return is_the_variants ? variant->name : extension;
}

static void add_peer(struct peer_contest *contest, const char *name, const char *absent, void (*run)(void *, uint64_t),
		     bool reference) {
	contest->peers[contest->count++] =
		(struct peer){.name = name, .absent = absent, .run = run, .state = &state, .reference = reference};
}

/* row->parameter: how far the destination is past the source modulo 4 KiB. */
static bool copy_setup(const struct peer_row *row, const struct peer_machine *machine, struct peer_contest *contest) {
	make_state(machine, contest, row->bytes, row->parameter, 2);
	const struct simd_variant *from = machine->kernels->from[SIMD_FAMILY_COPIES];
	set_ours(contest, name_of(from, machine->kernels->copies.copy == from->copies->copy), copy_ours);
	add_peer(contest, "glibc", NULL, copy_libc, false);
	add_peer(contest, "rep movsb", rep_absent, copy_rep, false);
	set_limits(row, contest, SIMD_FAMILY_COPIES, limit_copy, "loads and stores");
	return true;
}

static bool mixed_setup(const struct peer_row *row, const struct peer_machine *machine, struct peer_contest *contest) {
	make_state(machine, contest, MIXED_MOST, HALF_PAGE, 2);
	struct rng rng = rng_seeded(MIXED_SIZES);
	for (size_t i = 0; i < MIXED_SIZES; i++)
		state.sizes[i] = (uint16_t)rng_below(&rng, MIXED_MOST + 1);
	const struct simd_variant *from = machine->kernels->from[SIMD_FAMILY_COPIES];
	set_ours(contest, name_of(from, machine->kernels->copies.copy == from->copies->copy), mixed_ours);
	add_peer(contest, "glibc", NULL, mixed_libc, false);
	set_limits(row, contest, SIMD_FAMILY_COPIES, NULL, "");
	return true;
}

static bool fill_setup(const struct peer_row *row, const struct peer_machine *machine, struct peer_contest *contest) {
	make_state(machine, contest, row->bytes, 0, 1);
	const struct simd_variant *from = machine->kernels->from[SIMD_FAMILY_FILLS];
	set_ours(contest, name_of(from, machine->kernels->fills.fill == from->fills->fill), fill_ours);
	add_peer(contest, "glibc", NULL, fill_libc, false);
	set_limits(row, contest, SIMD_FAMILY_FILLS, limit_fill, "stores");
	return true;
}

static bool zero_setup(const struct peer_row *row, const struct peer_machine *machine, struct peer_contest *contest) {
	make_state(machine, contest, row->bytes, 0, 1);
	const struct simd_variant *from = machine->kernels->from[SIMD_FAMILY_FILLS];
	set_ours(contest, name_of(from, machine->kernels->fills.zero == from->fills->zero), zero_ours);
	add_peer(contest, "glibc", NULL, zero_libc, false);
	set_limits(row, contest, SIMD_FAMILY_FILLS, limit_fill, "stores");
	return true;
}

static bool compare_setup(const struct peer_row *row, const struct peer_machine *machine,
			  struct peer_contest *contest) {
	make_state(machine, contest, row->bytes, HALF_PAGE, 2);
	const struct simd_variant *from = machine->kernels->from[SIMD_FAMILY_SCANS];
	set_ours(contest, name_of(from, machine->kernels->scans.compare == from->scans->compare), compare_ours);
	add_peer(contest, "glibc", NULL, compare_libc, false);
	set_limits(row, contest, SIMD_FAMILY_SCANS, limit_load_two, "loads from two places");
	return true;
}

static bool find_setup(const struct peer_row *row, const struct peer_machine *machine, struct peer_contest *contest) {
	make_state(machine, contest, row->bytes, HALF_PAGE, 2);
	const struct simd_variant *from = machine->kernels->from[SIMD_FAMILY_SCANS];
	set_ours(contest, name_of(from, machine->kernels->scans.find_byte == from->scans->find_byte), find_ours);
	add_peer(contest, "glibc", NULL, find_libc, false);
	set_limits(row, contest, SIMD_FAMILY_SCANS, limit_load, "loads");
	return true;
}

/* row->parameter: the feature that is not to be used, and one more. */
static const struct simd_kernels *kernels_of(const struct peer_row *row, const struct peer_machine *machine) {
	if (row->parameter == 0)
		return machine->kernels;
	peer_select_without(machine, (enum simd_feature)(row->parameter - 1), &without);
	return &without;
}

static bool crc_setup(const struct peer_row *row, const struct peer_machine *machine, struct peer_contest *contest) {
	make_state(machine, contest, row->bytes, HALF_PAGE, 2);
	const char *absent;
	void *function = peer_symbol("libisal.so.2", "crc32_iscsi", &absent);
	memcpy(&state.isal_crc32c, &function, sizeof(function));
	state.machine.kernels = kernels_of(row, machine);
	const struct simd_variant *from = state.machine.kernels->from[SIMD_FAMILY_CRC32C];
	set_ours(contest, name_of(from, state.machine.kernels->hashes.crc32c == from->hashes->crc32c), crc_ours);
	add_peer(contest, "ISA-L", absent, crc_isal, false);
	set_limits(row, contest, SIMD_FAMILY_CRC32C, limit_load, "loads");
	return true;
}

static bool is_zero_setup(const struct peer_row *row, const struct peer_machine *machine,
			  struct peer_contest *contest) {
	make_state(machine, contest, row->bytes, HALF_PAGE, 2);
	const struct simd_variant *from = machine->kernels->from[SIMD_FAMILY_SCANS];
	set_ours(contest, name_of(from, machine->kernels->scans.is_zero_page == from->scans->is_zero_page),
		 is_zero_ours);
	add_peer(contest, "glibc's memcmp with itself, 1 byte on", NULL, is_zero_libc, false);
	set_limits(row, contest, SIMD_FAMILY_SCANS, limit_load, "loads");
	return true;
}

static bool hash_setup(const struct peer_row *row, const struct peer_machine *machine, struct peer_contest *contest) {
	const struct simd_kernels *kernels = machine->kernels;
	make_state(machine, contest, row->bytes, HALF_PAGE, 2);
	const struct simd_variant *from = kernels->from[SIMD_FAMILY_PAGE_HASH];
	set_ours(contest, name_of(from, kernels->hashes.page_hash == from->hashes->page_hash), hash_ours);
	set_limits(row, contest, SIMD_FAMILY_PAGE_HASH, limit_load, "loads");
	return true;
}

/* An addition waits for the one before, 8 bytes each. */
static struct peer_claim claim_of_plain_popcount(double words) {
	return (struct peer_claim){
		.loops = {{.chain = {[PEER_ADD] = words}, .all = {[PEER_LOADS] = words, [PEER_TURNS] = words}}}};
}

static bool popcount_setup(const struct peer_row *row, const struct peer_machine *machine,
			   struct peer_contest *contest) {
	make_state(machine, contest, row->bytes, HALF_PAGE, 2);
	state.machine.kernels = kernels_of(row, machine);
	const struct simd_variant *from = state.machine.kernels->from[SIMD_FAMILY_POPCOUNT];
	set_ours(contest, name_of(from, state.machine.kernels->sums.popcount == from->sums->popcount), popcount_ours);
	add_peer(contest, "plain POPCNT loop", popcount_plain_absent(machine->features), popcount_plain_run, true);
	contest->peers[0].claims = true;
	contest->peers[0].claim = claim_of_plain_popcount((double)row->bytes / 8);
	set_limits(row, contest, SIMD_FAMILY_POPCOUNT, limit_load, "loads");
	return true;
}

static bool sum_setup(const struct peer_row *row, const struct peer_machine *machine, struct peer_contest *contest) {
	make_state(machine, contest, row->bytes, HALF_PAGE, 2);
	set_ours(contest, machine->kernels->from[SIMD_FAMILY_SUMS]->name, sum_ours);
	set_limits(row, contest, SIMD_FAMILY_SUMS, limit_load, "loads");
	return true;
}

static bool lanes_setup(const struct peer_row *row, const struct peer_machine *machine, struct peer_contest *contest) {
	make_state(machine, contest, LANES * 8, HALF_PAGE, 3);
	state.op = row->parameter / SIMD_LANE_COUNT;
	state.lane = row->parameter % SIMD_LANE_COUNT;
	state.binary = machine->kernels->lanes.binary[state.op][state.lane];
	state.binary_scalar = simd_variants[0].lanes->binary[state.op][state.lane];
	const struct simd_variant *from = machine->kernels->from[SIMD_FAMILY_LANES];
	set_ours(contest, name_of(from, state.binary == from->lanes->binary[state.op][state.lane]), lanes_ours);
	add_peer(contest, "one lane a step", NULL, lanes_scalar, true);
	state.bytes = LANES * row->bytes;
	set_limits(row, contest, SIMD_FAMILY_LANES, limit_combine, "two loads and a store");
	return true;
}

/* ---- rows -------------------------------------------------------------------------------------------------------- */

#define COPY(row_name, size, apart, widths_, ...)                                                            \
	{                                                                                                    \
		.name = "simd/copy/" row_name, .bytes = (size), .bars = {__VA_ARGS__}, .parameter = (apart), \
		.widths = (widths_), .setup = copy_setup, .teardown = teardown,                              \
	}
#define COPY_FAR(row_name, size, ...)    COPY(row_name, size, HALF_PAGE, false, __VA_ARGS__)
#define COPY_WIDTHS(row_name, size, ...) COPY(row_name, size, HALF_PAGE, true, __VA_ARGS__)
#define WRITE(row_name, size, setup_function, widths_, ...)                                                  \
	{                                                                                                    \
		.name = "simd/" row_name, .bytes = (size), .bars = {__VA_ARGS__}, .setup = (setup_function), \
		.widths = (widths_), .teardown = teardown,                                                   \
	}
#define READ WRITE
/* As if the CPU lacked the feature. */
#define WITHOUT(row_name, size, setup_function, feature, ...)                                                \
	{                                                                                                    \
		.name = "simd/" row_name, .bytes = (size), .bars = {__VA_ARGS__}, .setup = (setup_function), \
		.parameter = (feature) + 1, .teardown = teardown,                                            \
	}
#define LANES_ROW(op_name, op, lane_name, lane, lane_bytes, widths_, ...)                                \
	{                                                                                                \
		.name = "simd/lanes/" op_name "/" lane_name, .operations = LANES, .bytes = (lane_bytes), \
		.bars = {__VA_ARGS__}, .parameter = (op)*SIMD_LANE_COUNT + (lane), .widths = (widths_),  \
		.setup = lanes_setup, .teardown = teardown,                                              \
	}
/* One instruction a vector: 0.8 of what moves its vectors and does nothing else. What takes a sequence of
 * instructions has its limit in `make mca`, and here its bytes a cycle in each width. */
#define LANES_ONE(op_name, op, lane_name, lane, lane_bytes) \
	LANES_ROW(op_name, op, lane_name, lane, lane_bytes, false, {PEER_LIMIT, 1 / 0.8})
#define LANES_SEQUENCE(op_name, op, lane_name, lane, lane_bytes) \
	LANES_ROW(op_name, op, lane_name, lane, lane_bytes, true, {NULL, 0})
#define LANES_INTEGERS(op_name, op)                                                               \
	LANES_ONE(op_name, op, "8bit", SIMD_U8, 1), LANES_ONE(op_name, op, "16bit", SIMD_U16, 2), \
		LANES_ONE(op_name, op, "32bit", SIMD_U32, 4), LANES_ONE(op_name, op, "64bit", SIMD_U64, 8)
#define LANES_SHIFTS(op_name, op)                                                                           \
	LANES_SEQUENCE(op_name, op, "8bit", SIMD_U8, 1), LANES_SEQUENCE(op_name, op, "16bit", SIMD_U16, 2), \
		LANES_ONE(op_name, op, "32bit", SIMD_U32, 4), LANES_ONE(op_name, op, "64bit", SIMD_U64, 8)

static const struct peer_row rows[] = {
	COPY_WIDTHS("2KiB", KIB(2), {PEER_LIMIT, 1 / 0.95, .widths = true}, {"glibc", 1 / 0.97}),
	COPY_WIDTHS("4KiB", KIB(4), {PEER_LIMIT, 1 / 0.95, .widths = true}, {"glibc", 1 / 1.2}),
	COPY_WIDTHS("8KiB", KIB(8), {PEER_LIMIT, 1 / 0.95, .widths = true}, {"glibc", 1 / 0.97}),
	COPY_WIDTHS("16KiB", KIB(16), {"glibc", 1.0, .widths = true}),
	COPY("4KiB/just past modulo 4KiB", KIB(4), 33, false, {"glibc", 1 / 25.0}),
	COPY("16KiB/just past modulo 4KiB", KIB(16), 33, false, {"glibc", 1 / 25.0}),
	COPY("4KiB/alike modulo 4KiB", KIB(4), 0, false, {"glibc", 1 / 0.97}),
	COPY_FAR("256KiB", KIB(256), {"glibc", 1 / 0.97}),
	COPY_FAR("4MiB", MIB(4), {"glibc", 1 / 0.97}),
	COPY_FAR("64MiB", MIB(64), {"glibc", 1 / 1.6}),
	{.name = "simd/copy/mixed up to 512",
	 .operations = MIXED_SIZES,
	 .bars = {{"glibc", 0.75}},
	 .setup = mixed_setup,
	 .teardown = teardown},
	COPY_FAR("64MiB/just past modulo 4KiB", MIB(64), {"glibc", 1 / 0.97}),
	WRITE("fill/64B", 64, fill_setup, false, {NULL, 0}),
	WRITE("fill/4KiB", KIB(4), fill_setup, false, {NULL, 0}),
	WRITE("fill/16KiB", KIB(16), fill_setup, true, {"glibc", 1.0, .widths = true}),
	WRITE("zero/4KiB", KIB(4), zero_setup, false, {NULL, 0}),
	WRITE("zero/16KiB", KIB(16), zero_setup, true, {"glibc", 1.0, .widths = true}),
	WRITE("zero/64MiB", MIB(64), zero_setup, false, {"glibc", 1 / 1.9}),
	WRITE("zero/256MiB", MIB(256), zero_setup, false, {"glibc", 1 / 1.9}),
	READ("compare/16KiB", KIB(16), compare_setup, true, {"glibc", 0.70, .widths = true}),
	READ("find_byte/16KiB", KIB(16), find_setup, true, {"glibc", 0.90, .widths = true}),
	READ("is_zero_page", KIB(4), is_zero_setup, false, {PEER_LIMIT, 1.05}),
	READ("crc32c/16KiB", KIB(16), crc_setup, false, {"ISA-L", 1 / 1.5}),
	WITHOUT("crc32c/4KiB/without VPCLMULQDQ", KIB(4), crc_setup, SIMD_X86_VPCLMULQDQ, {"ISA-L", 0.77}),
	WITHOUT("crc32c/16KiB/without VPCLMULQDQ", KIB(16), crc_setup, SIMD_X86_VPCLMULQDQ, {"ISA-L", 0.77}),
	WITHOUT("crc32c/64KiB/without VPCLMULQDQ", KIB(64), crc_setup, SIMD_X86_VPCLMULQDQ, {"ISA-L", 0.77}),
	READ("page_hash", KIB(4), hash_setup, false, {NULL, 0}),
	READ("popcount/16KiB", KIB(16), popcount_setup, false, {NULL, 0}),
	WITHOUT("popcount/16KiB/without VPOPCNTDQ", KIB(16), popcount_setup, SIMD_X86_AVX512_VPOPCNTDQ,
		{"plain POPCNT loop", 0.5}),
	READ("sum_u64/16KiB", KIB(16), sum_setup, false, {NULL, 0}),
	LANES_INTEGERS("add", SIMD_ADD),
	LANES_INTEGERS("sub", SIMD_SUB),
	LANES_SEQUENCE("mul", SIMD_MUL, "8bit", SIMD_U8, 1),
	LANES_ONE("mul", SIMD_MUL, "16bit", SIMD_U16, 2),
	LANES_ONE("mul", SIMD_MUL, "32bit", SIMD_U32, 4),
	LANES_SEQUENCE("mul", SIMD_MUL, "64bit", SIMD_U64, 8),
	LANES_INTEGERS("and", SIMD_AND),
	LANES_INTEGERS("xor", SIMD_XOR),
	LANES_SHIFTS("shl", SIMD_SHL),
	LANES_SHIFTS("srl", SIMD_SRL),
	LANES_SHIFTS("sra", SIMD_SRA),
	LANES_ONE("add", SIMD_ADD, "float", SIMD_F32, 4),
	LANES_ONE("mul", SIMD_MUL, "float", SIMD_F32, 4),
	LANES_ONE("add", SIMD_ADD, "double", SIMD_F64, 8),
	LANES_ONE("mul", SIMD_MUL, "double", SIMD_F64, 8),
	{.name = "simd/copy/grid", .grid = true},
};

/* The grid again in every width. */
static const struct peer_row *grids(const struct peer_machine *machine, size_t *count) {
	static struct peer_row grid[SIMD_WIDTH_COUNT];
	static char names[SIMD_WIDTH_COUNT][64];
	*count = 0;
	for (unsigned width = SIMD_WIDTH_128; width < SIMD_WIDTH_COUNT; width++) {
		const struct simd_variant *variant = machine->kernels->width[SIMD_FAMILY_COPIES][width];
		if (variant == NULL)
			continue;
		snprintf(names[width], sizeof names[width], "simd/copy/grid/%s %u", variant->name, 64U << width);
		grid[(*count)++] =
			(struct peer_row){.name = names[width], .data = variant, .grid = true, .optional = true};
	}
	return grid;
}

const struct peer_suite peers_simd = {
	.name = "simd", .rows = rows, .count = sizeof rows / sizeof rows[0], .more = grids};
