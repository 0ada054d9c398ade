/* SPDX-License-Identifier: Apache-2.0
 *
 * Line by line: a head that names a CPU, or one reading in one of three spellings. Whatever else stands in a dump is
 * passed over; a line that begins as a reading and goes on as something else is an error.
 *
 *   cpuid -r      CPU 0:
 *                    0x00000004 0x01: eax=0x00000122 ebx=... ecx=... edx=...
 *   AIDA64        ------[ CPUID Registers / Logical CPU #1 ]------
 *                 CPUID 00000004: 1C004121-01C0003F-0000003F-00000000 [SL 00]
 *   libcpuid      _________________ Logical CPU #1 _________________
 *                 intel_fn4[0]=1c004121 01c0003f 0000003f 00000000
 */
#include "caps/dump/dump.h"

#include "caps/build.h"

#include <stdio.h>
#include <string.h>

enum { READINGS_MAX = 1024 }; /* of a CPU; those that are known have some 200 */

struct dump {
	struct caps_arena *arena;
	struct caps_raw *raw;
	struct caps_cpu_raw *cpus;
	struct caps_leaf *leaves; /* room for all */
	size_t leaf_count, leaf_most;
	size_t line;   /* from 1 */
	bool headless; /* the CPU at hand is of no head */
	bool passing;  /* readings of a CPU that was there before, or of no CPUID, are passed over */
	char *complaint;
	size_t capacity;
};

/* A line, not terminated, and where in it we are. */
struct cursor {
	const char *at, *end;
};

/* ---- words ------------------------------------------------------------------------------------------------------- */

static void skip_blanks(struct cursor *cursor) {
	while (cursor->at < cursor->end && (*cursor->at == ' ' || *cursor->at == '\t'))
		cursor->at++;
}

static bool take(struct cursor *cursor, const char *word) {
	size_t length = strlen(word);
	if ((size_t)(cursor->end - cursor->at) < length || strncmp(cursor->at, word, length) != 0)
		return false;
	cursor->at += length;
	return true;
}

/* Behind the next occurrence of `word`. */
static bool seek(struct cursor *cursor, const char *word) {
	for (struct cursor at = *cursor; at.at < at.end; at.at++) {
		struct cursor tried = at;
		if (take(&tried, word)) {
			*cursor = tried;
			return true;
		}
	}
	return false;
}

static int digit_of(char byte) {
	return byte >= '0' && byte <= '9'                 ? byte - '0'
	       : (byte | 32) >= 'a' && (byte | 32) <= 'f' ? (byte | 32) - 'a' + 10
							  : 16;
}

/* At most eight digits of base 16, or nine of base 10. */
static bool take_number(struct cursor *cursor, int base, uint32_t *number) {
	uint64_t value = 0;
	unsigned digits = 0;
	for (; cursor->at < cursor->end && digit_of(*cursor->at) < base; cursor->at++, digits++)
		if (digits < 12)
			value = value * (unsigned)base + (unsigned)digit_of(*cursor->at);
	*number = (uint32_t)value;
	return digits > 0 && digits <= (base == 16 ? 8u : 9u);
}

/* ---- what is gathered -------------------------------------------------------------------------------------------- */

static int refuse(struct dump *dump, const char *what) {
	snprintf(dump->complaint, dump->capacity, "line %zu: %s", dump->line, what);
	return CAPS_EINVAL;
}

static int begin_cpu(struct dump *dump, uint32_t number) {
	struct caps_raw *raw = dump->raw;
	for (size_t i = 0; i < raw->cpu_count; i++)
		if (dump->cpus[i].number == number) { /* as in lists of its MSRs */
			dump->passing = true;
			return 0;
		}
	if (raw->cpu_count == CAPS_CPUS_MAX)
		return refuse(dump, "more CPUs than can be described");
	dump->cpus[raw->cpu_count++] = (struct caps_cpu_raw){.number = number,
							     .leaves = dump->leaves + dump->leaf_count,
							     .os_package = -1,
							     .os_die = -1,
							     .os_cluster = -1,
							     .os_core = -1,
							     .os_node = -1};
	return 0;
}

