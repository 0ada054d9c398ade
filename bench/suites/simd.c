/* SPDX-License-Identifier: Apache-2.0
 *
 * Lane arithmetic, vector against scalar. Kernels are called through the pointer that a user of simd_select would call
 * them through: one well-predicted call an iteration.
 *
 * The arrays start a quarter of a page or more apart modulo 4 KiB, so that a store is never taken for the source
 * of a load that comes soon after it.
 */
#include "bench/consume.h"
#include "bench/suites.h"
#include "bench/suites/pattern.h"
#include "lib/units.h"
#include "platform.h"

#define SEED          UINT64_C(0x13198a2e03707344)
#define MAPPING_BYTES (24 * PAGE_BYTES)

enum { LANES_MOST = 1024, ARRAY_BYTES = LANES_MOST * 8, SHIFT_BITS = 3, BLOCK_UNIT = 10, BLOCK_REGISTERS = 16 };
enum {
	OFFSET_A = 1 * PAGE_BYTES,
	OFFSET_B = 4 * PAGE_BYTES + 1024,
	OFFSET_C = 8 * PAGE_BYTES + 2048,
	OFFSET_RESULT = 12 * PAGE_BYTES + 3072,
	OFFSET_EXPECTED = 17 * PAGE_BYTES,
};

_Static_assert(OFFSET_EXPECTED + ARRAY_BYTES <= MAPPING_BYTES, "the last array fits");

/* A register of a guest, in memory: what an emulator's translated code works on. */
typedef uint32_t guest_vector __attribute__((vector_size(16), may_alias));

struct simd_state {
	simd_binary_function *binary;
	simd_unary_function *unary;
	simd_shift_function *shift;
	simd_fma_function *fma;
	simd_dot_f32_function *dot;
	simd_copy_function *copy;
	void *a, *b, *c, *result, *expected;
	size_t count;
	size_t result_bytes;
};

/* Where a row's kernel comes from. */
enum source { SCALAR, VECTOR };
#define PARAMETER(source, op, lane) ((uint64_t)(source) | (uint64_t)(op) << 8 | (uint64_t)(lane) << 16)
#define PARAMETER_SOURCE(parameter) ((enum source)((parameter)&255))
#define PARAMETER_OP(parameter)     ((parameter) >> 8 & 255)
#define PARAMETER_LANE(parameter)   ((parameter) >> 16 & 255)

static size_t lane_bytes(uint64_t lane) {
	static const uint8_t bytes[SIMD_LANE_COUNT] = {1, 2, 4, 8, 4, 8};
	return bytes[lane];
}

/* One lane a step, with the CPU's own fused multiply-add where it has one: the last of the variants of no width. */
static const struct simd_variant *scalar_variant(simd_features features) {
	const struct simd_variant *found = &simd_variants[0];
	for (size_t i = 0; i < simd_variant_count; i++)
		if (simd_variants[i].width == SIMD_WIDTH_SCALAR && simd_variant_runs(&simd_variants[i], features))
			found = &simd_variants[i];
	return found;
}

