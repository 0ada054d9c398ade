/* SPDX-License-Identifier: Apache-2.0
 *
 * Lane arithmetic, one lane a step: the oracle of the other variants. The fused multiply-add is done in integers, as
 * not every CPU that this runs on has one: rounded to nearest, ties to even, whatever the rounding mode is. (Of float
 * through double: the product is exact, and a sum that is rounded to odd may be rounded again. S. Boldo, G.
 * Melquiond: "Emulation of FMA and correctly rounded sums: proved algorithms using rounding to odd", IEEE
 * Transactions on Computers 57 (2008).)
 */
#include "simd/scalar_lanes.h"

__extension__ typedef unsigned __int128 wide;

enum { MANTISSA_BITS = 52, BIAS = 1023, EXPONENT_LEAST = -1022, EXPONENT_MOST = 1023, TOP = 126 };
#define HIDDEN_BIT (UINT64_C(1) << MANTISSA_BITS)

/* A finite number other than 0: mantissa * 2^(exponent - 126), bit 126 of the mantissa set, none above. */
struct unpacked {
	bool negative;
	int exponent;
	wide mantissa;
};

static uint64_t bits_of(double x) {
	union {
		double value;
		uint64_t bits;
	} both = {.value = x};
	return both.bits;
}

static double double_of(uint64_t bits) {
	union {
		uint64_t bits;
		double value;
	} both = {.bits = bits};
	return both.value;
}

static bool is_finite(double x) {
	return (bits_of(x) >> MANTISSA_BITS & 0x7ff) != 0x7ff;
}

static struct unpacked normalised(bool negative, int exponent, wide mantissa) {
	while ((mantissa >> TOP) == 0) {
		mantissa <<= 1;
		exponent--;
	}
	return (struct unpacked){negative, exponent, mantissa};
}

static struct unpacked unpack(double x) {
	uint64_t bits = bits_of(x), field = bits >> MANTISSA_BITS & 0x7ff, mantissa = bits & (HIDDEN_BIT - 1);
	int exponent = field != 0 ? (int)field - BIAS : EXPONENT_LEAST;
	if (field != 0)
		mantissa |= HIDDEN_BIT;
	return normalised((bits >> 63) != 0, exponent, (wide)mantissa << (TOP - MANTISSA_BITS));
}

/* What is shifted out stays seen in bit 0. */
static wide shifted_right(wide x, int bits) {
	if (bits == 0)
		return x;
	if (bits > TOP)
		return x != 0;
	return x >> bits | ((x & (((wide)1 << bits) - 1)) != 0);
}

static double pack(struct unpacked x) {
	const int spare = TOP - MANTISSA_BITS;
	uint64_t sign = (uint64_t)x.negative << 63;
	if (x.exponent > EXPONENT_MOST)
		return double_of(sign | UINT64_C(0x7ff) << MANTISSA_BITS);
	if (x.exponent < EXPONENT_LEAST) {
		x.mantissa = shifted_right(x.mantissa, EXPONENT_LEAST - x.exponent);
		x.exponent = EXPONENT_LEAST;
	}
	uint64_t mantissa = (uint64_t)(x.mantissa >> spare);
	wide rest = x.mantissa & (((wide)1 << spare) - 1), half = (wide)1 << (spare - 1);
	if (rest > half || (rest == half && (mantissa & 1) != 0))
		mantissa++;
	/* The hidden bit, and a carry out of the mantissa, count the exponent up. */
	return double_of(sign | (((uint64_t)(x.exponent - EXPONENT_LEAST) << MANTISSA_BITS) + mantissa));
}

static double fma_f64(double a, double b, double c) {
	if (!is_finite(a) || !is_finite(b) || a == 0 || b == 0)
		return a * b + c;
	if (!is_finite(c))
		return c + c;
	if (c == 0)
		return a * b;
	struct unpacked x = unpack(a), y = unpack(b), z = unpack(c);
	wide product = (x.mantissa >> (TOP - MANTISSA_BITS)) * (y.mantissa >> (TOP - MANTISSA_BITS));
	struct unpacked p =
		normalised(x.negative != y.negative, x.exponent + y.exponent + TOP - 2 * MANTISSA_BITS, product);
	bool product_is_larger = p.exponent > z.exponent || (p.exponent == z.exponent && p.mantissa >= z.mantissa);
	struct unpacked large = product_is_larger ? p : z, small = product_is_larger ? z : p;
	/* Where the distance costs bits of the smaller one, the larger has room below: nothing cancels that far. */
	small.mantissa = shifted_right(small.mantissa, large.exponent - small.exponent);
	if (large.negative != small.negative) {
		wide difference = large.mantissa - small.mantissa;
		return difference == 0 ? 0 : pack(normalised(large.negative, large.exponent, difference));
	}
	wide sum = large.mantissa + small.mantissa;
	if ((sum >> (TOP + 1)) != 0)
		return pack((struct unpacked){large.negative, large.exponent + 1, shifted_right(sum, 1)});
	return pack((struct unpacked){large.negative, large.exponent, sum});
}

static float fma_f32(float a, float b, float c) {
	double product = (double)a * b, sum = product + c;
	if (!is_finite(sum) || sum == 0)
		return (float)sum;
	/* Knuth's two-sum: what the sum lost. */
	double part = sum - product;
	double lost = (product - (sum - part)) + (c - part);
	uint64_t bits = bits_of(sum);
	if (lost != 0 && (bits & 1) == 0)
		bits += (lost > 0) == (sum > 0) ? 1 : UINT64_MAX;
	return (float)double_of(bits);
}

void simd_fma_f32_soft(void *result, const void *a, const void *b, const void *c, size_t count) {
	for (size_t i = 0; i < count; i++)
		((lane_f32 *)result)[i] =
			fma_f32(((const lane_f32 *)a)[i], ((const lane_f32 *)b)[i], ((const lane_f32 *)c)[i]);
}

void simd_fma_f64_soft(void *result, const void *a, const void *b, const void *c, size_t count) {
	for (size_t i = 0; i < count; i++)
		((lane_f64 *)result)[i] =
			fma_f64(((const lane_f64 *)a)[i], ((const lane_f64 *)b)[i], ((const lane_f64 *)c)[i]);
}

#define lanes_fma_f32 simd_fma_f32_soft
#define lanes_fma_f64 simd_fma_f64_soft

LANES_TABLE(scalar);
