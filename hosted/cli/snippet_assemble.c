/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/cli/snippet_assemble.h"

#include "bench/plain.h"
#include "hosted/cli/launch.h"
#include "hosted/results/files.h"
#include "hosted/results/scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIMIT_S = 20, NO_TOOL = 127, NOT_ASSEMBLED = 3, LISTING_BYTES_MOST = 1 << 20 };

/* Options, and what stands before the first line, in it. (With -msyntax=intel -mnaked-reg in place of it as 2.40 does
 * not take "fs:[0]".) */
static const struct {
	const char *assembler, *disassembler, *before;
} tools[SOURCE_ARCHES] = {
	[SOURCE_X86_64] = {"--64", "-M intel", ".intel_syntax noprefix; "},
	[SOURCE_AARCH64] = {"-mcpu=all", "-M no-aliases", ""},
};

/* $1 the folder, $2 the architecture, $3 and $4 options; a bounded time, memory and size of files, or less where
 * somebody has set less. Binutils of an architecture have its name before theirs; this machine's own may have none. */
static const char script[] =
	"cd -- \"$1\" || exit 2\n"
	"for limit in '-t 10' '-v 2097152' '-f 8192'; do ulimit $limit 2>/dev/null; done\n"
	"export LC_ALL=C\n"
	"tool=$2-linux-gnu-\n"
	"command -v \"${tool}as\" >/dev/null || [ \"$(uname -m)\" != \"$2\" ] || tool=\n"
	"for name in as objdump objcopy; do\n"
	"	command -v \"$tool$name\" >/dev/null || exit 127\n"
	"done\n"
	"\"${tool}as\" $3 -o code.o code.s 2>code.err || exit 3\n"
	"\"${tool}objdump\" -d -r -w --no-show-raw-insn $4 code.o >code.txt 2>/dev/null || exit 2\n"
	"\"${tool}objcopy\" -O binary -j .text code.o code.bin 2>/dev/null || exit 2\n";

static bool read_made(const struct scratch *scratch, const char *name, struct text *bytes) {
	char path[sizeof(scratch->folder) + 16];
	struct text ignored = {0};
	snprintf(path, sizeof(path), "%s/%s", scratch->folder, name);
	bool good = files_read(path, LISTING_BYTES_MOST, bytes, &ignored) == 0;
	text_free(&ignored);
	text_add(bytes, "", 1);
	return good && !bytes->failed;
}

static int run_tools(const struct scratch *scratch, const struct text *lines, enum source_arch arch,
		     struct text *complaint) {
	char path[sizeof(scratch->folder) + 16];
	struct text source = {0};
	snprintf(path, sizeof(path), "%s/code.s", scratch->folder);
	text_add_string(&source, tools[arch].before);
	text_add(&source, lines->bytes, lines->length);
	int error = files_save(path, &source, complaint);
	text_free(&source);
	if (error != 0)
		return 2;
	const char *const all[] = {"sh",
				   "-c",
				   script,
				   "sh",
				   scratch->folder,
				   source_arch_name(arch),
				   tools[arch].assembler,
				   tools[arch].disassembler,
				   NULL};
	char *words[sizeof(all) / sizeof(all[0])];
	memcpy(words, all, sizeof(all)); /* posix_spawn's words are not const, though it changes none */
	return launch_words(words, LIMIT_S);
}

/* The assembler's first word, "code.s:3: Error: no such instruction", with the statement that it is about. */
static void say_why(const struct scratch *scratch, const char *what, const struct text *lines, struct text *complaint) {
	struct text said = {0};
	const char *error = read_made(scratch, "code.err", &said) ? strstr(said.bytes, ": Error: ") : NULL;
	if (error == NULL) {
		plain_format(complaint, "%s: the assembler does not take it, and does not say why\n", what);
		text_free(&said);
		return;
	}
	const char *digits = error;
	while (digits > said.bytes && digits[-1] >= '0' && digits[-1] <= '9')
		digits--;
	unsigned long line = strtoul(digits, NULL, 10);
	const char *at = lines->bytes, *end = lines->bytes + lines->length;
	for (unsigned long i = 1; i < line && at < end; i++)
		at = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
	error += strlen(": Error: ");
	plain_format(complaint, "%s: '%.*s': %.*s\n", what, at < end ? (int)strcspn(at, "\n") : 0, at < end ? at : "",
		     (int)strcspn(error, "\n"), error);
	text_free(&said);
}

/* "   4:\tadd    rax,rbx", and behind it, of what a linker would have to fill in, "\t5: R_X86_64_PC32\tfoo-0x4". false:
 * of these. */
