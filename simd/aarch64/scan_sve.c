/* SPDX-License-Identifier: Apache-2.0
 *
 * Scans in SVE vectors of whatever length the CPU has; assumes SVE. Four vectors a step, asked once, then single
 * vectors under a predicate. BRKB leaves the lanes before the first that is asked for, CNTP counts them.
 */
#include "simd/aarch64/sve.h"

static int compare(const void *left, const void *right, size_t bytes) {
	const uint8_t *a = left, *b = right;
	const svbool_t all = svptrue_b8();
	const size_t vector = svcntb(), step = 4 * vector;
	size_t done = 0;
	for (; bytes - done >= step; done += step) {
		svuint8_t x0 = sveor_x(all, svld1_vnum(all, a + done, 0), svld1_vnum(all, b + done, 0));
		svuint8_t x1 = sveor_x(all, svld1_vnum(all, a + done, 1), svld1_vnum(all, b + done, 1));
		svuint8_t x2 = sveor_x(all, svld1_vnum(all, a + done, 2), svld1_vnum(all, b + done, 2));
		svuint8_t x3 = sveor_x(all, svld1_vnum(all, a + done, 3), svld1_vnum(all, b + done, 3));
		svuint8_t any = svorr_x(all, svorr_x(all, x0, x1), svorr_x(all, x2, x3));
		if (svptest_any(all, svcmpne(all, any, 0)))
			break;
	}
	for (; done < bytes; done += vector) {
		svbool_t some = svwhilelt_b8_u64(done, bytes);
		svbool_t differ = svcmpne(some, svld1(some, a + done), svld1(some, b + done));
		if (!svptest_any(some, differ))
			continue;
		size_t first = done + svcntp_b8(all, svbrkb_z(some, differ));
		return a[first] < b[first] ? -1 : 1;
	}
	return 0;
}

static size_t find_byte(const void *memory, uint8_t value, size_t bytes) {
	const uint8_t *at = memory;
	const svbool_t all = svptrue_b8();
	const size_t vector = svcntb(), step = 4 * vector;
	size_t done = 0;
	for (; bytes - done >= step; done += step) {
		svbool_t f0 = svcmpeq(all, svld1_vnum(all, at + done, 0), value);
		svbool_t f1 = svcmpeq(all, svld1_vnum(all, at + done, 1), value);
		svbool_t f2 = svcmpeq(all, svld1_vnum(all, at + done, 2), value);
		svbool_t f3 = svcmpeq(all, svld1_vnum(all, at + done, 3), value);
		if (svptest_any(all, svorr_z(all, svorr_z(all, f0, f1), svorr_z(all, f2, f3))))
			break;
	}
	for (; done < bytes; done += vector) {
		svbool_t some = svwhilelt_b8_u64(done, bytes);
		svbool_t found = svcmpeq(some, svld1(some, at + done), value);
		if (svptest_any(some, found))
			return done + svcntp_b8(all, svbrkb_z(some, found));
	}
	return bytes;
}

/* 4096 is a multiple of four vectors of any length that is a power of two; others take the predicate's way. */
static bool is_zero_page(const void *page) {
	const uint8_t *at = page;
	const svbool_t all = svptrue_b8();
	const size_t vector = svcntb(), step = 4 * vector;
	size_t done = 0;
	for (; SIMD_PAGE_BYTES - done >= step; done += step) {
		svuint8_t x0 = svorr_x(all, svld1_vnum(all, at + done, 0), svld1_vnum(all, at + done, 1));
		svuint8_t x1 = svorr_x(all, svld1_vnum(all, at + done, 2), svld1_vnum(all, at + done, 3));
		if (svptest_any(all, svcmpne(all, svorr_x(all, x0, x1), 0)))
			return false;
	}
	for (; done < SIMD_PAGE_BYTES; done += vector) {
		svbool_t some = svwhilelt_b8_u64(done, SIMD_PAGE_BYTES);
		if (svptest_any(some, svcmpne(some, svld1(some, at + done), 0)))
			return false;
	}
	return true;
}

const struct simd_scans simd_scans_sve = {
	.compare = compare,
	.find_byte = find_byte,
	.is_zero_page = is_zero_page,
};
