/* SPDX-License-Identifier: Apache-2.0
 *
 * `anechoic stream record | convert | show`: address streams, for `anechoic advise --stream`.
 */
#include "hosted/cli/commands/commands.h"
#include "hosted/cli/help.h"
#include "hosted/cli/launch.h"
#include "hosted/cli/output.h"
#include "hosted/cli/stream_record.h"
#include "hosted/cli/words.h"
#include "hosted/results/files.h"
#include "hosted/stream/pages.h"
#include "hosted/stream/read.h"

#include <inttypes.h>
#include <string.h>

struct words {
	struct stream_request request;
	bool as_json;
	int count; /* operands */
};

/* ---- show -------------------------------------------------------------------------------------------------------- */

static const char *const kind_names[STREAM_KINDS] = {
	[STREAM_READ] = "reads",
	[STREAM_WRITE] = "writes",
	[STREAM_EXECUTE] = "executions",
	[STREAM_SWITCH] = "switches",
	[STREAM_FLUSH_SPACE] = "flushes_of_a_space",
	[STREAM_FLUSH_ALL] = "flushes_of_all",
	[STREAM_FLUSH_PAGE] = "flushes_of_a_page",
};

struct counted {
	uint64_t kinds[STREAM_KINDS];
	struct pages pages;
};

static bool count(struct stream_reader *reader, struct counted *counted) {
	enum { EVENTS = 4096 };
	struct stream_event events[EVENTS];
	struct text complaint = {0};
	unsigned shift = stream_note(reader)->page_shift;
	long got;
	pages_start(&counted->pages, shift ? shift : STREAM_PAGE_SHIFT_LEAST);
	while ((got = stream_read(reader, events, EVENTS, &complaint)) > 0)
		for (long i = 0; i < got; i++) {
			counted->kinds[events[i].kind]++;
			pages_take(&counted->pages, &events[i]);
		}
	pages_free(&counted->pages);
	return !output_complain(&complaint);
}

static void show_json(const struct stream_note *note, const struct counted *counted, struct text *text) {
	text_add_string(text, "{");
	text_member_string(text, "schema", "anechoic-stream/1");
	text_member_string(text, "source", note->source);
	text_member_u64(text, "address_bits", note->address_bits);
	text_member_u64(text, "page_bytes", note->page_shift ? UINT64_C(1) << note->page_shift : 0);
	text_member_bool(text, "fetches", note->has_fetches);
	text_member_u64(text, "one_window_of", UINT64_C(1) << note->thinned);
	text_member_u64(text, "spaces", note->spaces);
	for (size_t i = 0; i < STREAM_KINDS; i++)
		text_member_u64(text, kind_names[i], counted->kinds[i]);
	text_member_u64(text, "pages", counted->pages.count);
	text_member_bool(text, "more_pages", counted->pages.full);
	text_add_string(text, "}\n");
}

static void show_table(const struct stream_note *note, const struct counted *counted, struct text *text) {
	text_format(text, "source      %s\n", note->source);
	if (note->thinned)
		text_format(text, "sampled     one window of %" PRIu64 "\n", UINT64_C(1) << note->thinned);
	text_format(text, "addresses   %u bits, %" PRIu32 " address space%s\n", note->address_bits, note->spaces,
		    note->spaces == 1 ? "" : "s");
	if (note->page_shift)
		text_format(text, "pages       of %" PRIu64 " bytes: %s%" PRIu64 " touched\n",
			    UINT64_C(1) << note->page_shift, counted->pages.full ? "more than " : "",
			    counted->pages.count);
	else
		text_format(text, "pages       of a size that is not told: %s%" PRIu64 " of 4096 bytes touched\n",
			    counted->pages.full ? "more than " : "", counted->pages.count);
	text_format(text, "accesses    %" PRIu64 " reads, %" PRIu64 " writes, ", counted->kinds[STREAM_READ],
		    counted->kinds[STREAM_WRITE]);
	if (note->has_fetches)
		text_format(text, "%" PRIu64 " executions\n", counted->kinds[STREAM_EXECUTE]);
	else
		text_add_string(text, "executions not recorded\n");
	text_format(text,
		    "flushes     %" PRIu64 " of all, %" PRIu64 " of a space, %" PRIu64 " of a page; %" PRIu64
		    " switches\n",
		    counted->kinds[STREAM_FLUSH_ALL], counted->kinds[STREAM_FLUSH_SPACE],
		    counted->kinds[STREAM_FLUSH_PAGE], counted->kinds[STREAM_SWITCH]);
}

