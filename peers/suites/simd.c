/* SPDX-License-Identifier: Apache-2.0
 *
 * Kernels beside the C library's, REP MOVSB, ISA-L's CRC-32C, lanes one at a time, and a plain count of bits. Every
 * contestant is called through a pointer, as a user of simd_select would call it.
 *
 * Limits are this machine's: bare loops (peers/suites/limits.h) of the width of the method that they are set beside,
 * measured in the same rounds. Nothing is presumed of what a width can do.
 *
 * Which method a user gets is chosen elsewhere. Rows that have a bar for the best of them, and with --variants all,
 * measure the operation by every method that this machine runs, too.
 */
#include "bench/consume.h"
#include "bench/rng.h"
#include "bench/ticks.h"
#include "peers/choice.h"
#include "peers/suites/limits.h"
#include "peers/suites/popcount.h"
#include "peers/suites/rep.h"
#include "peers/suites/suites.h"

#include <stdio.h>
#include <string.h>

#define KIB(n) ((size_t)(n) << 10)
#define MIB(n) ((size_t)(n) << 20)

enum {
	HALF_PAGE = 2048,
	MIXED_SIZES = 4096,
	MIXED_MOST = 512,
	LANES = 1000,
	SHIFT_BITS = 3,
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
	simd_shift_function *shift, *shift_scalar;
	size_t op, lane; /* of lanes */
	bool by_number;  /* a shift of all lanes by one */
	const struct limit_loops *limits;
	const char *best_of; /* what `lanes_best_known` calls the operation; NULL: its limit is none of those */
	const struct lanes_best *best;
	uint8_t *to;
	uint8_t *from;
	uint8_t *third;
	size_t bytes;
	uint16_t sizes[MIXED_SIZES];
	uint8_t *area;
	size_t area_bytes;
};

static struct state state;

/* The same by each method of the row's operation. */
static struct {
	struct state state;
	struct simd_kernels kernels;
	char kernel[64], limit[96];
} by_method[SIMD_METHODS_MAX];

/* What rows of lanes have for `data`. */
static const char BEST[] = "best", BY_NUMBER[] = "by number";

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

/* Ours as a user calls it, and by one method. */
RUN(copy_ours, simd_copy(s->machine.kernels, s->to, s->from, s->bytes))
RUN(copy_method, s->machine.kernels->copies.copy(s->to, s->from, s->bytes))
RUN(copy_libc, s->libc_copy(s->to, s->from, s->bytes))
RUN(copy_rep, rep_copy(s->to, s->from, s->bytes))
RUN(fill_ours, simd_fill(s->machine.kernels, s->to, 0x5a, s->bytes))
RUN(fill_method, s->machine.kernels->fills.fill(s->to, 0x5a, s->bytes))
RUN(fill_libc, s->libc_set(s->to, 0x5a, s->bytes))
RUN(zero_ours, simd_zero(s->machine.kernels, s->to, s->bytes))
RUN(zero_method, s->machine.kernels->fills.zero(s->to, s->bytes))
RUN(zero_libc, s->libc_set(s->to, 0, s->bytes))
RUN(compare_ours, bench_consume((uint64_t)simd_compare(s->machine.kernels, s->to, s->from, s->bytes)))
RUN(compare_method, bench_consume((uint64_t)s->machine.kernels->scans.compare(s->to, s->from, s->bytes)))
RUN(compare_libc, bench_consume((uint64_t)s->libc_compare(s->to, s->from, s->bytes)))
RUN(find_ours, bench_consume(simd_find_byte(s->machine.kernels, s->from, 1, s->bytes)))
RUN(find_method, bench_consume(s->machine.kernels->scans.find_byte(s->from, 1, s->bytes)))
RUN(find_libc, bench_consume((uintptr_t)s->libc_find(s->from, 1, s->bytes)))
RUN(crc_ours, bench_consume(simd_crc32c(s->machine.kernels, 0, s->from, s->bytes)))
RUN(crc_method, bench_consume(s->machine.kernels->hashes.crc32c(0, s->from, s->bytes)))
RUN(crc_isal, bench_consume(s->isal_crc32c(s->from, (int)s->bytes, 0)))
RUN(is_zero_ours, bench_consume(s->machine.kernels->scans.is_zero_page(s->from)))
RUN(is_zero_libc, bench_consume((uint64_t)s->libc_compare(s->from, s->from + 1, 4095)))
RUN(hash_ours, bench_consume(s->machine.kernels->hashes.page_hash(s->from)))
RUN(popcount_ours, bench_consume(simd_popcount(s->machine.kernels, s->from, s->bytes)))
RUN(popcount_method, bench_consume(s->machine.kernels->sums.popcount(s->from, s->bytes)))
RUN(popcount_loop, bench_consume(popcount_plain(s->from, s->bytes / 8)))
RUN(sum_ours, bench_consume(simd_sum_u64(s->machine.kernels, (uint64_t *)(void *)s->from, s->bytes / 8)))
RUN(sum_method, bench_consume(s->machine.kernels->sums.sum_u64((uint64_t *)(void *)s->from, s->bytes / 8)))
RUN(lanes_ours, s->binary(s->to, s->from, s->third, LANES))
RUN(lanes_scalar, s->binary_scalar(s->to, s->from, s->third, LANES))
RUN(shift_ours, s->shift(s->to, s->from, SHIFT_BITS, LANES))
RUN(shift_scalar, s->shift_scalar(s->to, s->from, SHIFT_BITS, LANES))