/* Of the row's size. */
static const struct simd_lanes *lanes_of(const struct benchmark *benchmark, const struct bench_context *context,
					 enum simd_operation operation) {
	enum simd_lane lane = (enum simd_lane)PARAMETER_LANE(benchmark->parameter);
	return PARAMETER_SOURCE(benchmark->parameter) == SCALAR
		       ? scalar_variant(*context->features)->lanes
		       : simd_lanes_of(context->kernels, operation, lane, benchmark->per_iteration);
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

/* Floats between 1 and 2: no infinities, no subnormals. */
static void make_floats(uint8_t *memory) {
	uint32_t *words = (uint32_t *)(void *)memory;
	for (size_t i = 0; i < ARRAY_BYTES / 4; i++)
		words[i] = (words[i] & 0x7fffff) | 0x3f800000;
}

static struct simd_state *prepare(const struct benchmark *benchmark, struct bench_context *context, size_t bytes) {
	void *memory;
	if (platform_memory_map(MAPPING_BYTES, PAGE_BYTES, PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE, &memory) !=
	    0) {
		context->reason = "no memory for the arrays";
		return NULL;
	}
	uint8_t *base = memory;
	pattern_fill(base + PAGE_BYTES, MAPPING_BYTES - PAGE_BYTES, SEED);
	if (PARAMETER_LANE(benchmark->parameter) >= SIMD_F32) {
		make_floats(base + OFFSET_A);
		make_floats(base + OFFSET_B);
		make_floats(base + OFFSET_C);
	}
	struct simd_state *state = memory;
	*state = (struct simd_state){
		.a = base + OFFSET_A,
		.b = base + OFFSET_B,
		.c = base + OFFSET_C,
		.result = base + OFFSET_RESULT,
		.expected = base + OFFSET_EXPECTED,
		.count = benchmark->per_iteration,
		.result_bytes = bytes,
	};
	context->state = state;
	return state;
}

static void simd_teardown(const struct benchmark *benchmark, struct bench_context *context) {
	(void)benchmark;
	if (context->state != NULL)
		(void)platform_memory_unmap(context->state, MAPPING_BYTES);
}

/* Runs the row once and compares with what the oracle left in `expected`. A broken run does nothing: the
 * result keeps its pattern. */
static enum bench_setup_result judge(const struct benchmark *benchmark, struct bench_context *context) {
	const struct simd_state *state = context->state;
	benchmark->run(context->state, context->injected_broken ? 0 : 1);
	const uint8_t *seen = state->result, *expected = state->expected;
	for (size_t i = 0; i < state->result_bytes; i++)
		if (seen[i] != expected[i]) {
			context->reason = "a lane is wrong";
			return BENCH_FAIL;
		}
	return BENCH_READY;
}

/* ---- what is run ------------------------------------------------------------------------------------------------- */

static void binary_run(void *argument, uint64_t iterations) {
	const struct simd_state state = *(const struct simd_state *)argument;
	for (; iterations != 0; iterations--) {
		state.binary(state.result, state.a, state.b, state.count);
		bench_consume_memory(state.result);
	}
}

static enum bench_setup_result binary_setup(const struct benchmark *benchmark, struct bench_context *context) {
	uint64_t op = PARAMETER_OP(benchmark->parameter), lane = PARAMETER_LANE(benchmark->parameter);
	struct simd_state *state = prepare(benchmark, context, benchmark->per_iteration * lane_bytes(lane));
	if (state == NULL)
		return BENCH_SKIP;
	simd_variants[0].lanes->binary[op][lane](state->expected, state->a, state->b, state->count);
	enum simd_operation operation = simd_binary_operation((enum simd_binary)op, (enum simd_lane)lane);
	state->binary = lanes_of(benchmark, context, operation)->binary[op][lane];
	return judge(benchmark, context);
}

static void unary_run(void *argument, uint64_t iterations) {
	const struct simd_state state = *(const struct simd_state *)argument;
	for (; iterations != 0; iterations--) {
		state.unary(state.result, state.a, state.count);
		bench_consume_memory(state.result);
	}
}

static enum bench_setup_result unary_setup(const struct benchmark *benchmark, struct bench_context *context) {
	uint64_t lane = PARAMETER_LANE(benchmark->parameter);
	struct simd_state *state = prepare(benchmark, context, benchmark->per_iteration * lane_bytes(lane));
	if (state == NULL)
		return BENCH_SKIP;
	simd_variants[0].lanes->bitwise_not[lane](state->expected, state->a, state->count);
	state->unary = lanes_of(benchmark, context, SIMD_OPERATION_LANES_ADD)->bitwise_not[lane];
	return judge(benchmark, context);
}

static void shift_run(void *argument, uint64_t iterations) {
	const struct simd_state state = *(const struct simd_state *)argument;
	for (; iterations != 0; iterations--) {
		state.shift(state.result, state.a, SHIFT_BITS, state.count);
		bench_consume_memory(state.result);
	}
}

static enum bench_setup_result shift_setup(const struct benchmark *benchmark, struct bench_context *context) {
	uint64_t op = PARAMETER_OP(benchmark->parameter), lane = PARAMETER_LANE(benchmark->parameter);
	struct simd_state *state = prepare(benchmark, context, benchmark->per_iteration * lane_bytes(lane));
	if (state == NULL)
		return BENCH_SKIP;
	simd_variants[0].lanes->shift[op][lane](state->expected, state->a, SHIFT_BITS, state->count);
	enum simd_operation operation = simd_binary_operation(SIMD_SHL, (enum simd_lane)lane);
	state->shift = lanes_of(benchmark, context, operation)->shift[op][lane];
	return judge(benchmark, context);
}

static void fma_run(void *argument, uint64_t iterations) {
	const struct simd_state state = *(const struct simd_state *)argument;
	for (; iterations != 0; iterations--) {
		state.fma(state.result, state.a, state.b, state.c, state.count);
		bench_consume_memory(state.result);
	}
}

static enum bench_setup_result fma_setup(const struct benchmark *benchmark, struct bench_context *context) {
	struct simd_state *state = prepare(benchmark, context, benchmark->per_iteration * sizeof(float));
	if (state == NULL)
		return BENCH_SKIP;
	simd_variants[0].lanes->fma_f32(state->expected, state->a, state->b, state->c, state->count);
	state->fma = lanes_of(benchmark, context, SIMD_OPERATION_LANES_FMA)->fma_f32;
	return judge(benchmark, context);
}

static void dot_run(void *argument, uint64_t iterations) {
	const struct simd_state state = *(const struct simd_state *)argument;
	float *result = state.result;
	for (; iterations != 0; iterations--) {
		*result = state.dot(state.a, state.b, state.count);
		bench_consume_memory(result);
	}
}

static enum bench_setup_result dot_setup(const struct benchmark *benchmark, struct bench_context *context) {
	struct simd_state *state = prepare(benchmark, context, sizeof(float));
	if (state == NULL)
		return BENCH_SKIP;
	*(float *)state->expected = simd_variants[0].sums->dot_f32(state->a, state->b, state->count);
	state->dot = PARAMETER_SOURCE(benchmark->parameter) == SCALAR ? simd_variants[0].sums->dot_f32
								      : context->kernels->sums.dot_f32;
	return judge(benchmark, context);
}

/* 64-bit lanes, one a step. */
static void copy_lanes(void *destination, const void *source, size_t bytes) {
	uint64_t *to = destination;
	const uint64_t *from = source;
	for (size_t i = 0; i < bytes / sizeof(*to); i++) {
		to[i] = from[i];
		bench_consume_memory(to);
	}
}

static void copy_run(void *argument, uint64_t iterations) {
	const struct simd_state state = *(const struct simd_state *)argument;
	for (; iterations != 0; iterations--) {
		state.copy(state.result, state.a, state.result_bytes);
		bench_consume_memory(state.result);
	}
}

static enum bench_setup_result copy_setup(const struct benchmark *benchmark, struct bench_context *context) {
	struct simd_state *state = prepare(benchmark, context, benchmark->per_iteration * sizeof(uint64_t));
	if (state == NULL)
		return BENCH_SKIP;
	copy_lanes(state->expected, state->a, state->result_bytes);
	state->copy = PARAMETER_SOURCE(benchmark->parameter) == SCALAR ? copy_lanes : context->kernels->copies.copy;
	return judge(benchmark, context);
}

/* ---- a block as a JIT would emit it ------------------------------------------------------------------------------ */

/* Two guest registers are loaded, one is stored; each operation needs what earlier ones stored. */
static inline __attribute__((always_inline)) void block_unit(guest_vector *r) {
	r[3] = r[0] + r[1];
	r[4] = r[2] ^ r[3];
	r[5] = r[4] - r[0];
	r[6] = r[5] & r[1];
	r[7] = r[6] << 3;
	r[8] = r[7] | r[2];
	r[9] = r[8] >> 5;
	r[0] = r[9] + r[4];
	r[1] = r[1] ^ r[8];
	r[2] = r[2] - r[5];
}

static void block_run(void *argument, uint64_t iterations) {
	const struct simd_state state = *(const struct simd_state *)argument;
	guest_vector *registers = state.result;
	for (; iterations != 0; iterations--)
		for (size_t done = 0; done < state.count; done += BLOCK_UNIT) {
			block_unit(registers);
			bench_consume_memory(registers);
		}
}

/* The same, lane by lane. */
static void block_lane(uint32_t *r) {
	r[3 * 4] = r[0] + r[1 * 4];
	r[4 * 4] = r[2 * 4] ^ r[3 * 4];
	r[5 * 4] = r[4 * 4] - r[0];
	r[6 * 4] = r[5 * 4] & r[1 * 4];
	r[7 * 4] = r[6 * 4] << 3;
	r[8 * 4] = r[7 * 4] | r[2 * 4];
	r[9 * 4] = r[8 * 4] >> 5;
	r[0] = r[9 * 4] + r[4 * 4];
	r[1 * 4] = r[1 * 4] ^ r[8 * 4];
	r[2 * 4] = r[2 * 4] - r[5 * 4];
}

static enum bench_setup_result block_setup(const struct benchmark *benchmark, struct bench_context *context) {
	struct simd_state *state = prepare(benchmark, context, BLOCK_REGISTERS * sizeof(guest_vector));
	if (state == NULL)
		return BENCH_SKIP;
	copy_lanes(state->expected, state->result, state->result_bytes);
	for (size_t done = 0; done < state->count; done += BLOCK_UNIT)
		for (size_t lane = 0; lane < sizeof(guest_vector) / 4; lane++)
			block_lane((uint32_t *)state->expected + lane);
	return judge(benchmark, context);
}

/* ---- rows -------------------------------------------------------------------------------------------------------- */

#define ROW_OF(row_name, what, lanes, parameter_value, kind, is_headline)                                            \
	{                                                                                                            \
		.name = "simd/" row_name,                                                                            \
		.iteration = "one call through a pointer: " #lanes " " what ", arrays in L1",                        \
		.unit = BENCH_UNIT_ELEMENTS, .per_iteration = (lanes), .memory_bytes = MAPPING_BYTES,                \
		.parameter = (parameter_value), .setup = kind##_setup, .run = kind##_run, .teardown = simd_teardown, \
		.headline = (is_headline),                                                                           \
	}
#define ROW(row_name, what, lanes, parameter_value, kind) ROW_OF(row_name, what, lanes, parameter_value, kind, false)
#define CHOSEN                                            "in the vectors that simd_select chooses on this machine"
#define EACH                                              "one lane a step"

#define VS_SCALAR(lanes)                                                                    \
	ROW("vs_scalar/add32/" #lanes, "additions of 32-bit lanes, " CHOSEN, lanes,         \
	    PARAMETER(VECTOR, SIMD_ADD, SIMD_U32), binary),                                 \
		ROW("vs_scalar/add64/" #lanes, "additions of 64-bit lanes, " CHOSEN, lanes, \
		    PARAMETER(VECTOR, SIMD_ADD, SIMD_U64), binary),                         \
		ROW("vs_scalar/scalar/" #lanes, "additions of 32-bit lanes, " EACH, lanes,  \
		    PARAMETER(SCALAR, SIMD_ADD, SIMD_U32), binary)
#define ELEMENT_SIZE(bits)                                                            \
	ROW("element_size/" #bits, "additions of " #bits "-bit lanes, " CHOSEN, 1000, \
	    PARAMETER(VECTOR, SIMD_ADD, SIMD_U##bits), binary)
#define OPERATION(group, word, op, what) \
	ROW(group "/" word, what " of 32-bit lanes, " CHOSEN, 1000, PARAMETER(VECTOR, op, SIMD_U32), binary)
#define BLOCK(operations)                                                                                              \
	{                                                                                                              \
		.name = "simd/block/" #operations,                                                                     \
		.iteration = #operations " operations on 128-bit guest registers in memory, as a JIT would emit them", \
		.unit = BENCH_UNIT_ELEMENTS, .per_iteration = (operations), .memory_bytes = MAPPING_BYTES,             \
		.parameter = PARAMETER(VECTOR, 0, SIMD_U32), .setup = block_setup, .run = block_run,                   \
		.teardown = simd_teardown,                                                                             \
	}
#define ARM_PAIR(word, lanes, what, op, lane, kind)                                                        \
	ROW("arm/" word "/" #lanes "/vector", what ", " CHOSEN, lanes, PARAMETER(VECTOR, op, lane), kind), \
		ROW("arm/" word "/" #lanes "/scalar", what ", " EACH, lanes, PARAMETER(SCALAR, op, lane), kind)
#define ARM(lanes)                                                                               \
	ARM_PAIR("add", lanes, "additions of floats", SIMD_ADD, SIMD_F32, binary),               \
		ARM_PAIR("mul", lanes, "multiplications of floats", SIMD_MUL, SIMD_F32, binary), \
		ARM_PAIR("fma", lanes, "fused multiply-additions of floats", 0, SIMD_F32, fma),  \
		ARM_PAIR("copy64", lanes, "64-bit lanes copied", 0, SIMD_U64, copy),             \
		ARM_PAIR("dot", lanes, "products of floats, summed", 0, SIMD_F32, dot)

static const struct benchmark rows[] = {
	ROW_OF("add32/1000/scalar", "additions of 32-bit lanes, " EACH, 1000, PARAMETER(SCALAR, SIMD_ADD, SIMD_U32),
	       binary, true),
	ROW_OF("add32/1000/vector", "additions of 32-bit lanes, " CHOSEN, 1000, PARAMETER(VECTOR, SIMD_ADD, SIMD_U32),
	       binary, true),
	VS_SCALAR(10),
	VS_SCALAR(50),
	VS_SCALAR(100),
	VS_SCALAR(500),
	VS_SCALAR(1000),
	ELEMENT_SIZE(8),
	ELEMENT_SIZE(16),
	ELEMENT_SIZE(32),
	ELEMENT_SIZE(64),
	OPERATION("ops", "add", SIMD_ADD, "additions"),
	OPERATION("ops", "sub", SIMD_SUB, "subtractions"),
	OPERATION("ops", "mul", SIMD_MUL, "multiplications"),
	OPERATION("ops", "and", SIMD_AND, "ANDs"),
	OPERATION("ops", "or", SIMD_OR, "ORs"),
	OPERATION("bitwise", "xor", SIMD_XOR, "XORs"),
	ROW("bitwise/not", "NOTs of 32-bit lanes, " CHOSEN, 1000, PARAMETER(VECTOR, 0, SIMD_U32), unary),
	OPERATION("shift", "shl", SIMD_SHL, "shifts to the left by another lane"),
	OPERATION("shift", "srl", SIMD_SRL, "shifts to the right by another lane"),
	OPERATION("shift", "sra", SIMD_SRA, "arithmetic shifts to the right by another lane"),
	ROW("shift/shl_imm", "shifts to the left by 3 of 32-bit lanes, " CHOSEN, 1000,
	    PARAMETER(VECTOR, SIMD_SHIFT_SHL, SIMD_U32), shift),
	BLOCK(10),
	BLOCK(50),
	BLOCK(100),
	BLOCK(500),
	BLOCK(1000),
	ARM(4),
	ARM(16),
	ARM(64),
	ARM(256),
	ARM(1024),
};

const struct bench_suite suite_simd = {
	.name = "simd",
	.benchmarks = rows,
	.count = sizeof rows / sizeof rows[0],
};