static int add_leaf(struct dump *dump, struct caps_leaf leaf, bool subleaf_known) {
	if (dump->raw->cpu_count == 0) {
		int error = begin_cpu(dump, 0);
		if (error)
			return error;
		dump->headless = true;
	}
	struct caps_cpu_raw *cpu = &dump->cpus[dump->raw->cpu_count - 1];
	if (dump->passing)
		return 0;
	/* Without a number they stand in order. */
	for (size_t i = 0; i < cpu->leaf_count && !subleaf_known; i++)
		leaf.subleaf += cpu->leaves[i].leaf == leaf.leaf;
	if (dump->leaf_count == dump->leaf_most || cpu->leaf_count == READINGS_MAX)
		return refuse(dump, "too many readings");
	dump->leaves[dump->leaf_count++] = leaf;
	cpu->leaf_count++;
	return 0;
}

/* ---- lines ------------------------------------------------------------------------------------------------------- */

/* "CPU 3:", "Logical CPU #3" and "CPU#003 AffMask:". AIDA64's old "CPUID Registers (CPU #1 Virtual)" has one number for
 * both threads of a core: those are counted. */
static bool is_head(const struct dump *dump, struct cursor line, uint32_t *number, bool *number_good) {
	static const char counted[] = "CPUID Registers (CPU #", named[] = "Logical CPU #";
	struct cursor at = line;
	skip_blanks(&at);
	*number_good = true;
	if (seek(&at, counted)) {
		*number = dump->headless ? 0 : (uint32_t)dump->raw->cpu_count;
		return true;
	}
	if (seek(&at, named) || take(&at, "CPU#")) {
		*number_good = take_number(&at, 10, number);
		return true;
	}
	if (!take(&at, "CPU ") || at.at == at.end || digit_of(*at.at) > 9)
		return false;
	*number_good = take_number(&at, 10, number);
	return take(&at, ":");
}

static int read_head(struct dump *dump, struct cursor line, bool *found) {
	uint32_t number;
	bool number_good;
	*found = is_head(dump, line, &number, &number_good);
	if (!*found)
		return 0;
	if (!number_good)
		return refuse(dump, "no number of a CPU");
	/* What stands before the first head is a CPU's that comes again. */
	if (dump->headless) {
		dump->leaf_count = 0;
		dump->raw->cpu_count = 0;
	}
	dump->headless = dump->passing = false;
	return begin_cpu(dump, number);
}

/* "0x00000004 0x01: eax=0x00000122 ebx=..." */
static int read_plain(struct dump *dump, struct cursor at, bool *found) {
	static const char *const names[] = {"eax=0x", "ebx=0x", "ecx=0x", "edx=0x"};
	struct caps_leaf leaf = {0};
	uint32_t values[4];
	skip_blanks(&at);
	*found = take(&at, "0x") && take_number(&at, 16, &leaf.leaf) && take(&at, " 0x") &&
		 take_number(&at, 16, &leaf.subleaf) && take(&at, ":");
	if (!*found)
		return 0;
	for (unsigned i = 0; i < 4; i++) {
		skip_blanks(&at);
		if (!take(&at, names[i]) || !take_number(&at, 16, &values[i]))
			return refuse(dump, "a reading without its four registers");
	}
	leaf.eax = values[0], leaf.ebx = values[1], leaf.ecx = values[2], leaf.edx = values[3];
	return add_leaf(dump, leaf, true);
}

static bool take_four(struct cursor *at, char between, struct caps_leaf *leaf) {
	uint32_t *const values[] = {&leaf->eax, &leaf->ebx, &leaf->ecx, &leaf->edx};
	for (unsigned i = 0; i < 4; i++) {
		if (i > 0 && (at->at == at->end || *at->at++ != between))
			return false;
		if (!take_number(at, 16, values[i]))
			return false;
	}
	return true;
}

static int not_found(bool *found) {
	*found = false;
	return 0;
}

/* "CPUID 00000004: 1C004121-01C0003F-0000003F-00000000 [SL 00]" */
static int read_aida(struct dump *dump, struct cursor at, bool *found) {
	struct caps_leaf leaf = {0};
	skip_blanks(&at);
	*found = take(&at, "CPUID ") && take_number(&at, 16, &leaf.leaf);
	if (!*found)
		return 0;
	/* The old "CPUID 00000004  \t00004121-..." has no colon: prose may begin so, too. */
	bool colon = take(&at, ":");
	skip_blanks(&at);
	if (!take_four(&at, '-', &leaf))
		return colon ? refuse(dump, "a reading without its four registers") : not_found(found);
	bool known = seek(&at, "[SL ") && take_number(&at, 16, &leaf.subleaf);
	return add_leaf(dump, leaf, known);
}