RUN(limit_copy, s->limits->copy(s->to, s->from, s->bytes))
RUN(limit_fill, s->limits->fill(s->to, s->bytes))
RUN(limit_load, s->limits->load(s->from, s->bytes))
RUN(limit_load_two, s->limits->load_two(s->to, s->from, s->bytes))
RUN(limit_combine, s->limits->combine(s->to, s->from, s->third, s->bytes))
RUN(limit_best, s->best->run(s->to, s->from, s->third, s->bytes))

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
RUN_MIXED(mixed_method, s->machine.kernels->copies.copy(s->to, s->from, s->sizes[i]))
RUN_MIXED(mixed_libc, s->libc_copy(s->to, s->from, s->sizes[i]))

/* What a row measures of ours. */
struct ours {
	enum simd_operation operation;
	void (*run)(void *, uint64_t);
	void (*method)(void *, uint64_t); /* by one method */
	void (*limit)(void *, uint64_t);  /* what it does to memory; NULL: none */
	const char *does;                 /* that limit */
};

static const struct ours copies = {SIMD_OPERATION_COPY, copy_ours, copy_method, limit_copy, "loads and stores"},
			 mixed = {SIMD_OPERATION_COPY, mixed_ours, mixed_method, NULL, NULL},
			 fills = {SIMD_OPERATION_FILL, fill_ours, fill_method, limit_fill, "stores"},
			 zeroes = {SIMD_OPERATION_ZERO, zero_ours, zero_method, limit_fill, "stores"},
			 compares = {SIMD_OPERATION_COMPARE, compare_ours, compare_method, limit_load_two,
				     "loads from two places"},
			 finds = {SIMD_OPERATION_FIND_BYTE, find_ours, find_method, limit_load, "loads"},
			 crcs = {SIMD_OPERATION_CRC32C, crc_ours, crc_method, limit_load, "loads"},
			 zero_pages = {SIMD_OPERATION_IS_ZERO_PAGE, is_zero_ours, is_zero_ours, limit_load, "loads"},
			 hashes = {SIMD_OPERATION_PAGE_HASH, hash_ours, hash_ours, limit_load, "loads"},
			 popcounts = {SIMD_OPERATION_POPCOUNT, popcount_ours, popcount_method, limit_load, "loads"},
			 sums = {SIMD_OPERATION_SUM, sum_ours, sum_method, limit_load, "loads"};

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

/* What the kernel does to memory, done alone; none where that width has no loops, and none where vectors lie
 * across lines or two buffers do not fit into any first-level cache: there other methods beat a bare loop. */
