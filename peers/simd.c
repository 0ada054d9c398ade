/* SPDX-License-Identifier: Apache-2.0
 *
 * Kernels beside the C library's, REP MOVSB, ISA-L's CRC-32C, and lanes one at a time. Every contestant is called
 * through a pointer, as a user of simd_select would call it.
 *
 * Limits are this machine's, of the width that was chosen on it: bare loops (peers/limits.h),
 * measured beside the kernels.
 */
#include "bench/consume.h"
#include "bench/rng.h"
#include "peers/copy_grid.h"
#include "peers/limits.h"
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
	BAR_BYTES = 32, /* of the vectors that the bars of lanes are for */
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
	simd_copy_function *copy;
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
RUN(copy_variant, s->copy(s->to, s->from, s->bytes))
RUN(fill_ours, s->machine.kernels->fills.fill(s->to, 0x5a, s->bytes))
RUN(fill_libc, s->libc_set(s->to, 0x5a, s->bytes))
RUN(zero_ours, simd_zero(s->machine.kernels, s->to, s->bytes))
RUN(zero_libc, s->libc_set(s->to, 0, s->bytes))
RUN(compare_ours, bench_consume((uint64_t)s->machine.kernels->scans.compare(s->to, s->from, s->bytes)))
RUN(compare_libc, bench_consume((uint64_t)s->libc_compare(s->to, s->from, s->bytes)))
RUN(find_ours, bench_consume(s->machine.kernels->scans.find_byte(s->from, 1, s->bytes)))
RUN(find_libc, bench_consume((uintptr_t)s->libc_find(s->from, 1, s->bytes)))
RUN(crc_ours, bench_consume(s->machine.kernels->hashes.crc32c(0, s->from, s->bytes)))
RUN(crc_variant, bench_consume(s->machine.kernels->from[SIMD_FAMILY_CRC32C]->hashes->crc32c(0, s->from, s->bytes)))
RUN(crc_isal, bench_consume(s->isal_crc32c(s->from, (int)s->bytes, 0)))
RUN(is_zero_ours, bench_consume(s->machine.kernels->scans.is_zero_page(s->from)))
RUN(is_zero_libc, bench_consume((uint64_t)s->libc_compare(s->from, s->from + 1, 4095)))
RUN(hash_ours, bench_consume(s->machine.kernels->hashes.page_hash(s->from)))
RUN(popcount_ours, bench_consume(s->machine.kernels->sums.popcount(s->from, s->bytes)))
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

