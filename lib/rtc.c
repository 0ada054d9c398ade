/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/rtc.h"

enum {
	PORT_INDEX = 0x70,
	PORT_DATA = 0x71,
	NMI_DISABLE =
		0x80, /* in the index: kept set while the clock is read, as the index register cannot be read back */
	STATUS_A_UPDATE_IN_PROGRESS = 0x80,
	STATUS_B_24_HOURS = 0x02,
	STATUS_B_BINARY = 0x04,
	HOUR_PM = 0x80,
	TRIES = 4,
	UPDATE_TRIES =
		60, /* an update takes up to 2 ms; where it takes longer, the next try reads the same twice or not */
};

enum reg {
	REG_SECOND = 0x00,
	REG_MINUTE = 0x02,
	REG_HOUR = 0x04,
	REG_DAY = 0x07,
	REG_MONTH = 0x08,
	REG_YEAR = 0x09,
	REG_STATUS_A = 0x0a,
	REG_STATUS_B = 0x0b,
	REG_STATUS_D = 0x0d,
	REG_CENTURY = 0x32,
};

static const uint8_t fields[] = {REG_SECOND, REG_MINUTE, REG_HOUR, REG_DAY, REG_MONTH, REG_YEAR};
enum { SECOND, MINUTE, HOUR, DAY, MONTH, YEAR, FIELDS };

static uint8_t read_register(const struct port_io *io, enum reg reg) {
	io->write8(PORT_INDEX, (uint8_t)(NMI_DISABLE | reg));
	return io->read8(PORT_DATA);
}

static void read_fields(const struct port_io *io, uint8_t values[FIELDS]) {
	for (unsigned i = 0; i < UPDATE_TRIES && read_register(io, REG_STATUS_A) & STATUS_A_UPDATE_IN_PROGRESS; i++)
		;
	for (unsigned i = 0; i < FIELDS; i++)
		values[i] = read_register(io, fields[i]);
}

/* Twice the same, so that no update came between. */
static bool read_settled(const struct port_io *io, uint8_t values[FIELDS]) {
	uint8_t again[FIELDS];
	read_fields(io, values);
	for (unsigned try = 0; try < TRIES; try++) {
		bool same = true;
		read_fields(io, again);
		for (unsigned i = 0; i < FIELDS; i++) {
			same = same && again[i] == values[i];
			values[i] = again[i];
		}
		if (same)
			return true;
	}
	return false;
}

/* Out of range where the digits are none. */
static uint32_t number_of(uint8_t value, bool binary) {
	if (binary)
		return value;
	return (value & 0xf) > 9 || value >> 4 > 9 ? UINT8_MAX : (value >> 4) * 10u + (value & 0xf);
}

static uint32_t hour_of(uint8_t value, uint8_t status_b) {
	bool twelve = !(status_b & STATUS_B_24_HOURS), afternoon = twelve && value & HOUR_PM;
	uint32_t hour = number_of(twelve ? value & (uint8_t)~HOUR_PM : value, status_b & STATUS_B_BINARY);
	if (!twelve || hour < 1 || hour > 12)
		return twelve ? UINT8_MAX : hour;
	return hour % 12 + (afternoon ? 12 : 0);
}

bool rtc_read(const struct port_io *io, uint64_t *seconds) {
	uint8_t values[FIELDS], status_b = read_register(io, REG_STATUS_B);
	bool binary = status_b & STATUS_B_BINARY;
	/* Where nothing answers, all bits are set. */
	bool settled = status_b != UINT8_MAX && read_settled(io, values);
	uint32_t century = number_of(read_register(io, REG_CENTURY), binary);
	read_register(io, REG_STATUS_D);
	io->write8(PORT_INDEX, REG_STATUS_D);
	if (!settled)
		return false;
	const struct civil_time time = {
		.year = (century >= 20 && century <= 99 ? century : 20) * 100 + number_of(values[YEAR], binary),
		.month = number_of(values[MONTH], binary),
		.day = number_of(values[DAY], binary),
		.hour = hour_of(values[HOUR], status_b),
		.minute = number_of(values[MINUTE], binary),
		.second = number_of(values[SECOND], binary),
	};
	return civil_to_seconds(&time, seconds);
}
