/* SPDX-License-Identifier: Apache-2.0
 *
 * Operations by method, and what a profile makes of them. Pure. An operation is the places of struct simd_kernels that
 * its functions have; a method is a variant or an extension that puts something else there.
 */
#include "simd/kernels.h"

/* Neighbouring function pointers. */
struct place_span {
	uint16_t offset, count;
};

enum { PLACES_MAX = 7, POINTER_BYTES = sizeof(simd_copy_function *) };

struct operation_places {
	const char *name;
	enum simd_family family;
	struct place_span places[PLACES_MAX]; /* up to the first of no count */
};

#define AT(member) offsetof(struct simd_kernels, member)
#define ONE(member) \
	{ AT(member), 1 }
#define BINARY(op, lane, n) \
	{ AT(lanes.binary[SIMD_##op][SIMD_##lane]), n }
#define SHIFTS(lane)                                                                                                  \
	{                                                                                                             \
		BINARY(SHL, lane, 1), BINARY(SRL, lane, 1), BINARY(SRA, lane, 1),                                     \
			ONE(lanes.shift[SIMD_SHIFT_SHL][SIMD_##lane]), ONE(lanes.shift[SIMD_SHIFT_SRL][SIMD_##lane]), \
			ONE(lanes.shift[SIMD_SHIFT_SRA][SIMD_##lane]),                                                \
	}

/* The operation of most functions: where each span of them begins, and how many there are. */
#define MOST_PLACES(PLACE)                         \
	PLACE(lanes.binary[SIMD_ADD][SIMD_U8], 6)  \
	PLACE(lanes.binary[SIMD_SUB][SIMD_U8], 6)  \
	PLACE(lanes.binary[SIMD_MUL][SIMD_F32], 2) \
	PLACE(lanes.binary[SIMD_AND][SIMD_U8], 4)  \
	PLACE(lanes.binary[SIMD_OR][SIMD_U8], 4)   \
	PLACE(lanes.binary[SIMD_XOR][SIMD_U8], 4)  \
	PLACE(lanes.bitwise_not, 4)
#define PLACE_SPAN(member, n)  {AT(member), n},
#define PLACE_COUNT(member, n) +(n)
enum { FUNCTIONS_MAX = 0 MOST_PLACES(PLACE_COUNT) };

static const struct operation_places operations[SIMD_OPERATION_COUNT] = {
	[SIMD_OPERATION_COPY] = {"copy", SIMD_FAMILY_COPIES, {ONE(copies.copy), ONE(copies.move)}},
	[SIMD_OPERATION_FILL] = {"fill", SIMD_FAMILY_FILLS, {ONE(fills.fill)}},
	[SIMD_OPERATION_ZERO] = {"zero", SIMD_FAMILY_FILLS, {ONE(fills.zero)}},
	[SIMD_OPERATION_COMPARE] = {"compare", SIMD_FAMILY_SCANS, {ONE(scans.compare)}},
	[SIMD_OPERATION_FIND_BYTE] = {"find_byte", SIMD_FAMILY_SCANS, {ONE(scans.find_byte)}},
	[SIMD_OPERATION_SUM] = {"sum", SIMD_FAMILY_SUMS, {{AT(sums.sum_u64), 5}}},
	[SIMD_OPERATION_POPCOUNT] = {"popcount", SIMD_FAMILY_POPCOUNT, {ONE(sums.popcount)}},
	[SIMD_OPERATION_CRC32C] = {"crc32c", SIMD_FAMILY_CRC32C, {ONE(hashes.crc32c)}},
	[SIMD_OPERATION_COPY_PAGE] = {"copy_page", SIMD_FAMILY_COPIES, {ONE(copies.copy_page)}},
	[SIMD_OPERATION_ZERO_PAGE] = {"zero_page", SIMD_FAMILY_FILLS, {ONE(fills.zero_page)}},
	[SIMD_OPERATION_IS_ZERO_PAGE] = {"is_zero_page", SIMD_FAMILY_SCANS, {ONE(scans.is_zero_page)}},
	[SIMD_OPERATION_PAGE_HASH] = {"page_hash", SIMD_FAMILY_PAGE_HASH, {ONE(hashes.page_hash)}},
	[SIMD_OPERATION_LANES_ADD] = {"lanes/add", SIMD_FAMILY_LANES, {MOST_PLACES(PLACE_SPAN)}},
	[SIMD_OPERATION_LANES_MUL8] = {"lanes/mul8", SIMD_FAMILY_LANES, {BINARY(MUL, U8, 1)}},
	[SIMD_OPERATION_LANES_MUL16] = {"lanes/mul16", SIMD_FAMILY_LANES, {BINARY(MUL, U16, 1)}},
	[SIMD_OPERATION_LANES_MUL32] = {"lanes/mul32", SIMD_FAMILY_LANES, {BINARY(MUL, U32, 1)}},
	[SIMD_OPERATION_LANES_MUL64] = {"lanes/mul64", SIMD_FAMILY_LANES, {BINARY(MUL, U64, 1)}},
	[SIMD_OPERATION_LANES_SHIFT8] = {"lanes/shift8", SIMD_FAMILY_LANES, SHIFTS(U8)},
	[SIMD_OPERATION_LANES_SHIFT16] = {"lanes/shift16", SIMD_FAMILY_LANES, SHIFTS(U16)},
	[SIMD_OPERATION_LANES_SHIFT32] = {"lanes/shift32", SIMD_FAMILY_LANES, SHIFTS(U32)},
	[SIMD_OPERATION_LANES_SHIFT64] = {"lanes/shift64", SIMD_FAMILY_LANES, SHIFTS(U64)},
	[SIMD_OPERATION_LANES_FMA] = {"lanes/fma", SIMD_FAMILY_FMA, {ONE(lanes.fma_f32), ONE(lanes.fma_f64)}},
};

const char *simd_operation_name(enum simd_operation operation) {
	return (unsigned)operation < SIMD_OPERATION_COUNT ? operations[operation].name : "?";
}

static bool same_word(const char *a, const char *b) {
	while (*a != 0 && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

/* The functions of one operation, without the rest of a struct simd_kernels: some stacks are a page or two. */
struct functions {
	size_t bytes;
	unsigned char of[FUNCTIONS_MAX * POINTER_BYTES];
};

static void get_functions(const struct simd_kernels *from, enum simd_operation operation, struct functions *functions) {
	const struct place_span *places = operations[operation].places;
	functions->bytes = 0;
	for (unsigned i = 0; i < PLACES_MAX && places[i].count != 0; i++) {
		const unsigned char *at = (const unsigned char *)from + places[i].offset;
		for (size_t byte = 0; byte < (size_t)places[i].count * POINTER_BYTES; byte++)
			functions->of[functions->bytes++] = at[byte];
	}
}

/* `to` is what lies at `origin` of struct simd_kernels. */
static void put_functions(void *to, size_t origin, enum simd_operation operation, const struct functions *functions) {
	const struct place_span *places = operations[operation].places;
	const unsigned char *next = functions->of;
	for (unsigned i = 0; i < PLACES_MAX && places[i].count != 0; i++) {
		unsigned char *at = (unsigned char *)to + (places[i].offset - origin);
		for (size_t byte = 0; byte < (size_t)places[i].count * POINTER_BYTES; byte++)
			at[byte] = *next++;
	}
}

static bool are_same(const struct functions *a, const struct functions *b) {
	bool same = a->bytes == b->bytes;
	for (size_t byte = 0; same && byte < a->bytes; byte++)
		same = a->of[byte] == b->of[byte];
	return same;
}

/* ---- methods ----------------------------------------------------------------------------------------------------- */

/* All that a walk over the methods of an operation needs; each is in `now` when it is visited. */
struct walk {
	simd_features features;
	enum simd_operation operation;
	struct simd_kernels kernels; /* where variants and extensions put their functions */
	struct functions base, now;  /* base: what extensions go on top of */
	struct simd_method method;
	size_t next; /* of the variants, then of the extensions */
};

static void walk_start(struct walk *walk, simd_features features, enum simd_operation operation) {
	*walk = (struct walk){.features = features, .operation = operation};
	simd_select_variants(features, &walk->kernels);
	get_functions(&walk->kernels, operation, &walk->base);
}

/* false: that was all. */
static bool walk_next(struct walk *walk) {
	while (walk->next < simd_variant_count) {
		const struct simd_variant *variant = &simd_variants[walk->next++];
		enum simd_family family = operations[walk->operation].family;
		if (!simd_family_runs(variant, family, walk->features))
			continue;
		simd_take_family(&walk->kernels, family, variant);
		get_functions(&walk->kernels, walk->operation, &walk->now);
		walk->method = (struct simd_method){variant->name, variant->width};
		return true;
	}
	while (walk->next < simd_variant_count + simd_extension_count) {
		const struct simd_extension *extension = &simd_extensions[walk->next++ - simd_variant_count];
		if (!simd_extension_runs(extension, walk->features))
			continue;
		put_functions(&walk->kernels, 0, walk->operation, &walk->base);
		extension->extend(&walk->kernels);
		get_functions(&walk->kernels, walk->operation, &walk->now);
		if (are_same(&walk->now, &walk->base))
			continue;
		walk->method = (struct simd_method){extension->method, extension->width};
		return true;
	}
	return false;
}

size_t simd_methods(simd_features features, enum simd_operation operation, struct simd_method *methods) {
	struct functions seen[SIMD_METHODS_MAX];
	struct walk walk;
	size_t count = 0;
	walk_start(&walk, features, operation);
	while (count < SIMD_METHODS_MAX && walk_next(&walk)) {
		bool is_new = true;
		for (size_t i = 0; i < count && is_new; i++)
			is_new = !are_same(&seen[i], &walk.now);
		if (!is_new)
			continue;
		seen[count] = walk.now;
		methods[count++] = walk.method;
	}
	return count;
}

const char *simd_method_built_in(simd_features features, enum simd_operation operation) {
	struct functions built_in;
	struct walk walk;
	walk_start(&walk, features, operation);
	simd_extend(features, &walk.kernels);
	get_functions(&walk.kernels, operation, &built_in);
	while (walk_next(&walk) && !are_same(&built_in, &walk.now))
		;
	return walk.method.name;
}

bool simd_method_use(simd_features features, enum simd_operation operation, const char *name,
		     struct simd_kernels *kernels) {
	struct walk walk;
	walk_start(&walk, features, operation);
	while (walk_next(&walk))
		if (same_word(walk.method.name, name)) {
			put_functions(kernels, 0, operation, &walk.now);
			return true;
		}
	return false;
}

/* ---- by size ----------------------------------------------------------------------------------------------------- */

static void set_band(struct simd_by_size *by_size, unsigned band, enum simd_operation operation,
		     const struct simd_kernels *from) {
	switch (operation) {
	case SIMD_OPERATION_COPY:
		by_size->copy[band] = from->copies.copy;
		by_size->move[band] = from->copies.move;
		break;
	case SIMD_OPERATION_FILL:
		by_size->fill[band] = from->fills.fill;
		break;
	case SIMD_OPERATION_ZERO:
		by_size->zero[band] = from->fills.zero;
		break;
	case SIMD_OPERATION_COMPARE:
		by_size->compare[band] = from->scans.compare;
		break;
	case SIMD_OPERATION_FIND_BYTE:
		by_size->find_byte[band] = from->scans.find_byte;
		break;
	case SIMD_OPERATION_SUM:
		by_size->sums[band] = from->sums;
		break;
	case SIMD_OPERATION_POPCOUNT:
		by_size->popcount[band] = from->sums.popcount;
		break;
	case SIMD_OPERATION_CRC32C:
		by_size->crc32c[band] = from->hashes.crc32c;
		break;
	default: {
		struct functions functions;
		get_functions(from, operation, &functions);
		put_functions(&by_size->lanes[band], AT(lanes), operation, &functions);
	}
	}
}

/* Bands behind the last repeat it, so that whatever is indexed is a function. Each band's are in the operation's places
 * of `kernels` for a while, and in the end a page's. */
static void apply_sized(simd_features features, enum simd_operation operation, const struct simd_choice *choice,
			struct simd_kernels *kernels) {
	struct functions built_in, of_page;
	size_t *below = kernels->by_size.bands[operation].below, least = 0;
	bool ends = false;
	get_functions(kernels, operation, &built_in);
	of_page = built_in;
	for (unsigned band = 0; band < SIMD_BANDS; band++) {
		if (!ends) {
			put_functions(kernels, 0, operation, &built_in);
			if (choice->method[band] != NULL)
				(void)simd_method_use(features, operation, choice->method[band], kernels);
		}
		set_band(&kernels->by_size, band, operation, kernels);
		if (!ends && least <= SIMD_PAGE_BYTES)
			get_functions(kernels, operation, &of_page);
		if (band == SIMD_BANDS - 1)
			break;
		ends = ends || choice->below[band] <= least;
		below[band] = ends ? SIZE_MAX : choice->below[band];
		least = below[band];
	}
	put_functions(kernels, 0, operation, &of_page);
}

void simd_apply_profile(simd_features features, const struct simd_profile *profile, struct simd_kernels *kernels) {
	kernels->copy_stream_bytes =
		profile->copy_stream_bytes != 0 ? profile->copy_stream_bytes : simd_profile_default.copy_stream_bytes;
	kernels->zero_stream_bytes =
		profile->zero_stream_bytes != 0 ? profile->zero_stream_bytes : simd_profile_default.zero_stream_bytes;
	for (unsigned i = 0; i < SIMD_OPERATION_COUNT; i++) {
		enum simd_operation operation = (enum simd_operation)i;
		const struct simd_choice *choice = &profile->choice[i];
		if (simd_operation_is_sized(operation))
			apply_sized(features, operation, choice, kernels);
		else if (choice->method[0] != NULL)
			(void)simd_method_use(features, operation, choice->method[0], kernels);
	}
}
