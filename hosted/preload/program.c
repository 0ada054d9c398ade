/* SPDX-License-Identifier: Apache-2.0
 *
 * Source: System V gABI, chapters 4 and 5. Every offset is checked before it is followed.
 */
#include "hosted/preload/program.h"

#include "bench/plain.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Ours, from the linker. */
extern const Elf64_Ehdr __ehdr_start __attribute__((visibility("hidden")));

enum { SCRIPTS_MOST = 5, LINE_BYTES = 256 };

/* In the name of each of our own libraries that are preloaded. */
#define OWN_LIBRARIES "anechoic-"

/* ---- an ELF file ------------------------------------------------------------------------------------------------- */

struct elf {
	const uint8_t *bytes;
	size_t length;
	Elf64_Ehdr head;
};

static bool copy(const struct elf *elf, void *to, uint64_t at, size_t length) {
	if (at > elf->length || length > elf->length - at)
		return false;
	memcpy(to, elf->bytes + at, length);
	return true;
}

/* A terminated string of at most 255 bytes, or NULL. */
static const char *string_at(const struct elf *elf, const Elf64_Shdr *strings, uint64_t at) {
	if (strings->sh_offset > elf->length || strings->sh_size > elf->length - strings->sh_offset ||
	    at >= strings->sh_size)
		return NULL;
	uint64_t left = strings->sh_size - at;
	const char *string = (const char *)elf->bytes + strings->sh_offset + at;
	return memchr(string, '\0', left < 256 ? left : 256) ? string : NULL;
}

static bool section(const struct elf *elf, uint64_t index, Elf64_Shdr *found) {
	return elf->head.e_shentsize == sizeof(*found) && index < elf->head.e_shnum &&
	       elf->head.e_shoff <= elf->length &&
	       copy(elf, found, elf->head.e_shoff + index * sizeof(*found), sizeof(*found));
}

/* The first of this kind, and the strings of it. */
static bool section_of(const struct elf *elf, uint32_t kind, Elf64_Shdr *found, Elf64_Shdr *strings) {
	for (uint64_t i = 0; section(elf, i, found); i++)
		if (found->sh_type == kind)
			return section(elf, found->sh_link, strings);
	return false;
}

/* What loads it: "" for nothing, NULL for a damaged one. */
static const char *interpreter(const struct elf *elf) {
	for (uint64_t i = 0; i < elf->head.e_phnum; i++) {
		Elf64_Phdr segment;
		if (elf->head.e_phoff > elf->length ||
		    !copy(elf, &segment, elf->head.e_phoff + i * sizeof(segment), sizeof(segment)))
			return NULL;
		if (segment.p_type == PT_INTERP)
			return string_at(elf, &(Elf64_Shdr){.sh_offset = segment.p_offset, .sh_size = segment.p_filesz},
					 0);
	}
	return "";
}

static bool begins(const char *string, const char *with) {
	return strncmp(string, with, strlen(with)) == 0;
}

