/* SPDX-License-Identifier: Apache-2.0
 *
 * The ELF reader: on this very test program (a PIE with RELATIVE relocations), cut off everywhere and damaged
 * everywhere. Fields are found with the C library's <elf.h>, written apart from lib/elf.c.
 */
#include "lib/elf.h"

#include <criterion/criterion.h>
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RELATIVE = R_X86_64_RELATIVE };
static const enum elf_machine MACHINE = ELF_MACHINE_X86_64, OTHER = ELF_MACHINE_AARCH64;

/* Two PT_LOADs (text; data with bss), a dynamic section with two RELATIVE relocations: small enough to
 * damage each byte of it. */
struct small {
	Elf64_Ehdr header;
	Elf64_Phdr segments[3];
	Elf64_Rela relocations[2];
	Elf64_Dyn dynamic[4];
	uint64_t data[2];
};

enum { LINKED_AT = 0x1000, BSS_BYTES = 64 };

static struct small small_image(void) {
	struct small image = {0};
	memcpy(image.header.e_ident, ELFMAG, SELFMAG);
	image.header.e_ident[EI_CLASS] = ELFCLASS64;
	image.header.e_ident[EI_DATA] = ELFDATA2LSB;
	image.header.e_type = ET_DYN;
	image.header.e_machine = MACHINE;
	image.header.e_entry = LINKED_AT;
	image.header.e_phoff = offsetof(struct small, segments);
	image.header.e_phentsize = sizeof(Elf64_Phdr);
	image.header.e_phnum = 3;
	size_t data = offsetof(struct small, relocations);
	image.segments[0] = (Elf64_Phdr){.p_type = PT_LOAD,
					 .p_flags = PF_R | PF_X,
					 .p_vaddr = LINKED_AT,
					 .p_filesz = data,
					 .p_memsz = data,
					 .p_align = 0x1000};
	image.segments[1] = (Elf64_Phdr){.p_type = PT_LOAD,
					 .p_flags = PF_R | PF_W,
					 .p_offset = data,
					 .p_vaddr = LINKED_AT + data,
					 .p_filesz = sizeof image - data,
					 .p_memsz = sizeof image - data + BSS_BYTES,
					 .p_align = 0x200};
	size_t dynamic = offsetof(struct small, dynamic);
	image.segments[2] = (Elf64_Phdr){.p_type = PT_DYNAMIC,
					 .p_offset = dynamic,
					 .p_vaddr = LINKED_AT + dynamic,
					 .p_filesz = sizeof image.dynamic,
					 .p_memsz = sizeof image.dynamic};
	for (unsigned i = 0; i < 2; i++)
		image.relocations[i] = (Elf64_Rela){.r_offset = LINKED_AT + offsetof(struct small, data) + 8 * i,
						    .r_info = RELATIVE,
						    .r_addend = LINKED_AT + 16 * i};
	image.dynamic[0] = (Elf64_Dyn){.d_tag = DT_RELA, .d_un.d_val = LINKED_AT + data};
	image.dynamic[1] = (Elf64_Dyn){.d_tag = DT_RELASZ, .d_un.d_val = sizeof image.relocations};
	image.dynamic[2] = (Elf64_Dyn){.d_tag = DT_RELAENT, .d_un.d_val = sizeof(Elf64_Rela)};
	return image;
}

Test(elf, loads_and_relocates) {
	struct small file = small_image();
	struct elf_image image;
	cr_assert_eq(elf_open(&image, &file, sizeof file, MACHINE), 0);
	cr_expect_eq(image.low, LINKED_AT);
	cr_expect_eq(image.high, LINKED_AT + sizeof file + BSS_BYTES);
	cr_expect_eq(image.align, 0x1000);
	cr_expect_eq(image.entry, LINKED_AT);

	struct elf_segment segment;
	cr_assert(elf_segment_get(&image, 1, &segment));
	cr_expect_eq(segment.flags, ELF_SEGMENT_READ | ELF_SEGMENT_WRITE);
	cr_expect_eq(segment.size - segment.file_size, BSS_BYTES);
	cr_expect_not(elf_segment_get(&image, 2, &segment));

	size_t size = image.high - image.low;
	uint8_t *memory = malloc(size);
	memset(memory, 0xaa, size);
	elf_load(&image, memory);
	cr_assert_eq(elf_relocate(&image, memory, 0x40000000), 0);
	const struct small *loaded = (const struct small *)(const void *)memory;
	cr_expect_eq(loaded->data[0], 0x40000000);
	cr_expect_eq(loaded->data[1], 0x40000010);
	for (size_t i = sizeof file; i < size; i++)
		cr_assert_eq(memory[i], 0, "bss at %zu", i);
	free(memory);
}