static bool take_listing(const char *what, const char *listing, struct assembled *assembled, struct text *complaint) {
	for (const char *at = listing; *at; at += strcspn(at, "\n") + (at[strcspn(at, "\n")] != '\0')) {
		size_t length = strcspn(at, "\n");
		char *colon;
		const char *relocation = memmem(at, length, ": R_", strlen(": R_"));
		if (relocation != NULL) {
			const char *name = relocation + strcspn(relocation, "\t\n");
			name += *name == '\t';
			int bytes = (int)strcspn(name, "-+\n");
			if (bytes == 5 && memcmp(name, ".text", 5) == 0)
				plain_format(complaint,
					     "%s: where its labels will lie nobody knows: an address can be "
					     "relative alone, [rip+label] or adr\n",
					     what);
			else
				plain_format(complaint, "%s: it refers to '%.*s', which is not in it\n", what, bytes,
					     name);
			return false;
		}
		unsigned long offset = strtoul(at, &colon, 16);
		if (colon == at || *colon != ':' || colon[1] != '\t' || offset >= SNIPPET_BYTES_MOST ||
		    assembled->instructions == SNIPPET_BYTES_MOST)
			continue;
		const char *text = colon + 2;
		size_t bytes = strcspn(text, "\n");
		while (bytes > 0 && text[bytes - 1] == ' ')
			bytes--;
		assembled->listing[assembled->instructions].offset = (uint32_t)offset;
		snprintf(assembled->listing[assembled->instructions++].text, ASSEMBLED_TEXT_BYTES, "%.*s", (int)bytes,
			 text);
	}
	return true;
}

static int take(const struct scratch *scratch, const char *what, struct assembled *assembled, struct text *complaint) {
	struct text listing = {0}, code = {0};
	int status = 2;
	if (!read_made(scratch, "code.txt", &listing) || !read_made(scratch, "code.bin", &code))
		plain_format(complaint, "%s: what was assembled cannot be read\n", what);
	else if (code.length - 1 > SNIPPET_BYTES_MOST)
		plain_format(complaint, "%s: %zu bytes of code, %d are the most\n", what, code.length - 1,
			     SNIPPET_BYTES_MOST);
	else if (take_listing(what, listing.bytes, assembled, complaint)) {
		assembled->byte_count = (uint32_t)(code.length - 1);
		memcpy(assembled->bytes, code.bytes, assembled->byte_count);
		status = 0;
	}
	if (status == 0 && assembled->instructions == 0) {
		plain_format(complaint, "%s: there is no instruction in it\n", what);
		status = 2;
	}
	text_free(&listing);
	text_free(&code);
	return status;
}

int snippet_assemble(const char *what, const char *written, enum source_arch arch, struct assembled *assembled,
		     struct text *complaint) {
	struct text lines = {0}, refused = {0};
	struct scratch scratch;
	assembled->byte_count = assembled->instructions = 0;
	if (!source_read(written, arch, &lines, &assembled->copies, &refused) || lines.failed) {
		plain_format(complaint, "%s: ", what);
		text_add(complaint, refused.bytes, refused.length);
		text_free(&lines);
		text_free(&refused);
		return 2;
	}
	if (!scratch_make(&scratch, "anechoic-snippet")) {
		plain_format(complaint, "%s: no folder for the assembler's files can be made in %s\n", what,
			     scratch.folder);
		text_free(&lines);
		return 2;
	}
	int status = run_tools(&scratch, &lines, arch, complaint);
	if (status == 0)
		status = take(&scratch, what, assembled, complaint);
	else if (status == NOT_ASSEMBLED)
		say_why(&scratch, what, &lines, complaint);
	else if (status == NO_TOOL)
		plain_format(complaint, "%s: as, objdump and objcopy for %s are needed: binutils-%s-linux-gnu\n", what,
			     source_arch_name(arch), arch == SOURCE_X86_64 ? "x86-64" : "aarch64");
	else if (!launch_was_interrupted(status))
		plain_format(complaint, "%s: the assembler did not come to its end\n", what);
	scratch_remove(&scratch);
	text_free(&lines);
	return status == 0 || launch_was_interrupted(status) ? status : 2;
}

const char *assembled_at(const struct assembled *assembled, size_t *offset, bool begin) {
	uint32_t after = 0;
	if (*offset >= assembled->byte_count)
		return "";
	while (after < assembled->instructions && assembled->listing[after].offset <= *offset)
		after++;
	if (after == 0)
		return "";
	if (begin)
		*offset = assembled->listing[after - 1].offset;
	return assembled->listing[after - 1].text;
}
