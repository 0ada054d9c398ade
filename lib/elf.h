/* SPDX-License-Identifier: Apache-2.0
 *
 * ELF64 little-endian images: the one reader of the loader (kernel), the kernel (programme) and the hosted program (its
 * own symbols). Every offset of the file is checked before it is followed. Pure, freestanding, allocates nothing.
 * Source: System V gABI, chapters 4 and 5; psABI x86-64 (R_X86_64_RELATIVE), ELF for the Arm 64-bit
 * architecture (R_AARCH64_RELATIVE).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum elf_error {
	ELF_ETRUNCATED = -1, /* an offset points outside the file */
	ELF_EFORMAT = -2,    /* not an ELF64 little-endian image of this kind */
	ELF_EMACHINE = -3,   /* for another architecture */
	ELF_ERELOCATION = -4 /* a relocation that is not RELATIVE */
};

enum elf_machine {
	ELF_MACHINE_X86_64 = 62,
	ELF_MACHINE_AARCH64 = 183,
};

enum {
	ELF_SEGMENT_EXECUTE = 1u << 0, /* the PF_* values of the gABI */
	ELF_SEGMENT_WRITE = 1u << 1,
	ELF_SEGMENT_READ = 1u << 2,
};

struct elf_image {
	const uint8_t *file;
	size_t length;
	uint64_t entry;
	uint64_t low;   /* lowest address of a PT_LOAD */
	uint64_t high;  /* one past the highest, bss included */
	uint64_t align; /* largest p_align of a PT_LOAD */
	uint16_t machine;
	uint16_t segment_count; /* program headers */
};

struct elf_segment {
	uint64_t address;     /* as linked */
	uint64_t size;        /* in memory */
	const uint8_t *bytes; /* in the file */
	uint64_t file_size;
	unsigned flags; /* ELF_SEGMENT_* */
};

/* Checks headers and segments. */
int elf_open(struct elf_image *image, const void *file, size_t length, enum elf_machine machine);

/* PT_LOAD number `index` in file order; false past the last. */
bool elf_segment_get(const struct elf_image *image, size_t index, struct elf_segment *segment);

/* Copies every PT_LOAD to memory + (address - low) and zeroes the rest; `memory` holds high - low bytes. */
void elf_load(const struct elf_image *image, void *memory);

/* Applies the RELATIVE relocations of a static PIE loaded at `memory` so that it runs at address
 * `base` + (address - low). */
int elf_relocate(const struct elf_image *image, void *memory, uint64_t base);

/* The function symbol that contains `address` (as linked); *offset is the distance from its start. NULL: none,
 * or no symbol table. */
const char *elf_symbol_at(const struct elf_image *image, uint64_t address, uint64_t *offset);

/* The value of a defined global or local symbol; false: none. */
bool elf_symbol_find(const struct elf_image *image, const char *name, uint64_t *value);