static struct peer limit_of(struct state *of, enum simd_width width, char *name, size_t bytes,
			    const struct ours *ours) {
	of->limits = limit_loops_of(width);
	bool apart = ((uintptr_t)of->to - (uintptr_t)of->from) % 64 != 0;
	if (of->limits == NULL || ours->limit == NULL || apart || of->bytes > KIB(16))
		return (struct peer){.run = NULL};
	snprintf(name, bytes, "%s of %zu bytes, nothing else", ours->does, of->limits->vector_bytes);
	return (struct peer){.name = name, .run = ours->limit, .state = of, .reference = true};
}

/* Of the sequences that are known, the one that is the fastest here. */
static const struct lanes_best *fastest_known(struct state *of, const char *method) {
	const struct lanes_best *best = NULL;
	uint64_t least = UINT64_MAX;
	for (const struct lanes_best *known = lanes_best_known; known->operation != NULL; known++) {
		if (strcmp(known->operation, of->best_of) != 0 || strcmp(known->method, method) != 0)
			continue;
		of->best = known;
		for (unsigned round = 0; round < 64; round++) {
			uint64_t begin = ticks_begin();
			limit_best(of, 16);
			uint64_t ticks = ticks_end() - begin;
			if (ticks < least) {
				least = ticks;
				best = known;
			}
		}
	}
	return best;
}

static struct peer limit_of_method(struct state *of, const struct simd_method *method, char *name, size_t bytes,
				   const struct ours *ours) {
	if (of->best_of == NULL)
		return limit_of(of, method->width, name, bytes, ours);
	of->best = fastest_known(of, method->name);
	if (of->best == NULL)
		return (struct peer){.run = NULL};
	snprintf(name, bytes, "the best sequence known, %s", method->name);
	return (struct peer){.name = name, .run = limit_best, .state = of, .reference = true};
}

static void add_method(struct peer_contest *contest, const struct simd_method *method, const struct ours *ours) {
	size_t i = contest->method_count++;
	struct state *of = &by_method[i].state;
	by_method[i].kernels = *state.machine.kernels;
	(void)simd_method_use(state.machine.features, ours->operation, method->name, &by_method[i].kernels);
	*of = state;
	of->machine.kernels = &by_method[i].kernels;
	const struct simd_lanes *lanes = &by_method[i].kernels.lanes;
	if (state.by_number)
		of->shift = lanes->shift[state.op - SIMD_SHL][state.lane];
	else if (state.binary != NULL)
		of->binary = lanes->binary[state.op][state.lane];
	snprintf(by_method[i].kernel, sizeof by_method[i].kernel, "%s, %u bits", method->name, 64U << method->width);
	contest->methods[i].kernel = (struct peer){.name = by_method[i].kernel, .run = ours->method, .state = of};
	contest->methods[i].limit = limit_of_method(of, method, by_method[i].limit, sizeof by_method[i].limit, ours);
}

/* The one that a user gets at this size: the profile's, where there is one that runs, or the built-in choice. */
static const char *chosen(enum simd_operation operation, size_t bytes) {
	const char *method = peer_choice_method(state.machine.profile, operation, bytes);
	return method != NULL ? method : simd_method_built_in(state.machine.features, operation);
}

/* Ours and its limit, and where the row or the run asks for them, ours by each method with its own. */
static void set_ours(const struct peer_row *row, struct peer_contest *contest, const struct ours *ours) {
	static char name[96];
	struct simd_method methods[SIMD_METHODS_MAX];
	size_t count = simd_methods(state.machine.features, ours->operation, methods);
	const char *by = chosen(ours->operation, state.bytes);
	contest->ours = (struct peer){.name = by, .run = ours->run, .state = &state};
	for (size_t i = 0; i < count; i++) {
		if (strcmp(methods[i].name, by) == 0)
			contest->limit = limit_of_method(&state, &methods[i], name, sizeof name, ours);
		if ((row->methods || state.machine.variants) && methods[i].width != SIMD_WIDTH_SCALAR)
			add_method(contest, &methods[i], ours);
	}
}

