/* SPDX-License-Identifier: Apache-2.0
 *
 * CRC-32C against the check value of the catalogue of parametrised CRC algorithms (CRC-32/ISCSI: "123456789") and the
 * vectors of RFC 3720, appendix B.4.
 */
#include "lib/crc32.h"

#include <criterion/criterion.h>
#include <string.h>

Test(crc32, known_answers) {
	uint8_t bytes[32];
	cr_expect_eq(crc32c(0, "123456789", 9), 0xe3069283);
	memset(bytes, 0, sizeof bytes);
	cr_expect_eq(crc32c(0, bytes, sizeof bytes), 0x8a9136aa);
	memset(bytes, 0xff, sizeof bytes);
	cr_expect_eq(crc32c(0, bytes, sizeof bytes), 0x62a8ab43);
	for (uint8_t i = 0; i < sizeof bytes; i++)
		bytes[i] = i;
	cr_expect_eq(crc32c(0, bytes, sizeof bytes), 0x46dd794e);
	cr_expect_eq(crc32c(0, NULL, 0), 0);
}

Test(crc32, continues) {
	for (size_t cut = 0; cut <= 9; cut++)
		cr_expect_eq(crc32c(crc32c(0, "123456789", cut), &"123456789"[cut], 9 - cut), 0xe3069283);
}

Test(crc32, digits) {
	uint32_t crc = 0;
	cr_expect(crc32c_parse("00ff9a3e", &crc) && crc == 0x00ff9a3e);
	cr_expect(crc32c_parse("e3069283 and more", &crc) && crc == 0xe3069283);
	cr_expect_not(crc32c_parse("E3069283", &crc));
	cr_expect_not(crc32c_parse("e306928", &crc));
	cr_expect_not(crc32c_parse("e306928g", &crc));
	cr_expect_not(crc32c_parse(" 3069283", &crc));
}