/* "basic_cpuid[4]=...", "intel_fn4[0]=..." */
static int read_libcpuid(struct dump *dump, struct cursor line, bool *found) {
	static const struct {
		const char *name;
		uint32_t leaf;
		bool index_is_leaf;
	} arrays[] = {{"basic_cpuid[", 0, true},
		      {"ext_cpuid[", UINT32_C(0x80000000), true},
		      {"intel_fn4[", 0x4, false},
		      {"intel_fn7[", 0x7, false},
		      {"intel_fn11[", 0xb, false},
		      {"intel_fn12h[", 0x12, false},
		      {"intel_fn14h[", 0x14, false},
		      {"amd_fn8000001dh[", UINT32_C(0x8000001d), false},
		      {"amd_fn80000026h[", UINT32_C(0x80000026), false}};
	skip_blanks(&line);
	*found = false;
	for (size_t i = 0; i < sizeof(arrays) / sizeof(arrays[0]); i++) {
		struct cursor at = line;
		struct caps_leaf leaf = {.leaf = arrays[i].leaf};
		uint32_t index;
		if (!take(&at, arrays[i].name) || !take_number(&at, 10, &index) || !take(&at, "]="))
			continue;
		*found = true;
		if (!take_four(&at, ' ', &leaf))
			return refuse(dump, "a reading without its four registers");
		if (arrays[i].index_is_leaf)
			leaf.leaf += index;
		else
			leaf.subleaf = index;
		/* Subleaf 0 stands in two arrays. */
		const struct caps_cpu_raw *cpu = dump->raw->cpu_count ? &dump->cpus[dump->raw->cpu_count - 1] : NULL;
		for (size_t k = 0; cpu && k < cpu->leaf_count; k++)
			if (cpu->leaves[k].leaf == leaf.leaf && cpu->leaves[k].subleaf == leaf.subleaf)
				return 0;
		return add_leaf(dump, leaf, true);
	}
	return 0;
}

static int read_line(struct dump *dump, struct cursor line) {
	static int (*const readers[])(struct dump * dump, struct cursor line, bool *found) = {read_head, read_plain,
											      read_aida, read_libcpuid};
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
		bool found;
		int error = readers[i](dump, line, &found);
		if (error || found)
			return error;
	}
	return 0;
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

/* The shortest reading has four numbers and the signs between. */
enum { READING_BYTES_MIN = 16 };

size_t caps_dump_bytes(size_t length) {
	return CAPS_CPUS_MAX * sizeof(struct caps_cpu_raw) +
	       (length / READING_BYTES_MIN + 1) * sizeof(struct caps_leaf) + 64;
}

static void drop_empty(struct dump *dump) {
	size_t kept = 0;
	for (size_t i = 0; i < dump->raw->cpu_count; i++)
		if (dump->cpus[i].leaf_count)
			dump->cpus[kept++] = dump->cpus[i];
	dump->raw->cpu_count = kept;
}

int caps_dump_read(const char *text, size_t length, struct caps_arena *arena, struct caps_raw *raw, char *complaint,
		   size_t capacity) {
	struct dump dump = {.arena = arena, .raw = raw, .complaint = complaint, .capacity = capacity};
	*raw = (struct caps_raw){.architecture = CAPS_X86_64};
	dump.leaf_most = length / READING_BYTES_MIN + 1;
	dump.cpus = caps_arena_take(arena, CAPS_CPUS_MAX * sizeof(*dump.cpus));
	dump.leaves = caps_arena_take(arena, dump.leaf_most * sizeof(*dump.leaves));
	if (!dump.cpus || !dump.leaves)
		return CAPS_ENOMEM;
	raw->cpus = dump.cpus;
	for (const char *at = text, *end = text + length; at < end; at++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at)), *stop = newline ? newline : end;
		struct cursor line = {at, stop > at && stop[-1] == '\r' ? stop - 1 : stop};
		dump.line++;
		int error = read_line(&dump, line);
		if (error)
			return error;
		at = stop;
	}
	drop_empty(&dump);
	if (raw->cpu_count)
		return 0;
	snprintf(complaint, capacity, "no dump of CPUID: neither cpuid -r, nor AIDA64's, nor libcpuid's");
	return CAPS_EINVAL;
}