static void add_peer(struct peer_contest *contest, const char *name, const char *absent, void (*run)(void *, uint64_t),
		     bool reference) {
	contest->peers[contest->count++] =
		(struct peer){.name = name, .absent = absent, .run = run, .state = &state, .reference = reference};
}

/* row->parameter: how far the destination is past the source modulo 4 KiB. */
static bool copy_setup(const struct peer_row *row, const struct peer_machine *machine, struct peer_contest *contest) {
	make_state(machine, contest, row->bytes, row->parameter, 2);
	set_ours(row, contest, &copies);
	add_peer(contest, "glibc", NULL, copy_libc, false);
	add_peer(contest, "rep movsb", rep_absent, copy_rep, false);
	return true;
}

static bool mixed_setup(const struct peer_row *row, const struct peer_machine *machine, struct peer_contest *contest) {
	make_state(machine, contest, MIXED_MOST, HALF_PAGE, 2);
	struct rng rng = rng_seeded(MIXED_SIZES);
	for (size_t i = 0; i < MIXED_SIZES; i++)
		state.sizes[i] = (uint16_t)rng_below(&rng, MIXED_MOST + 1);
	set_ours(row, contest, &mixed);
	add_peer(contest, "glibc", NULL, mixed_libc, false);
	return true;
}

static bool fill_setup(const struct peer_row *row, const struct peer_machine *machine, struct peer_contest *contest) {
	make_state(machine, contest, row->bytes, 0, 1);
	set_ours(row, contest, &fills);
	add_peer(contest, "glibc", NULL, fill_libc, false);
	return true;
}

static bool zero_setup(const struct peer_row *row, const struct peer_machine *machine, struct peer_contest *contest) {
	make_state(machine, contest, row->bytes, 0, 1);
	set_ours(row, contest, &zeroes);
	add_peer(contest, "glibc", NULL, zero_libc, false);
	return true;
}

static bool compare_setup(const struct peer_row *row, const struct peer_machine *machine,
			  struct peer_contest *contest) {
	make_state(machine, contest, row->bytes, HALF_PAGE, 2);
	set_ours(row, contest, &compares);
	add_peer(contest, "glibc", NULL, compare_libc, false);
	return true;
}

static bool find_setup(const struct peer_row *row, const struct peer_machine *machine, struct peer_contest *contest) {
	make_state(machine, contest, row->bytes, HALF_PAGE, 2);
	set_ours(row, contest, &finds);
	add_peer(contest, "glibc", NULL, find_libc, false);
	return true;
}

/* row->parameter: one more than the feature that is not to be used, as if this CPU lacked it; 0: all are. */
static void do_without(const struct peer_row *row) {
	if (row->parameter == 0)
		return;
	state.machine.features.present &= ~SIMD_FEATURE_BIT(row->parameter - 1);
	simd_select(state.machine.features, state.machine.profile, &without);
	state.machine.kernels = &without;
}

#define ISAL_WITHOUT "ISA-L's crc32_iscsi_01"

static bool crc_setup(const struct peer_row *row, const struct peer_machine *machine, struct peer_contest *contest) {
	make_state(machine, contest, row->bytes, HALF_PAGE, 2);
	const char *absent;
	/* Its own choice, or what it chooses where there is no VPCLMULQDQ. */
	bool all = row->parameter == 0;
	void *function = peer_symbol("libisal.so.2", all ? "crc32_iscsi" : "crc32_iscsi_01", &absent);
	memcpy(&state.isal_crc32c, &function, sizeof(function));
	do_without(row);
	set_ours(row, contest, &crcs);
	add_peer(contest, all ? "ISA-L" : ISAL_WITHOUT, absent, crc_isal, false);
	return true;
}

static bool is_zero_setup(const struct peer_row *row, const struct peer_machine *machine,
			  struct peer_contest *contest) {
	make_state(machine, contest, row->bytes, HALF_PAGE, 2);
	set_ours(row, contest, &zero_pages);
	add_peer(contest, "glibc's memcmp with itself, 1 byte on", NULL, is_zero_libc, false);
	return true;
}