Test(elf, refuses_what_it_cannot_do) {
	struct small file = small_image();
	struct elf_image image;
	cr_expect_eq(elf_open(&image, &file, sizeof file, OTHER), ELF_EMACHINE);
	file.header.e_ident[EI_CLASS] = ELFCLASS32;
	cr_expect_eq(elf_open(&image, &file, sizeof file, MACHINE), ELF_EFORMAT);
	cr_expect_eq(elf_open(&image, "", 0, MACHINE), ELF_ETRUNCATED);

	file = small_image();
	file.relocations[1].r_info = 1; /* an absolute one */
	cr_assert_eq(elf_open(&image, &file, sizeof file, MACHINE), 0);
	uint8_t *memory = malloc(image.high - image.low);
	elf_load(&image, memory);
	cr_expect_eq(elf_relocate(&image, memory, 0), ELF_ERELOCATION);

	file = small_image();
	file.relocations[1].r_offset = image.high - 7; /* one byte too far */
	elf_load(&image, memory);
	cr_expect_eq(elf_relocate(&image, memory, 0), ELF_ETRUNCATED);
	free(memory);
}

/* Opens, loads and relocates whatever it is, in memory of exactly the size that it asks for. */
static void try_all(const uint8_t *file, size_t length) {
	struct elf_image image;
	uint64_t offset, value;
	if (elf_open(&image, file, length, MACHINE) != 0 || image.high - image.low > 1 << 20)
		return;
	uint8_t *memory = malloc(image.high - image.low);
	elf_load(&image, memory);
	elf_relocate(&image, memory, 0x1000);
	elf_symbol_at(&image, LINKED_AT, &offset);
	elf_symbol_find(&image, "main", &value);
	free(memory);
}

Test(elf, cut_at_every_byte) {
	struct small file = small_image();
	for (size_t length = 0; length < sizeof file; length++) {
		uint8_t *copy = malloc(length + !length);
		memcpy(copy, &file, length);
		struct elf_image image;
		cr_expect_lt(elf_open(&image, copy, length, MACHINE), 0, "%zu bytes opened", length);
		free(copy);
	}
}

Test(elf, damaged_at_every_byte) {
	struct small good = small_image();
	for (size_t at = 0; at < sizeof good; at++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			uint8_t *copy = malloc(sizeof good);
			memcpy(copy, &good, sizeof good);
			copy[at] ^= (uint8_t)(1u << bit);
			try_all(copy, sizeof good);
			free(copy);
		}
	}
}

static uint8_t *own_file(size_t *length) {
	FILE *file = fopen("/proc/self/exe", "rb");
	cr_assert(file);
	cr_assert_eq(fseek(file, 0, SEEK_END), 0);
	*length = (size_t)ftell(file);
	rewind(file);
	uint8_t *bytes = malloc(*length);
	cr_assert_eq(fread(bytes, 1, *length, file), *length);
	fclose(file);
	return bytes;
}

Test(elf, symbols_of_a_real_program) {
	size_t length;
	uint8_t *file = own_file(&length);
	struct elf_image image;
	uint16_t machine = ((const Elf64_Ehdr *)(const void *)file)->e_machine;
	cr_assert_eq(elf_open(&image, file, length, (enum elf_machine)machine), 0);
	uint64_t value, offset;
	cr_assert(elf_symbol_find(&image, "elf_open", &value));
	cr_expect_str_eq(elf_symbol_at(&image, value + 1, &offset), "elf_open");
	cr_expect_eq(offset, 1);
	cr_expect_null(elf_symbol_at(&image, UINT64_MAX, &offset));
	cr_expect_not(elf_symbol_find(&image, "no_such_symbol", &value));
	free(file);
}