static bool has_heap(const char *library) {
	static const char *const names[] = {"libjemalloc", "libtcmalloc", "libmimalloc", "libasan",  "libtsan",
					    "liblsan",     "libhwasan",   "libclang_rt", "libhoard", "libsnmalloc"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (begins(library, names[i]))
			return true;
	return false;
}

/* The library that it needs and that has a heap of its own. */
static const char *heap_library(const struct elf *elf) {
	Elf64_Shdr dynamic, strings;
	if (!section_of(elf, SHT_DYNAMIC, &dynamic, &strings))
		return NULL;
	for (uint64_t at = 0; at < dynamic.sh_size; at += sizeof(Elf64_Dyn)) {
		Elf64_Dyn entry;
		if (dynamic.sh_offset > elf->length || !copy(elf, &entry, dynamic.sh_offset + at, sizeof(entry)))
			return NULL;
		const char *name = entry.d_tag == DT_NEEDED ? string_at(elf, &strings, entry.d_un.d_val) : NULL;
		if (name && has_heap(name))
			return name;
	}
	return NULL;
}

/* ---- symbols that it defines for others -------------------------------------------------------------------------- */

struct symbols {
	const struct elf *elf;
	Elf64_Shdr table, strings, hashes;
	bool has_hashes;
};

/* Whether the symbol of this number has this name, and is no other file's. */
static bool is_defined(const struct symbols *symbols, uint64_t index, const char *name) {
	Elf64_Sym symbol;
	const Elf64_Shdr *table = &symbols->table;
	if (table->sh_offset > symbols->elf->length || index >= table->sh_size / sizeof(symbol) ||
	    !copy(symbols->elf, &symbol, table->sh_offset + index * sizeof(symbol), sizeof(symbol)) ||
	    symbol.st_shndx == SHN_UNDEF)
		return false;
	const char *found = string_at(symbols->elf, &symbols->strings, symbol.st_name);
	return found && strcmp(found, name) == 0;
}

/* Of the table of hashes, `at` bytes on. */
static bool hashes_at(const struct symbols *symbols, uint64_t at, void *to, size_t length) {
	const Elf64_Shdr *hashes = &symbols->hashes;
	return hashes->sh_offset <= symbols->elf->length && at < hashes->sh_size && length <= hashes->sh_size - at &&
	       copy(symbols->elf, to, hashes->sh_offset + at, length);
}

/* As the dynamic linker finds one (glibc's "elf/dl-lookup.c", do_lookup_x): a word of a Bloom filter, a bucket, and
 * the hashes of the symbols in it from there on, of which the last is odd. */
static bool find_hashed(const struct symbols *symbols, const char *name) {
	struct {
		uint32_t buckets, first, words, shift;
	} head;
	uint32_t hash = 5381, index, other;
	uint64_t word;
	for (const char *at = name; *at; at++)
		hash = hash * 33 + (unsigned char)*at;
	if (!hashes_at(symbols, 0, &head, sizeof(head)) || head.buckets == 0 || head.words == 0 ||
	    !hashes_at(symbols, sizeof(head) + hash / 64 % head.words * sizeof(word), &word, sizeof(word)) ||
	    !(word >> hash % 64 & word >> (hash >> head.shift % 32) % 64 & 1))
		return false;
	uint64_t buckets = sizeof(head) + head.words * sizeof(word), chains = buckets + head.buckets * sizeof(index);
	if (!hashes_at(symbols, buckets + hash % head.buckets * sizeof(index), &index, sizeof(index)) ||
	    index < head.first)
		return false;
	for (; hashes_at(symbols, chains + (index - head.first) * sizeof(other), &other, sizeof(other)); index++) {
		if ((other | 1) == (hash | 1) && is_defined(symbols, index, name))
			return true;
		if (other & 1)
			break;
	}
	return false;
}

static bool find_symbol(const struct symbols *symbols, const char *name) {
	if (symbols->has_hashes)
		return find_hashed(symbols, name);
	for (uint64_t i = 0; i < symbols->table.sh_size / sizeof(Elf64_Sym); i++)
		if (is_defined(symbols, i, name))
			return true;
	return false;
}

/* The one that says that it has a heap of its own, or a sanitizer's; NULL: there is none. */
static const char *heap_symbol(const struct elf *elf) {
	static const char *const names[] = {"malloc",      "__asan_init", "__tsan_init",
					    "__lsan_init", "__msan_init", "__hwasan_init"};
	Elf64_Shdr ignored;
	struct symbols symbols = {.elf = elf};
	if (!section_of(elf, SHT_DYNSYM, &symbols.table, &symbols.strings))
		return NULL;
	symbols.has_hashes = section_of(elf, SHT_GNU_HASH, &symbols.hashes, &ignored);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (find_symbol(&symbols, names[i]))
			return names[i];
	return NULL;
}

/* ---- what is refused --------------------------------------------------------------------------------------------- */

static bool is_glibcs(const char *loader) {
	const char *name = strrchr(loader, '/');
	name = name ? name + 1 : loader;
	return begins(name, "ld-linux");
}

static bool refuse_heap(const struct elf *elf, struct text *why) {
	const char *library = heap_library(elf), *symbol = library ? NULL : heap_symbol(elf);
	if (library)
		text_format(why, "has a heap of its own, of %s", library);
	else if (symbol && strcmp(symbol, "malloc") == 0)
		text_add_string(why, "has a heap of its own: it defines malloc");
	else if (symbol)
		text_format(why, "is built with a sanitizer (%s), which has a heap of its own", symbol);
	if (library || symbol)
		text_add_string(why, "; take a build that uses the C library's");
	return library || symbol;
}

bool program_refuse(const uint8_t *file, size_t length, struct text *why) {
	struct elf elf = {.bytes = file, .length = length};
	if (!copy(&elf, &elf.head, 0, sizeof(elf.head)) || memcmp(elf.head.e_ident, ELFMAG, SELFMAG) != 0)
		return false;
	if (elf.head.e_ident[EI_CLASS] != ELFCLASS64 || elf.head.e_machine != __ehdr_start.e_machine) {
		text_add_string(why, "is for another kind of processor than this programme");
		return true;
	}
	const char *loader = interpreter(&elf);
	if (!loader)
		text_add_string(why, "is damaged: its program headers point outside of it");
	else if (!*loader)
		text_add_string(why, "is linked statically, so that no library can be preloaded; link it dynamically");
	else if (!is_glibcs(loader))
		text_format(why, "is loaded by %s; only glibc's preloads libraries", loader);
	else
		return refuse_heap(&elf, why);
	return true;
}

/* ---- where it is ------------------------------------------------------------------------------------------------- */

/* 0, or errno. */
static int check_executable(const char *path) {
	struct stat status;
	if (stat(path, &status) != 0)
		return errno;
	if (S_ISDIR(status.st_mode))
		return EACCES;
	return access(path, X_OK) == 0 ? 0 : errno;
}

static int find_on_path(const char *name, char path[PROGRAM_PATH_BYTES]) {
	const char *folders = getenv("PATH");
	int worst = ENOENT;
	for (const char *at = folders ? folders : "/usr/bin:/bin"; at;) {
		size_t length = strcspn(at, ":");
		int written = snprintf(path, PROGRAM_PATH_BYTES, "%.*s%s%s", (int)length, at, length ? "/" : "", name);
		int error = written < PROGRAM_PATH_BYTES ? check_executable(path) : ENAMETOOLONG;
		if (error == 0)
			return 0;
		if (error == EACCES)
			worst = EACCES;
		at = at[length] ? at + length + 1 : NULL;
	}
	return worst;
}

int program_find(const char *name, char path[PROGRAM_PATH_BYTES], struct text *complaint) {
	int error;
	if (!strchr(name, '/'))
		error = *name ? find_on_path(name, path) : ENOENT;
	else if (strlen(name) >= PROGRAM_PATH_BYTES)
		error = ENAMETOOLONG;
	else
		error = check_executable(strcpy(path, name));
	if (error)
		plain_format(complaint, "%s: %s\n", name, strerror(error));
	return error == 0 ? 0 : error == ENOENT || error == ENOTDIR ? PROGRAM_NOT_FOUND : PROGRAM_CANNOT_START;
}

/* ---- scripts and files ------------------------------------------------------------------------------------------- */

/* Of "#!/usr/bin/env python3" python3, as found on PATH; of "#!/bin/sh" that. false: it is no script. */
static bool find_interpreter(const char *bytes, size_t length, char path[PROGRAM_PATH_BYTES]) {
	char line[LINE_BYTES], *rest = NULL;
	if (length < 2 || memcmp(bytes, "#!", 2) != 0)
		return false;
	size_t used = 0;
	while (used < sizeof(line) - 1 && used + 2 < length && bytes[used + 2] != '\n' && bytes[used + 2])
		used++;
	memcpy(line, bytes + 2, used);
	line[used] = '\0';
	const char *word = strtok_r(line, " \t\r", &rest);
	const char *behind = word ? strtok_r(NULL, " \t\r", &rest) : NULL;
	const char *name = word ? strrchr(word, '/') : NULL;
	if (behind && *behind != '-' && name && strcmp(name, "/env") == 0)
		word = behind;
	struct text ignored = {0};
	bool found = word && program_find(word, path, &ignored) == 0;
	text_free(&ignored);
	return found;
}

/* MAP_FAILED: it is no plain file with something in it, or cannot be read. */
static void *map_file(const char *path, struct stat *status) {
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	void *bytes = MAP_FAILED;
	*status = (struct stat){0};
	if (file >= 0 && fstat(file, status) == 0 && S_ISREG(status->st_mode) && status->st_size > 0)
		bytes = mmap(NULL, (size_t)status->st_size, PROT_READ, MAP_PRIVATE, file, 0);
	if (file >= 0)
		close(file);
	return bytes;
}

/* Whether `path` is refused; a script's interpreter comes back in `next`, else "". */
static bool refuse_file(const char *path, char next[PROGRAM_PATH_BYTES], struct text *why) {
	struct stat status;
	void *bytes = map_file(path, &status);
	size_t length = (size_t)status.st_size;
	bool refused = false;
	*next = '\0';
	if (status.st_mode & S_ISUID || (status.st_mode & S_ISGID && status.st_mode & S_IXGRP)) {
		text_add_string(why, "runs as another user or group (set-uid, set-gid): nothing is preloaded into it");
		refused = true;
	} else if (bytes != MAP_FAILED && !find_interpreter(bytes, length, next)) {
		*next = '\0';
		refused = program_refuse(bytes, length, why);
	}
	if (bytes != MAP_FAILED)
		munmap(bytes, length);
	return refused;
}

static bool complain(const char *path, struct text *why, struct text *complaint) {
	text_add(why, "", 1);
	plain_format(complaint, "%s %s\n", path, why->failed ? "cannot be looked at: out of memory" : why->bytes);
	text_free(why);
	return false;
}

/* A word of LD_PRELOAD. Ours, which hands on what it does not serve, may be among them. */
static bool refuse_preloaded(const char *path, struct text *why) {
	const char *name = strrchr(path, '/');
	struct stat status;
	if (strstr(name ? name : path, OWN_LIBRARIES))
		return false;
	if (has_heap(name ? name + 1 : path)) {
		text_add_string(why, "is preloaded (LD_PRELOAD), and has a heap of its own; leave it out");
		return true;
	}
	uint8_t *bytes = name ? map_file(path, &status) : MAP_FAILED;
	if (bytes == MAP_FAILED)
		return false;
	struct elf elf = {.bytes = bytes, .length = (size_t)status.st_size};
	bool is_elf = copy(&elf, &elf.head, 0, sizeof(elf.head)) && elf.head.e_ident[EI_CLASS] == ELFCLASS64;
	const char *symbol = is_elf ? heap_symbol(&elf) : NULL;
	if (symbol)
		text_format(why, "is preloaded (LD_PRELOAD), and defines %s, as a heap of its own; leave it out",
			    symbol);
	munmap(bytes, (size_t)status.st_size);
	return symbol;
}

static bool may_all_be_preloaded(const char *words, struct text *complaint) {
	char path[PROGRAM_PATH_BYTES];
	for (size_t length; *words; words += length) {
		words += strspn(words, " :");
		length = strcspn(words, " :");
		struct text why = {0};
		if (length < sizeof(path)) {
			snprintf(path, sizeof(path), "%.*s", (int)length, words);
			if (refuse_preloaded(path, &why))
				return complain(path, &why, complaint);
		}
	}
	return true;
}

bool program_may_be_preloaded(const char *path, struct text *complaint) {
	char here[PROGRAM_PATH_BYTES], next[PROGRAM_PATH_BYTES];
	const char *preloaded = getenv("LD_PRELOAD");
	snprintf(here, sizeof(here), "%s", path);
	for (int i = 0; i < SCRIPTS_MOST; i++) {
		struct text why = {0};
		if (refuse_file(here, next, &why))
			return complain(here, &why, complaint);
		if (!*next)
			break;
		memcpy(here, next, sizeof(here));
	}
	return may_all_be_preloaded(preloaded ? preloaded : "", complaint);
}

/* ---- started ----------------------------------------------------------------------------------------------------- */

/* A shell's without "#!", as execvp has it. Returns where that fails. */
static void become_script(const char *path, char *const *words) {
	static char shell[] = "/bin/sh";
	size_t count = 0;
	while (words[count])
		count++;
	char **shells = calloc(count + 2, sizeof(*shells));
	if (!shells)
		return;
	shells[0] = shell;
	shells[1] = (char *)(uintptr_t)path;
	for (size_t i = 1; i < count; i++)
		shells[i + 1] = words[i];
	execv(shell, shells);
	free(shells);
}

int program_become(const char *path, char *const *words) {
	execv(path, words);
	if (errno == ENOEXEC)
		become_script(path, words);
	struct text complaint = {0};
	plain_format(&complaint, "%s: %s\n", path, strerror(errno));
	fwrite(complaint.bytes, 1, complaint.length, stderr);
	text_free(&complaint);
	return PROGRAM_CANNOT_START;
}