static bool hash_setup(const struct peer_row *row, const struct peer_machine *machine, struct peer_contest *contest) {
	make_state(machine, contest, row->bytes, HALF_PAGE, 2);
	set_ours(row, contest, &hashes);
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
	do_without(row);
	set_ours(row, contest, &popcounts);
	add_peer(contest, "plain POPCNT loop", popcount_plain_absent(machine->features), popcount_loop, true);
	contest->peers[0].claims = true;
	contest->peers[0].claim = claim_of_plain_popcount((double)row->bytes / 8);
	return true;
}

static bool sum_setup(const struct peer_row *row, const struct peer_machine *machine, struct peer_contest *contest) {
	make_state(machine, contest, row->bytes, HALF_PAGE, 2);
	set_ours(row, contest, &sums);
	return true;
}

/* row->parameter: the operation and the lane. row->data: BEST where the limit is a sequence of instructions, BY_NUMBER
 * where it is and all lanes are shifted by one number, or NULL. */
static bool lanes_setup(const struct peer_row *row, const struct peer_machine *machine, struct peer_contest *contest) {
	static const char *const operations[] = {
		[SIMD_MUL] = "mul", [SIMD_SHL] = "shl", [SIMD_SRL] = "srl", [SIMD_SRA] = "sra"};
	static char best_of[16];
	make_state(machine, contest, LANES * 8, HALF_PAGE, 3);
	state.op = row->parameter / SIMD_LANE_COUNT;
	state.lane = row->parameter % SIMD_LANE_COUNT;
	state.by_number = row->data == BY_NUMBER;
	enum simd_lane lane = (enum simd_lane)state.lane;
	enum simd_operation operation = simd_binary_operation((enum simd_binary)state.op, lane);
	const struct simd_lanes *ours_of = simd_lanes_of(machine->kernels, operation, lane, LANES),
				*scalar = simd_variants[0].lanes;
	if (state.by_number) {
		state.shift = ours_of->shift[state.op - SIMD_SHL][state.lane];
		state.shift_scalar = scalar->shift[state.op - SIMD_SHL][state.lane];
	} else {
		state.binary = ours_of->binary[state.op][state.lane];
		state.binary_scalar = scalar->binary[state.op][state.lane];
	}
	state.bytes = LANES * row->bytes;
	void (*run)(void *, uint64_t) = state.by_number ? shift_ours : lanes_ours;
	const struct ours ours = {operation, run, run, limit_combine, "two loads and a store"};
	if (row->data != NULL) {
		snprintf(best_of, sizeof best_of, "%s%s_u%zu", operations[state.op], state.by_number ? "_imm" : "",
			 8 * row->bytes);
		state.best_of = best_of;
	}
	set_ours(row, contest, &ours);
	add_peer(contest, "one lane a step", NULL, state.by_number ? shift_scalar : lanes_scalar, true);
	return true;
}

/* ---- rows -------------------------------------------------------------------------------------------------------- */

#define COPY(row_name, size, apart, methods_, ...)                                                           \
	{                                                                                                    \
		.name = "simd/copy/" row_name, .bytes = (size), .bars = {__VA_ARGS__}, .parameter = (apart), \
		.methods = (methods_), .setup = copy_setup, .teardown = teardown,                            \
	}
#define COPY_FAR(row_name, size, ...)     COPY(row_name, size, HALF_PAGE, false, __VA_ARGS__)
#define COPY_METHODS(row_name, size, ...) COPY(row_name, size, HALF_PAGE, true, __VA_ARGS__)
#define WRITE(row_name, size, setup_function, methods_, ...)                                                 \
	{                                                                                                    \
		.name = "simd/" row_name, .bytes = (size), .bars = {__VA_ARGS__}, .setup = (setup_function), \
		.methods = (methods_), .teardown = teardown,                                                 \
	}
