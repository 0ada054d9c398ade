/* SPDX-License-Identifier: Apache-2.0
 *
 * The ELF64 reader. The file may be hostile (it may come from a damaged stick): every range is checked against the
 * file's length by `file_range` before it is read, and fields are read bytewise, so no alignment is asked for.
 */
#include "lib/elf.h"

/* System V gABI chapter 4 (file header, sections, symbols, relocations) and chapter 5 (program headers, dynamic). */
enum {
	EI_CLASS = 4,
	EI_DATA = 5,
	ELFCLASS64 = 2,
	ELFDATA2LSB = 1,
	ET_EXEC = 2,
	ET_DYN = 3,
	PT_LOAD = 1,
	PT_DYNAMIC = 2,
	DT_NULL = 0,
	DT_RELA = 7,
	DT_RELASZ = 8,
	DT_RELAENT = 9,
	DT_REL = 17,
	SHT_SYMTAB = 2,
	SHN_UNDEF = 0,
	STT_FUNC = 2,
	R_X86_64_RELATIVE = 8,
	R_AARCH64_RELATIVE = 1027,

	/* file header */
	E_TYPE = 16,
	E_MACHINE = 18,
	E_ENTRY = 24,
	E_PHOFF = 32,
	E_SHOFF = 40,
	E_PHENTSIZE = 54,
	E_PHNUM = 56,
	E_SHENTSIZE = 58,
	E_SHNUM = 60,
	EHDR_SIZE = 64,
	/* program header */
	P_TYPE = 0,
	P_FLAGS = 4,
	P_OFFSET = 8,
	P_VADDR = 16,
	P_FILESZ = 32,
	P_MEMSZ = 40,
	P_ALIGN = 48,
	PHDR_SIZE = 56,
	/* section header */
	SH_TYPE = 4,
	SH_OFFSET = 24,
	SH_SIZE = 32,
	SH_LINK = 40,
	SHDR_SIZE = 64,
	/* symbol */
	ST_NAME = 0,
	ST_INFO = 4,
	ST_SHNDX = 6,
	ST_VALUE = 8,
	ST_SIZE = 16,
	SYM_SIZE = 24,
	/* dynamic entry and relocation */
	DYN_SIZE = 16,
	RELA_SIZE = 24,
};