static int show(const char *name, bool as_json) {
	struct text complaint = {0}, text = {0};
	FILE *file = files_open(name, &complaint);
	struct stream_reader *reader = file ? stream_open(file, name, STREAM_WHOLE, &complaint) : NULL;
	struct counted counted = {0};
	int status = 2;
	if (!output_complain(&complaint) && reader && count(reader, &counted)) {
		(as_json ? show_json : show_table)(stream_note(reader), &counted, &text);
		status = output_save("-", &text);
	}
	stream_close(reader);
	if (file)
		fclose(file);
	return status;
}

/* ---- words ------------------------------------------------------------------------------------------------------- */

/* 1: an option, 0: none, -1: one with a bad value, which was said. */
static int take_option(int argc, char **argv, int *i, struct words *words) {
	struct stream_request *request = &words->request;
	const char *value;
	if (strcmp(argv[*i], "--data") == 0)
		return request->filter.data_only = true;
	if (strcmp(argv[*i], "--sample") == 0)
		return request->sample = true;
	if ((value = words_value(argc, argv, i, "--skip")))
		return launch_parse_count("--skip", value, 0, UINT64_MAX, &request->filter.skip) ? 1 : -1;
	if ((value = words_value(argc, argv, i, "--count")))
		return launch_parse_count("--count", value, 1, UINT64_MAX, &request->filter.count) ? 1 : -1;
	if ((value = words_value(argc, argv, i, "--format")))
		return words_take_format(value, &words->as_json) ? 1 : -1;
	request->out = (value = words_out(argc, argv, i)) ? value : request->out;
	return value != NULL;
}

/* Operands are moved to the front of argv; of `record` all behind the first are the program's. 0, or an exit status. */
static int take_words(int argc, char **argv, struct words *words) {
	bool ended = false, is_record = strcmp(argv[1], "record") == 0;
	for (int i = 2; i < argc; i++) {
		bool is_program = is_record && words->count > 0;
		if (!is_program && words_end_options(argv[i], &ended))
			continue;
		int taken = ended || is_program ? 0 : take_option(argc, argv, &i, words);
		if (taken < 0)
			return 2;
		if (taken > 0)
			continue;
		if (!ended && !is_program && argv[i][0] == '-' && argv[i][1])
			return help_refuse("stream", argv[i]);
		argv[2 + words->count++] = argv[i];
	}
	argv[2 + words->count] = NULL;
	return 0;
}

static int run(const char *what, char **operands, const struct words *words) {
	bool is_record = strcmp(what, "record") == 0;
	if (strcmp(what, "show") == 0)
		return words->count == 1 ? show(operands[0], words->as_json) : help_usage("stream");
	if (!words->request.out || words->count == 0 || (words->count > 1 && !is_record))
		return help_usage("stream");
	if (!output_may_write(words->request.out))
		return 2;
	return is_record ? stream_record(&words->request, operands) : stream_convert(&words->request, operands[0]);
}

int command_stream(int argc, char **argv) {
	static const char *const known[] = {"record", "convert", "show"};
	struct words words = {.request.filter.count = UINT64_MAX};
	for (size_t i = 0; argc > 1 && i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(argv[1], known[i]) != 0)
			continue;
		int status = take_words(argc, argv, &words);
		return status ? status : run(known[i], argv + 2, &words);
	}
	return argc > 1 ? help_refuse("stream", argv[1]) : help_usage("stream");
}
