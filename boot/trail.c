/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/trail.h"

#include "boot/files.h"
#include "boot/freestanding.h"

#define TRAIL_BYTES     512
#define TRAIL_BYTES_MAX 4096
#define EXIT_FAILED     4 /* of a kernel that panicked, too */
#define WORDS_BYTES     128

static CHAR16 trail_name[] = L"anechoic.boot";

/* ---- text -------------------------------------------------------------------------------------------------------- */

struct text {
	char *bytes;
	size_t used, capacity;
};

static void text_put(struct text *text, const char *bytes, size_t length) {
	for (size_t i = 0; i < length && text->used < text->capacity; i++)
		text->bytes[text->used++] = bytes[i];
}

static void text_string(struct text *text, const char *string) {
	size_t length = 0;
	while (string[length])
		length++;
	text_put(text, string, length);
}

/* "timer = pit" */
static void text_key(struct text *text, enum escape escape, unsigned value, const char *between) {
	struct conf_span word = escape_word(escape, value);
	text_string(text, escape_name(escape));
	text_string(text, between);
	text_put(text, word.bytes, word.length);
}

static void say_key(const struct loader *loader, enum escape escape, unsigned value) {
	char bytes[WORDS_BYTES];
	struct text text = {bytes, 0, sizeof(bytes) - 1};
	text_key(&text, escape, value, " = ");
	bytes[text.used] = '\0';
	console_text(loader, bytes);
}

/* ---- what is left out -------------------------------------------------------------------------------------------- */

static void file_read(const struct loader *loader, EFI_FILE_HANDLE directory, struct trail *trail) {
	void *bytes;
	uint64_t length;
	if (!directory || EFI_ERROR(files_read(loader, directory, trail_name, TRAIL_BYTES_MAX, &bytes, &length)) ||
	    !length)
		return;
	struct conf_key keys[1 + ESCAPE_COUNT] = {{.key = "step"}};
	escapes_ask(keys + 1);
	conf_find_all(bytes, length, NULL, 0, keys, 1 + ESCAPE_COUNT);
	trail->step = keys[0].value.bytes ? step_read(keys[0].value) : STEP_NONE;
	trail->left_out = escapes_read(keys + 1);
	pages_free(loader, bytes, length);
}

/* What a person says counts: the file's word is taken where there is none, or none that the key has. `asked`:
 * ESCAPE_COUNT. */
static struct escapes in_force(const struct loader *loader, const struct trail *trail, bool asked[]) {
	struct escapes escapes = trail->left_out;
	for (unsigned i = 0; i < ESCAPE_COUNT; i++) {
		enum escape escape = (enum escape)i;
		unsigned value;
		asked[i] = escape_read(escape, loader_option(loader, escape_name(escape)), &value);
		if (asked[i])
			escapes.value[i] = (uint8_t)value;
	}
	return escapes;
}

static void learn(const struct loader *loader, struct trail *trail, const bool asked[], struct escapes escapes) {
	if (trail->step == STEP_NONE || trail->step == STEP_STARTED)
		return;
	enum escape escape = escapes_after(trail->step, &escapes);
	console_text(loader, "anechoic: the last start stopped at ");
	console_text(loader, step_label(trail->step));
	if (escape == ESCAPE_COUNT) {
		console_text(loader, ", which nothing more leaves out\n");
		return;
	}
	console_text(loader, asked[escape] ? "; what would leave that out: " : "; that is left out now: ");
	say_key(loader, escape, escapes.value[escape]);
	console_text(loader, "\n");
	if (!asked[escape])
		trail->left_out.value[escape] = escapes.value[escape];
}

static void words_add(struct loader *loader, struct text *text) {
	const struct boot_bytes *line = &loader->info->command_line;
	void *memory;
	uint64_t length = line->length + text->used;
	if (EFI_ERROR(pages_allocate_boot(loader, length, &memory))) {
		console_failure(loader, "nothing is left out", EFI_OUT_OF_RESOURCES);
		return;
	}
	memcpy(memory, (const void *)line->address, line->length);
	memcpy((uint8_t *)memory + line->length, text->bytes, text->used);
	loader->info->command_line = (struct boot_bytes){.address = (uint64_t)memory, .length = length};
}

void trail_open(struct loader *loader, EFI_FILE_HANDLE directory, struct trail *trail) {
	bool asked[ESCAPE_COUNT];
	char bytes[WORDS_BYTES];
	struct text words = {bytes, 0, sizeof(bytes)};
	*trail = (struct trail){.step = STEP_NONE};
	file_read(loader, directory, trail);
	struct escapes escapes = in_force(loader, trail, asked);
	learn(loader, trail, asked, escapes);
	for (unsigned i = 0; i < ESCAPE_COUNT; i++) {
		if (!trail->left_out.value[i] || asked[i])
			continue;
		console_text(loader, "anechoic: left out, as anechoic.boot says: ");
		say_key(loader, (enum escape)i, trail->left_out.value[i]);
		console_text(loader, " (delete that file and all is tried again)\n");
		text_string(&words, " --");
		text_key(&words, (enum escape)i, trail->left_out.value[i], "=");
	}
	if (words.used)
		words_add(loader, &words);
}

/* ---- the file ---------------------------------------------------------------------------------------------------- */

static void file_compose(const struct trail *trail, char bytes[TRAIL_BYTES]) {
	struct text text = {bytes, 0, TRAIL_BYTES};
	text_string(&text,
		    "# Written by the loader: how far the last start came, and what is left out since one stopped "
		    "there.\n# Delete this file, and all is tried again.\nstep = ");
	text_string(&text, step_word(trail->step));
	text_string(&text, "\n");
	for (unsigned i = 0; i < ESCAPE_COUNT; i++) {
		if (!trail->left_out.value[i])
			continue;
		text_key(&text, (enum escape)i, trail->left_out.value[i], " = ");
		text_string(&text, "\n");
	}
	while (text.used < TRAIL_BYTES)
		text_string(&text, "\n");
}

void trail_step(struct trail *trail, enum start_step step) {
	char bytes[TRAIL_BYTES];
	if (!trail->file || step == trail->step || step >= STEP_COUNT)
		return;
	trail->step = step;
	file_compose(trail, bytes);
	EFI_STATUS status = files_write_at(trail->file, 0, bytes, sizeof(bytes));
	if (!EFI_ERROR(status))
		status = trail->file->Flush(trail->file);
	if (EFI_ERROR(status)) {
		trail->file->Close(trail->file);
		trail->file = NULL;
	}
}

void trail_begin(const struct loader *loader, EFI_FILE_HANDLE directory, struct trail *trail) {
	if (!directory || loader->on_cd ||
	    EFI_ERROR(directory->Open(directory, &trail->file, trail_name,
				      EFI_FILE_MODE_READ | EFI_FILE_MODE_WRITE | EFI_FILE_MODE_CREATE, 0)))
		trail->file = NULL;
	trail->step = STEP_NONE;
	trail_step(trail, STEP_SERIAL);
}

void trail_end(struct trail *trail, int32_t exit_status) {
	if (trail->step == STEP_PROGRAMME || exit_status != EXIT_FAILED)
		trail_step(trail, STEP_STARTED);
	if (trail->file)
		trail->file->Close(trail->file);
	trail->file = NULL;
}