#define READ WRITE
/* As if the CPU lacked the feature. */
#define WITHOUT(row_name, size, setup_function, feature, ...)                                                \
	{                                                                                                    \
		.name = "simd/" row_name, .bytes = (size), .bars = {__VA_ARGS__}, .setup = (setup_function), \
		.parameter = (feature) + 1, .teardown = teardown,                                            \
	}
#define LANES_ROW(row_name, op, lane, lane_bytes, methods_, data_, ...)                                      \
	{                                                                                                    \
		.name = "simd/lanes/" row_name, .operations = LANES, .bytes = (lane_bytes), .data = (data_), \
		.bars = {__VA_ARGS__}, .parameter = (op)*SIMD_LANE_COUNT + (lane), .methods = (methods_),    \
		.setup = lanes_setup, .teardown = teardown,                                                  \
	}
/* One instruction a vector: 0.8 of what moves its vectors and does nothing else. What takes a sequence of
 * instructions: 0.85 of the best sequence known, in each width; `make mca` has models' cycles of both. */
#define LANES_ONE(op_name, op, lane_name, lane, lane_bytes) \
	LANES_ROW(op_name "/" lane_name, op, lane, lane_bytes, false, NULL, PEER_BAR(PEER_LIMIT, 1 / 0.8))
#define LANES_SEQUENCE(op_name, op, lane_name, lane, lane_bytes) \
	LANES_ROW(op_name "/" lane_name, op, lane, lane_bytes, true, BEST, PEER_BAR_METHODS(PEER_LIMIT, 1 / 0.85))
#define LANES_BY_NUMBER(op_name, op, lane_name, lane, lane_bytes)                           \
	LANES_ROW(op_name " by a number/" lane_name, op, lane, lane_bytes, true, BY_NUMBER, \
		  PEER_BAR_METHODS(PEER_LIMIT, 1 / 0.85))
#define LANES_INTEGERS(op_name, op)                                                               \
	LANES_ONE(op_name, op, "8bit", SIMD_U8, 1), LANES_ONE(op_name, op, "16bit", SIMD_U16, 2), \
		LANES_ONE(op_name, op, "32bit", SIMD_U32, 4), LANES_ONE(op_name, op, "64bit", SIMD_U64, 8)
#define LANES_SHIFTS(op_name, op)                                                                           \
	LANES_SEQUENCE(op_name, op, "8bit", SIMD_U8, 1), LANES_SEQUENCE(op_name, op, "16bit", SIMD_U16, 2), \
		LANES_ONE(op_name, op, "32bit", SIMD_U32, 4), LANES_ONE(op_name, op, "64bit", SIMD_U64, 8), \
		LANES_BY_NUMBER(op_name, op, "8bit", SIMD_U8, 1), LANES_BY_NUMBER(op_name, op, "16bit", SIMD_U16, 2)