/* `to` is `apart` bytes past `from` modulo 4 KiB. */
static void make_state(const struct peer_machine *machine, struct peer_contest *contest, size_t bytes, size_t apart) {
	size_t whole = (bytes + 8191) / 4096 * 4096;
	state = (struct state){
		.machine = *machine,
		.libc_copy = memcpy,
		.libc_set = memset,
		.libc_compare = memcmp,
		.libc_find = memchr,
		.area_bytes = 3 * whole + 4096,
		.bytes = bytes,
	};
	state.area = peer_memory(state.area_bytes);
	state.from = state.area;
	state.to = state.area + whole + apart;
	state.third = state.area + 2 * whole + 1024;
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

/* What the kernel does to memory, done alone; none where the chosen width has no loops, and none where vectors lie
 * across lines or two buffers do not fit into any first-level cache: there other methods beat a bare loop. */
static void set_limit(struct peer_contest *contest, void (*run)(void *, uint64_t), const char *does) {
	static char name[96];
	state.limits = limit_loops_of(state.machine.kernels->from[SIMD_FAMILY_FILLS]->width);
	bool apart = ((uintptr_t)state.to - (uintptr_t)state.from) % 64 != 0;
	if (state.limits == NULL || apart || state.bytes > KIB(16))
		return;
	snprintf(name, sizeof name, "%s of %zu bytes, nothing else", does, state.limits->vector_bytes);
	contest->limit = (struct peer){.name = name, .run = run, .state = &state};
}

static void add_peer(struct peer_contest *contest, const char *name, const char *absent, void (*run)(void *, uint64_t),
		     bool reference) {
	contest->peers[contest->count++] =
		(struct peer){.name = name, .absent = absent, .run = run, .state = &state, .reference = reference};
}

/* row->parameter: how far the destination is past the source modulo 4 KiB. */
static bool copy_setup(const struct peer_row *row, const struct peer_machine *machine, struct peer_contest *contest) {
	make_state(machine, contest, row->bytes, row->parameter);
	set_ours(contest, "simd_copy", copy_ours);
	add_peer(contest, "glibc", NULL, copy_libc, false);
	add_peer(contest, "rep movsb", rep_absent, copy_rep, false);
	const struct simd_variant *variant = machine->kernels->from[SIMD_FAMILY_COPIES];
	state.copy = variant->copies->copy;
	add_peer(contest, variant->name, NULL, copy_variant, true);
	set_limit(contest, limit_copy, "loads and stores");
	return true;
}

static bool mixed_setup(const struct peer_row *row, const struct peer_machine *machine, struct peer_contest *contest) {
	(void)row;
	make_state(machine, contest, MIXED_MOST, HALF_PAGE);
	struct rng rng = rng_seeded(MIXED_SIZES);
	for (size_t i = 0; i < MIXED_SIZES; i++)
		state.sizes[i] = (uint16_t)rng_below(&rng, MIXED_MOST + 1);
	set_ours(contest, "simd_copy", mixed_ours);
	add_peer(contest, "glibc", NULL, mixed_libc, false);
	return true;
}

static bool fill_setup(const struct peer_row *row, const struct peer_machine *machine, struct peer_contest *contest) {
	make_state(machine, contest, row->bytes, 0);
	set_ours(contest, "fill", fill_ours);
	add_peer(contest, "glibc", NULL, fill_libc, false);
	set_limit(contest, limit_fill, "stores");
	return true;
}

static bool zero_setup(const struct peer_row *row, const struct peer_machine *machine, struct peer_contest *contest) {
	make_state(machine, contest, row->bytes, 0);
	set_ours(contest, "simd_zero", zero_ours);
	add_peer(contest, "glibc", NULL, zero_libc, false);
	set_limit(contest, limit_fill, "stores");
	return true;
}

static bool compare_setup(const struct peer_row *row, const struct peer_machine *machine,
			  struct peer_contest *contest) {
	make_state(machine, contest, row->bytes, HALF_PAGE);
	set_ours(contest, "compare", compare_ours);
	add_peer(contest, "glibc", NULL, compare_libc, false);
	set_limit(contest, limit_load_two, "loads from two places");
	return true;
}

static bool find_setup(const struct peer_row *row, const struct peer_machine *machine, struct peer_contest *contest) {
	make_state(machine, contest, row->bytes, HALF_PAGE);
	set_ours(contest, "find_byte", find_ours);
	add_peer(contest, "glibc", NULL, find_libc, false);
	set_limit(contest, limit_load, "loads");
	return true;
}

static bool crc_setup(const struct peer_row *row, const struct peer_machine *machine, struct peer_contest *contest) {
	make_state(machine, contest, row->bytes, HALF_PAGE);
	const char *absent;
	void *function = peer_symbol("libisal.so.2", "crc32_iscsi", &absent);
	memcpy(&state.isal_crc32c, &function, sizeof(function));
	set_ours(contest, "crc32c", crc_ours);
	add_peer(contest, "ISA-L", absent, crc_isal, false);
	add_peer(contest, machine->kernels->from[SIMD_FAMILY_CRC32C]->name, NULL, crc_variant, true);
	set_limit(contest, limit_load, "loads");
	return true;
}

static bool is_zero_setup(const struct peer_row *row, const struct peer_machine *machine,
			  struct peer_contest *contest) {
	make_state(machine, contest, row->bytes, HALF_PAGE);
	set_ours(contest, "is_zero_page", is_zero_ours);
	add_peer(contest, "glibc's memcmp with itself, 1 byte on", NULL, is_zero_libc, false);
	set_limit(contest, limit_load, "loads");
	return true;
}

/* The variant's name, unless an extension of the CPU's took the kernel's place. */
static const char *name_of(const struct simd_variant *variant, bool is_the_variants) {
	static char extension[64];
	snprintf(extension, sizeof extension, "an extension to %s", variant->name);
	return is_the_variants ? variant->name : extension;
}

static bool hash_setup(const struct peer_row *row, const struct peer_machine *machine, struct peer_contest *contest) {
	const struct simd_kernels *kernels = machine->kernels;
	make_state(machine, contest, row->bytes, HALF_PAGE);
	const struct simd_variant *from = kernels->from[SIMD_FAMILY_PAGE_HASH];
	set_ours(contest, name_of(from, kernels->hashes.page_hash == from->hashes->page_hash), hash_ours);
	set_limit(contest, limit_load, "loads");
	return true;
}

static bool popcount_setup(const struct peer_row *row, const struct peer_machine *machine,
			   struct peer_contest *contest) {
	const struct simd_kernels *kernels = machine->kernels;
	make_state(machine, contest, row->bytes, HALF_PAGE);
	const struct simd_variant *from = kernels->from[SIMD_FAMILY_POPCOUNT];
	set_ours(contest, name_of(from, kernels->sums.popcount == from->sums->popcount), popcount_ours);
	set_limit(contest, limit_load, "loads");
	return true;
}

static bool sum_setup(const struct peer_row *row, const struct peer_machine *machine, struct peer_contest *contest) {
	make_state(machine, contest, row->bytes, HALF_PAGE);
	set_ours(contest, machine->kernels->from[SIMD_FAMILY_SUMS]->name, sum_ours);
	set_limit(contest, limit_load, "loads");
	return true;
}

static bool lanes_setup(const struct peer_row *row, const struct peer_machine *machine, struct peer_contest *contest) {
	size_t op = row->parameter / SIMD_LANE_COUNT, lane = row->parameter % SIMD_LANE_COUNT;
	make_state(machine, contest, LANES * 8, HALF_PAGE);
	state.binary = machine->kernels->lanes.binary[op][lane];
	state.binary_scalar = simd_variants[0].lanes->binary[op][lane];
	const struct simd_variant *from = machine->kernels->from[SIMD_FAMILY_LANES];
	set_ours(contest, name_of(from, state.binary == from->lanes->binary[op][lane]), lanes_ours);
	add_peer(contest, "one lane a step", NULL, lanes_scalar, true);
	state.bytes = LANES * row->bytes;
	set_limit(contest, limit_combine, "two loads and a store");
	contest->bar_scale =
		(double)BAR_BYTES / (double)(state.limits != NULL ? state.limits->vector_bytes : row->bytes);
	return true;
}

/* ---- rows -------------------------------------------------------------------------------------------------------- */

#define COPY(row_name, size, apart, ...)                                                                     \
	{                                                                                                    \
		.name = "simd/copy/" row_name, .bytes = (size), .bars = {__VA_ARGS__}, .parameter = (apart), \
		.setup = copy_setup, .teardown = teardown,                                                   \
	}
#define COPY_FAR(row_name, size, ...) COPY(row_name, size, HALF_PAGE, __VA_ARGS__)
#define FILL(row_name, size) \
	{ .name = "simd/fill/" row_name, .bytes = (size), .setup = fill_setup, .teardown = teardown, }
#define READ(row_name, size, setup_function, ...)                                                            \
	{                                                                                                    \
		.name = "simd/" row_name, .bytes = (size), .bars = {__VA_ARGS__}, .setup = (setup_function), \
		.teardown = teardown,                                                                        \
	}
/* 0.8 of the lanes of a vector against one lane at a time. */
#define LANES_ROW(op_name, op, lane_name, lane, lane_bytes)                                              \
	{                                                                                                \
		.name = "simd/lanes/" op_name "/" lane_name, .operations = LANES, .bytes = (lane_bytes), \
		.bars = {{"one lane a step", 1 / (0.8 * BAR_BYTES / (lane_bytes))}},                     \
		.parameter = (op)*SIMD_LANE_COUNT + (lane), .setup = lanes_setup, .teardown = teardown,  \
	}
#define LANES_INTEGERS(op_name, op)                                                               \
	LANES_ROW(op_name, op, "8bit", SIMD_U8, 1), LANES_ROW(op_name, op, "16bit", SIMD_U16, 2), \
		LANES_ROW(op_name, op, "32bit", SIMD_U32, 4), LANES_ROW(op_name, op, "64bit", SIMD_U64, 8)

static const struct peer_row rows[] = {
	COPY("2KiB", KIB(2), HALF_PAGE, {PEER_LIMIT, 1 / 0.95}, {"glibc", 1 / 0.97}),
	COPY("4KiB", KIB(4), HALF_PAGE, {PEER_LIMIT, 1 / 0.95}, {"glibc", 1 / 1.2}),
	COPY("8KiB", KIB(8), HALF_PAGE, {PEER_LIMIT, 1 / 0.95}, {"glibc", 1 / 0.97}),
	COPY("16KiB", KIB(16), HALF_PAGE, {"glibc", 1 / 0.97}),
	COPY("4KiB/just past modulo 4KiB", KIB(4), 33, {"glibc", 1 / 25.0}),
	COPY("16KiB/just past modulo 4KiB", KIB(16), 33, {"glibc", 1 / 25.0}),
	COPY("4KiB/alike modulo 4KiB", KIB(4), 0, {"glibc", 1 / 0.97}),
	COPY_FAR("256KiB", KIB(256), {"glibc", 1 / 0.97}),
	COPY_FAR("4MiB", MIB(4), {"glibc", 1 / 0.97}),
	COPY_FAR("64MiB", MIB(64), {"glibc", 1 / 1.6}),
	{.name = "simd/copy/mixed up to 512",
	 .operations = MIXED_SIZES,
	 .bars = {{"glibc", 1 / 0.97}},
	 .setup = mixed_setup,
	 .teardown = teardown},
	COPY_FAR("64MiB/just past modulo 4KiB", MIB(64), {"glibc", 1 / 0.97}),
	FILL("64B", 64),
	FILL("4KiB", KIB(4)),
	FILL("16KiB", KIB(16)),
	{.name = "simd/zero/4KiB", .bytes = KIB(4), .setup = zero_setup, .teardown = teardown},
	{.name = "simd/zero/64MiB",
	 .bytes = MIB(64),
	 .bars = {{"glibc", 1 / 1.9}},
	 .setup = zero_setup,
	 .teardown = teardown},
	{.name = "simd/zero/256MiB",
	 .bytes = MIB(256),
	 .bars = {{"glibc", 1 / 1.9}},
	 .setup = zero_setup,
	 .teardown = teardown},
	READ("compare/16KiB", KIB(16), compare_setup, {"glibc", 1.0}),
	READ("find_byte/16KiB", KIB(16), find_setup, {"glibc", 1 / 1.25}),
	READ("is_zero_page", KIB(4), is_zero_setup, {PEER_LIMIT, 1 / 0.9}),
	READ("crc32c/16KiB", KIB(16), crc_setup, {"ISA-L", 1 / 1.5}),
	READ("page_hash", KIB(4), hash_setup, {NULL, 0}),
	READ("popcount/16KiB", KIB(16), popcount_setup, {NULL, 0}),
	READ("sum_u64/16KiB", KIB(16), sum_setup, {NULL, 0}),
	LANES_INTEGERS("add", SIMD_ADD),
	LANES_INTEGERS("sub", SIMD_SUB),
	LANES_INTEGERS("mul", SIMD_MUL),
	LANES_INTEGERS("and", SIMD_AND),
	LANES_INTEGERS("xor", SIMD_XOR),
	LANES_INTEGERS("shl", SIMD_SHL),
	LANES_INTEGERS("srl", SIMD_SRL),
	LANES_INTEGERS("sra", SIMD_SRA),
	LANES_ROW("add", SIMD_ADD, "float", SIMD_F32, 4),
	LANES_ROW("mul", SIMD_MUL, "float", SIMD_F32, 4),
	LANES_ROW("add", SIMD_ADD, "double", SIMD_F64, 8),
	LANES_ROW("mul", SIMD_MUL, "double", SIMD_F64, 8),
};

const struct peer_suite peers_simd = {
	.name = "simd", .rows = rows, .count = sizeof rows / sizeof rows[0], .further = copy_grid};
