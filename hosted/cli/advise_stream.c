/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/cli/advise_stream.h"

#include "bench/plain.h"
#include "hosted/cli/output.h"
#include "hosted/results/files.h"
#include "hosted/stream/sample.h"
#include "hosted/stream/simulate.h"
#include "hosted/stream/tlb_advice.h"
#include "lib/units.h"

#include <stdio.h>
#include <stdlib.h>

enum { SIMULATED_BYTES_MOST = 512 << 20 };

static uint32_t page_shift_of(const struct advise_stream_request *request, const struct stream_note *note) {
	uint32_t shift = STREAM_PAGE_SHIFT_LEAST;
	if (request->page_bytes == 0)
		return note->page_shift ? note->page_shift : shift;
	while (UINT64_C(1) << shift < request->page_bytes)
		shift++;
	return shift;
}

static bool read_all(struct stream_reader *reader, struct stream_advice *advice, struct stream_sampled *sample,
		     struct text *complaint) {
	struct pages pages;
	pages_start(&pages, advice->given.page_shift);
	bool good = stream_sampled_read(reader, advice->name, sample, &pages, complaint);
	advice->pages = pages.count;
	advice->more_pages = pages.full;
	pages_free(&pages);
	return good;
}

static bool read_stream(const struct advise_stream_request *request, struct stream_advice *advice,
			struct stream_sampled *sample) {
	struct text complaint = {0};
	FILE *file = files_open(request->stream, &complaint);
	struct stream_reader *reader = file ? stream_open(file, request->stream, STREAM_WHOLE, &complaint) : NULL;
	bool good = reader != NULL;
	if (good) {
		advice->name = request->stream;
		advice->note = *stream_note(reader);
		advice->given = (struct stream_given){.spaces = advice->note.spaces,
						      .page_shift = page_shift_of(request, &advice->note),
						      .flush_every = request->flush_every};
		good = read_all(reader, advice, sample, &complaint);
	}
	stream_close(reader);
	if (file)
		fclose(file);
	(void)output_complain(&complaint);
	return good;
}

struct teller {
	const struct advise_stream_request *request;
	struct stream_advice *advice;
	struct stream_sample sample;
	struct text complaint;
};

/* The first row is not held against itself. */
static bool time_rows(struct teller *teller, const struct stream_row *first, struct stream_row *rows, size_t count) {
	size_t is_first = rows == first, others = count - is_first;
	struct stream_shape *shapes = calloc(others + 1, sizeof(*shapes));
	struct stream_ratio *ratios = calloc(others + 1, sizeof(*ratios));
	bool good = shapes && ratios;
	if (good) {
		shapes[0] = first->shape;
		for (size_t i = 0; i < others; i++)
			shapes[1 + i] = rows[is_first + i].shape;
		good = stream_time(&teller->sample, shapes, others + 1, ratios, &teller->advice->default_ns);
	}
	for (size_t i = 0; good && i < count; i++)
		rows[i].ratio = ratios[1 - is_first + i];
	free(ratios);
	free(shapes);
	return good;
}

static int count_rows(struct teller *teller, struct stream_row *rows, size_t count) {
	struct stream_shape *shapes = calloc(count, sizeof(*shapes));
	struct stream_counts *counts = calloc(count, sizeof(*counts));
	int status = shapes && counts ? 0 : -1;
	for (size_t i = 0; status == 0 && i < count; i++)
		shapes[i] = rows[i].shape;
	if (status == 0)
		status = stream_simulate(teller->request->stream, shapes, count, SIMULATED_BYTES_MOST, counts,
					 &teller->complaint);
	for (size_t i = 0; status == 0 && i < count; i++)
		rows[i].counts = counts[i];
	free(counts);
	free(shapes);
	return status;
}

static int tell(void *owner, const struct stream_row *first, struct stream_row *rows, size_t count) {
	struct teller *teller = owner;
	if (rows[0].counts.accesses == 0 && count_rows(teller, rows, count) != 0)
		return -1;
	if (time_rows(teller, first, rows, count))
		return 0;
	text_add_string(&teller->complaint, "advise: out of memory\n");
	return -1;
}

static int advise(const struct advise_stream_request *request, struct stream_advice *advice,
		  struct stream_sampled *sample) {
	struct teller teller = {.request = request, .advice = advice};
	struct text text = {0};
	if (!read_stream(request, advice, sample))
		return 2;
	advice->walk_told = request->walk_ns >= 0;
	teller.sample = (struct stream_sample){.packed = sample->packed,
					       .count = sample->count,
					       .parts = sample->count < STREAM_PARTS_MOST ? 1 : STREAM_PARTS_MOST,
					       .walk_ns = request->walk_ns,
					       .bytes_most = SIMULATED_BYTES_MOST,
					       .time_ns = NS_PER_SECOND / 2};
	int status = stream_advise(advice, tell, &teller);
	(void)output_complain(&teller.complaint);
	if (status != 0)
		return 2;
	(request->as_json ? stream_advice_write : stream_advice_show)(advice, &text);
	return output_save(request->out ? request->out : "-", &text);
}

int advise_stream(const struct advise_stream_request *request) {
	struct stream_advice *advice = calloc(1, sizeof(*advice));
	struct stream_sampled *sample = calloc(1, sizeof(*sample));
	int status = 2;
	if (advice && sample)
		status = advise(request, advice, sample);
	else
		fprintf(stderr, "advise: out of memory\n");
	free(sample);
	free(advice);
	return status;
}