/* Spelled out: compilers make one load of each. */
static uint16_t read16(const uint8_t *bytes) {
	return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static uint32_t read32(const uint8_t *bytes) {
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static uint64_t read64(const uint8_t *bytes) {
	return (uint64_t)bytes[0] | (uint64_t)bytes[1] << 8 | (uint64_t)bytes[2] << 16 | (uint64_t)bytes[3] << 24 |
	       (uint64_t)bytes[4] << 32 | (uint64_t)bytes[5] << 40 | (uint64_t)bytes[6] << 48 |
	       (uint64_t)bytes[7] << 56;
}

static void write64(uint8_t *bytes, uint64_t value) {
	for (unsigned i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(value >> 8 * i);
}

static const uint8_t *file_range(const struct elf_image *image, uint64_t offset, uint64_t length) {
	if (offset > image->length || length > image->length - offset)
		return NULL;
	return image->file + offset;
}

static const uint8_t *program_header(const struct elf_image *image, size_t index) {
	return image->file + read64(image->file + E_PHOFF) + index * PHDR_SIZE;
}

static int check_header(struct elf_image *image, enum elf_machine machine) {
	static const uint8_t magic[4] = {0x7f, 'E', 'L', 'F'};
	const uint8_t *header = file_range(image, 0, EHDR_SIZE);
	if (!header)
		return ELF_ETRUNCATED;
	for (unsigned i = 0; i < sizeof magic; i++) {
		if (header[i] != magic[i])
			return ELF_EFORMAT;
	}
	uint16_t type = read16(header + E_TYPE);
	if (header[EI_CLASS] != ELFCLASS64 || header[EI_DATA] != ELFDATA2LSB || (type != ET_EXEC && type != ET_DYN))
		return ELF_EFORMAT;
	image->machine = read16(header + E_MACHINE);
	if (image->machine != machine)
		return ELF_EMACHINE;
	image->entry = read64(header + E_ENTRY);
	image->segment_count = read16(header + E_PHNUM);
	if (read16(header + E_PHENTSIZE) != PHDR_SIZE || image->segment_count == 0)
		return ELF_EFORMAT;
	if (!file_range(image, read64(header + E_PHOFF), (uint64_t)image->segment_count * PHDR_SIZE))
		return ELF_ETRUNCATED;
	return 0;
}

/* One PT_LOAD: inside the file, no wrap-around; widens the image's bounds. */
static int check_load(struct elf_image *image, const uint8_t *header) {
	uint64_t address = read64(header + P_VADDR), size = read64(header + P_MEMSZ);
	uint64_t align = read64(header + P_ALIGN);
	if (!file_range(image, read64(header + P_OFFSET), read64(header + P_FILESZ)))
		return ELF_ETRUNCATED;
	if (read64(header + P_FILESZ) > size || address + size < address || (align & (align - 1)) != 0)
		return ELF_EFORMAT;
	if (address < image->low)
		image->low = address;
	if (address + size > image->high)
		image->high = address + size;
	if (align > image->align)
		image->align = align;
	return 0;
}

int elf_open(struct elf_image *image, const void *file, size_t length, enum elf_machine machine) {
	*image = (struct elf_image){.file = file, .length = length, .low = UINT64_MAX, .align = 1};
	int error = check_header(image, machine);
	for (size_t i = 0; !error && i < image->segment_count; i++) {
		const uint8_t *header = program_header(image, i);
		if (read32(header + P_TYPE) == PT_LOAD)
			error = check_load(image, header);
	}
	if (!error && (image->high == 0 || image->entry < image->low || image->entry >= image->high))
		error = ELF_EFORMAT;
	return error;
}

bool elf_segment_get(const struct elf_image *image, size_t index, struct elf_segment *segment) {
	for (size_t i = 0; i < image->segment_count; i++) {
		const uint8_t *header = program_header(image, i);
		if (read32(header + P_TYPE) != PT_LOAD || index-- > 0)
			continue;
		*segment = (struct elf_segment){
			.address = read64(header + P_VADDR),
			.size = read64(header + P_MEMSZ),
			.bytes = image->file + read64(header + P_OFFSET),
			.file_size = read64(header + P_FILESZ),
			.flags = read32(header + P_FLAGS),
		};
		return true;
	}
	return false;
}

void elf_load(const struct elf_image *image, void *memory) {
	uint8_t *base = memory;
	for (uint64_t i = 0; i < image->high - image->low; i++)
		base[i] = 0;
	struct elf_segment segment;
	for (size_t index = 0; elf_segment_get(image, index, &segment); index++) {
		uint8_t *to = base + (segment.address - image->low);
		for (uint64_t i = 0; i < segment.file_size; i++)
			to[i] = segment.bytes[i];
	}
}

/* Where `size` bytes at `address` lie in the loaded image; NULL outside. */
static uint8_t *loaded_range(const struct elf_image *image, void *memory, uint64_t address, uint64_t size) {
	if (address < image->low || address > image->high || size > image->high - address)
		return NULL;
	return (uint8_t *)memory + (address - image->low);
}

static int relocate_table(const struct elf_image *image, void *memory, uint64_t bias, uint64_t table, uint64_t size) {
	const uint8_t *entry = loaded_range(image, memory, table, size);
	if (!entry)
		return ELF_ETRUNCATED;
	uint32_t relative = image->machine == ELF_MACHINE_X86_64 ? R_X86_64_RELATIVE : R_AARCH64_RELATIVE;
	for (; size >= RELA_SIZE; size -= RELA_SIZE, entry += RELA_SIZE) {
		if (read32(entry + 8) != relative)
			return ELF_ERELOCATION;
		uint8_t *place = loaded_range(image, memory, read64(entry), 8);
		if (!place)
			return ELF_ETRUNCATED;
		write64(place, read64(entry + 16) + bias);
	}
	return 0;
}

int elf_relocate(const struct elf_image *image, void *memory, uint64_t base) {
	for (size_t i = 0; i < image->segment_count; i++) {
		const uint8_t *header = program_header(image, i);
		if (read32(header + P_TYPE) != PT_DYNAMIC)
			continue;
		uint64_t size = read64(header + P_MEMSZ), table = 0, table_size = 0;
		const uint8_t *dynamic = loaded_range(image, memory, read64(header + P_VADDR), size);
		if (!dynamic)
			return ELF_ETRUNCATED;
		for (; size >= DYN_SIZE && read64(dynamic) != DT_NULL; size -= DYN_SIZE, dynamic += DYN_SIZE) {
			uint64_t tag = read64(dynamic), value = read64(dynamic + 8);
			if (tag == DT_RELA)
				table = value;
			else if (tag == DT_RELASZ)
				table_size = value;
			else if (tag == DT_REL || (tag == DT_RELAENT && value != RELA_SIZE))
				return ELF_ERELOCATION;
		}
		if (table_size > 0)
			return relocate_table(image, memory, base - image->low, table, table_size);
	}
	return 0;
}

struct symbol_table {
	const uint8_t *symbols;
	uint64_t count;
	const char *strings;
	uint64_t strings_size;
};

static bool symbol_table_find(const struct elf_image *image, struct symbol_table *table) {
	uint16_t count = read16(image->file + E_SHNUM);
	const uint8_t *sections = file_range(image, read64(image->file + E_SHOFF), (uint64_t)count * SHDR_SIZE);
	if (!sections || read16(image->file + E_SHENTSIZE) != SHDR_SIZE)
		return false;
	for (uint16_t i = 0; i < count; i++) {
		const uint8_t *section = sections + (size_t)i * SHDR_SIZE;
		uint32_t link = read32(section + SH_LINK);
		if (read32(section + SH_TYPE) != SHT_SYMTAB || link >= count)
			continue;
		const uint8_t *strings = sections + (size_t)link * SHDR_SIZE;
		table->count = read64(section + SH_SIZE) / SYM_SIZE;
		table->symbols = file_range(image, read64(section + SH_OFFSET), table->count * SYM_SIZE);
		table->strings_size = read64(strings + SH_SIZE);
		table->strings = (const char *)file_range(image, read64(strings + SH_OFFSET), table->strings_size);
		/* The last byte ends every name. */
		return table->symbols && table->strings && table->strings_size > 0 &&
		       table->strings[table->strings_size - 1] == '\0';
	}
	return false;
}

/* The name of a defined symbol; NULL for undefined and nameless ones. */
static const char *symbol_name(const struct symbol_table *table, const uint8_t *symbol) {
	uint32_t name = read32(symbol + ST_NAME);
	if (name == 0 || name >= table->strings_size || read16(symbol + ST_SHNDX) == SHN_UNDEF)
		return NULL;
	return table->strings + name;
}

const char *elf_symbol_at(const struct elf_image *image, uint64_t address, uint64_t *offset) {
	struct symbol_table table;
	if (!symbol_table_find(image, &table))
		return NULL;
	for (uint64_t i = 0; i < table.count; i++) {
		const uint8_t *symbol = table.symbols + i * SYM_SIZE;
		uint64_t value = read64(symbol + ST_VALUE);
		const char *name = symbol_name(&table, symbol);
		if (name && (symbol[ST_INFO] & 15) == STT_FUNC && address >= value &&
		    address - value < read64(symbol + ST_SIZE)) {
			*offset = address - value;
			return name;
		}
	}
	return NULL;
}

static bool text_equal(const char *a, const char *b) {
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

bool elf_symbol_find(const struct elf_image *image, const char *name, uint64_t *value) {
	struct symbol_table table;
	if (!symbol_table_find(image, &table))
		return false;
	for (uint64_t i = 0; i < table.count; i++) {
		const uint8_t *symbol = table.symbols + i * SYM_SIZE;
		const char *candidate = symbol_name(&table, symbol);
		if (candidate && text_equal(candidate, name)) {
			*value = read64(symbol + ST_VALUE);
			return true;
		}
	}
	return false;
}