static const struct peer_row rows[] = {
	COPY_METHODS("2KiB", KIB(2), PEER_BAR_METHODS(PEER_LIMIT, 1 / 0.95), PEER_BAR("glibc", 1 / 0.97)),
	COPY_METHODS("4KiB", KIB(4), PEER_BAR_METHODS(PEER_LIMIT, 1 / 0.95), PEER_BAR("glibc", 1 / 1.2)),
	COPY_METHODS("8KiB", KIB(8), PEER_BAR_METHODS(PEER_LIMIT, 1 / 0.95), PEER_BAR("glibc", 1 / 0.97)),
	COPY_METHODS("16KiB", KIB(16), PEER_BAR_METHODS("glibc", 1.0)),
	COPY("4KiB/just past modulo 4KiB", KIB(4), 33, false, PEER_BAR("glibc", 1 / 25.0)),
	COPY("16KiB/just past modulo 4KiB", KIB(16), 33, false, PEER_BAR("glibc", 1 / 25.0)),
	COPY("4KiB/alike modulo 4KiB", KIB(4), 0, false, PEER_BAR("glibc", 1 / 0.97)),
	COPY_FAR("256KiB", KIB(256), PEER_BAR("glibc", 1 / 0.97)),
	COPY_FAR("4MiB", MIB(4), PEER_BAR("glibc", 1 / 0.97)),
	COPY_FAR("64MiB", MIB(64), PEER_BAR("glibc", 1 / 1.6)),
	{.name = "simd/copy/mixed up to 512",
	 .operations = MIXED_SIZES,
	 .bars = {PEER_BAR("glibc", 0.75)},
	 .setup = mixed_setup,
	 .teardown = teardown},
	COPY_FAR("64MiB/just past modulo 4KiB", MIB(64), PEER_BAR("glibc", 1 / 0.97)),
	WRITE("fill/64B", 64, fill_setup, false, PEER_NO_BAR),
	WRITE("fill/4KiB", KIB(4), fill_setup, false, PEER_NO_BAR),
	WRITE("fill/16KiB", KIB(16), fill_setup, true, PEER_BAR_METHODS("glibc", 1.0)),
	WRITE("zero/4KiB", KIB(4), zero_setup, false, PEER_NO_BAR),
	WRITE("zero/16KiB", KIB(16), zero_setup, true, PEER_BAR_METHODS("glibc", 1.0)),
	WRITE("zero/64MiB", MIB(64), zero_setup, false, PEER_BAR("glibc", 1 / 1.9)),
	WRITE("zero/256MiB", MIB(256), zero_setup, false, PEER_BAR("glibc", 1 / 1.9)),
	READ("compare/16KiB", KIB(16), compare_setup, true, PEER_BAR_METHODS("glibc", 0.70)),
	READ("find_byte/16KiB", KIB(16), find_setup, true, PEER_BAR_METHODS("glibc", 0.90)),
	READ("is_zero_page", KIB(4), is_zero_setup, false, PEER_BAR(PEER_LIMIT, 1.05)),
	READ("crc32c/16KiB", KIB(16), crc_setup, false, PEER_BAR("ISA-L", 1 / 1.5)),
	WITHOUT("crc32c/4KiB/without VPCLMULQDQ", KIB(4), crc_setup, SIMD_X86_VPCLMULQDQ, PEER_BAR(ISAL_WITHOUT, 0.77)),
	WITHOUT("crc32c/16KiB/without VPCLMULQDQ", KIB(16), crc_setup, SIMD_X86_VPCLMULQDQ,
		PEER_BAR(ISAL_WITHOUT, 0.77)),
	WITHOUT("crc32c/64KiB/without VPCLMULQDQ", KIB(64), crc_setup, SIMD_X86_VPCLMULQDQ,
		PEER_BAR(ISAL_WITHOUT, 0.77)),
	READ("page_hash", KIB(4), hash_setup, false, PEER_NO_BAR),
	READ("popcount/16KiB", KIB(16), popcount_setup, false, PEER_NO_BAR),
	WITHOUT("popcount/16KiB/without VPOPCNTDQ", KIB(16), popcount_setup, SIMD_X86_AVX512_VPOPCNTDQ,
		PEER_BAR("plain POPCNT loop", 0.5)),
	READ("sum_u64/16KiB", KIB(16), sum_setup, false, PEER_NO_BAR),
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

/* The grid again by every method. */
static const struct peer_row *grids(const struct peer_machine *machine, size_t *count) {
	static struct peer_row grid[SIMD_METHODS_MAX];
	static char names[SIMD_METHODS_MAX][64];
	struct simd_method methods[SIMD_METHODS_MAX];
	size_t all = simd_methods(machine->features, SIMD_OPERATION_COPY, methods);
	*count = 0;
	for (size_t i = 0; i < all; i++) {
		if (methods[i].width == SIMD_WIDTH_SCALAR)
			continue;
		snprintf(names[i], sizeof names[i], "simd/copy/grid/%s", methods[i].name);
		grid[(*count)++] =
			(struct peer_row){.name = names[i], .data = methods[i].name, .grid = true, .optional = true};
	}
	return grid;
}

const struct peer_suite peers_simd = {
	.name = "simd", .rows = rows, .count = sizeof rows / sizeof rows[0], .more = grids};
