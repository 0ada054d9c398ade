/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/trail.h"

#include "boot/files.h"
#include "boot/freestanding.h"

#define TRAIL_BYTES     512
#define TRAIL_BYTES_MAX 4096
#define EXIT_FAILED     4 /* of a kernel that panicked, too */
#define WORDS_BYTES     128

static CHAR16 trail_name[] = L"anechoic.boot";
static const char *const marks[] = {
	[TRAIL_STOPPED_TWICE] = "",
	[TRAIL_STOPPED_ONCE] = "once",
	[TRAIL_TRIED_AGAIN] = "again",
};

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

/* "hpet once": the mark is taken off `value`. One that is none leaves the whole no word of the key's. */
static enum trail_mark mark_take(struct conf_span *value) {
	size_t length = 0;
	while (length < value->length && value->bytes[length] != ' ')
		length++;
	if (length == value->length)
		return TRAIL_STOPPED_TWICE;
	const struct conf_span word = {value->bytes + length + 1, value->length - length - 1};
	for (unsigned mark = TRAIL_STOPPED_ONCE; mark <= TRAIL_TRIED_AGAIN; mark++) {
		if (!conf_span_is(word, marks[mark]))
			continue;
		value->length = length;
		return (enum trail_mark)mark;
	}
	return TRAIL_STOPPED_TWICE;
}

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
	for (unsigned i = 0; i < ESCAPE_COUNT; i++)
		trail->mark[i] = mark_take(&keys[1 + i].value);
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

/* ESCAPE_COUNT: nothing more leaves out what the last start stopped at. */
static enum escape stopped_at(const struct trail *trail, const bool asked[], struct escapes *escapes) {
	enum escape escape = escapes_after(trail->step, escapes);
	if (escape != ESCAPE_COUNT)
		return escape;
	escape = step_escape(trail->step);
	bool again = escape != ESCAPE_COUNT && trail->left_out.value[escape] && !asked[escape] &&
		     trail->mark[escape] == TRAIL_TRIED_AGAIN;
	return again ? escape : ESCAPE_COUNT;
}

/* A key may be about several parts, as that of the timers is: where more of them is left out now, a start stopped once
 * at the part that is new, and came through the one that was tried again. */
static void leave_out(struct trail *trail, enum escape escape, uint8_t value) {
	if (trail->left_out.value[escape] != value)
		trail->mark[escape] = TRAIL_STOPPED_ONCE;
	else if (trail->mark[escape] == TRAIL_TRIED_AGAIN)
		trail->mark[escape] = TRAIL_STOPPED_TWICE;
	trail->left_out.value[escape] = value;
}

static void learn(const struct loader *loader, struct trail *trail, const bool asked[], struct escapes escapes) {
	if (trail->step == STEP_NONE || trail->step == STEP_STARTED)
		return;
	enum escape escape = stopped_at(trail, asked, &escapes);
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
		leave_out(trail, escape, escapes.value[escape]);
}

/* What the last start came through without; what a person has said something of is not tried by this one. */
static void marks_move(struct trail *trail, const bool asked[], bool noted) {
	for (unsigned i = 0; i < ESCAPE_COUNT; i++) {
		enum trail_mark *mark = &trail->mark[i];
		if (*mark == TRAIL_TRIED_AGAIN && (asked[i] || !noted))
			*mark = TRAIL_STOPPED_ONCE;
		else if (*mark == TRAIL_STOPPED_ONCE && trail->step == STEP_STARTED && !asked[i] && noted)
			*mark = TRAIL_TRIED_AGAIN;
	}
}

static void words_add(struct loader *loader, struct text *text) {
	const struct boot_bytes *line = &loader->info->command_line;
	void *memory;
	uint64_t length = line->length + text->used;
	if (EFI_ERROR(pages_allocate_boot(loader, length, &memory))) {
		console_failure(loader, "nothing is left out", EFI_OUT_OF_RESOURCES);
		return;
	}
	if (line->length)
		memcpy(memory, (const void *)line->address, line->length);
	memcpy((uint8_t *)memory + line->length, text->bytes, text->used);
	loader->info->command_line = (struct boot_bytes){.address = (uint64_t)memory, .length = length};
}

/* false: it is tried. */
static bool say_left_out(const struct loader *loader, const struct trail *trail, enum escape escape) {
	static const char *const why[] = {
		[TRAIL_STOPPED_TWICE] = " (delete that file and all is tried again)\n",
		[TRAIL_STOPPED_ONCE] = " (the start after one that comes through without it tries it again)\n",
		[TRAIL_TRIED_AGAIN] = "\n",
	};
	enum trail_mark mark = trail->mark[escape];
	bool is_tried = mark == TRAIL_TRIED_AGAIN;
	console_text(loader, is_tried ? "anechoic: tried again, as only one start stopped there: what leaves out "
				      : "anechoic: left out, as anechoic.boot says: ");
	say_key(loader, escape, trail->left_out.value[escape]);
	console_text(loader, why[mark]);
	return !is_tried;
}

void trail_open(struct loader *loader, EFI_FILE_HANDLE directory, bool noted, struct trail *trail) {
	bool asked[ESCAPE_COUNT];
	char bytes[WORDS_BYTES];
	struct text words = {bytes, 0, sizeof(bytes)};
	*trail = (struct trail){.step = STEP_NONE};
	file_read(loader, directory, trail);
	struct escapes escapes = in_force(loader, trail, asked);
	learn(loader, trail, asked, escapes);
	marks_move(trail, asked, noted);
	for (unsigned i = 0; i < ESCAPE_COUNT; i++) {
		if (!trail->left_out.value[i] || asked[i] || !say_left_out(loader, trail, (enum escape)i))
			continue;
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
		    "there.\n# once: the next start tries it again; again: that one does. Delete this file, and all "
		    "is tried.\nstep = ");
	text_string(&text, step_word(trail->step));
	text_string(&text, "\n");
	for (unsigned i = 0; i < ESCAPE_COUNT; i++) {
		if (!trail->left_out.value[i])
			continue;
		text_key(&text, (enum escape)i, trail->left_out.value[i], " = ");
		text_string(&text, trail->mark[i] == TRAIL_STOPPED_TWICE ? "" : " ");
		text_string(&text, marks[trail->mark[i]]);
		text_string(&text, "\n");
	}
	while (text.used < TRAIL_BYTES)
		text_string(&text, "\n");
}

/* What was tried again and did not stop there. The other cores have their step once the start is over. */
static void forget_tried(struct trail *trail) {
	for (unsigned i = 0; i < ESCAPE_COUNT; i++)
		if (trail->mark[i] == TRAIL_TRIED_AGAIN && (i != ESCAPE_SMP || trail->step == STEP_CORES))
			trail->left_out.value[i] = 0;
}

void trail_step(struct trail *trail, enum start_step step) {
	char bytes[TRAIL_BYTES];
	if (!trail->file || step == trail->step || step >= STEP_COUNT)
		return;
	if (step == STEP_STARTED)
		forget_tried(trail);
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
	if (!directory || loader->files_lost ||
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
