/* SPDX-License-Identifier: Apache-2.0
 *
 * stream_check [--only TEXT] [NAME=RUN | NAME=RUN:OTHER]...: how good advice on the software TLB is, on made-up streams
 * and on files, or on those of them whose names hold TEXT.
 *
 * Of a made-up stream, or of a RUN alone, the first half is searched, as `anechoic advise --stream` does, and what is
 * chosen is held against the fastest of a full sweep of the second half, which the search has not seen: `unseen` is the
 * ratio of their times, taken anew by turns at PLACES places, so that the fastest of so many is no luck of the sweep;
 * `seen` the same of the first half. Of two files all of RUN is searched, and OTHER is what was not seen.
 * Exit status 1: one is above the bar with the whole of its interval; 3: one is, but not with all of it.
 */
#include "host-tests/stream_model.h"
#include "hosted/results/files.h"
#include "hosted/stream/choose.h"
#include "hosted/stream/sample.h"
#include "hosted/stream/simulate.h"
#include "lib/splitmix.h"
#include "lib/units.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { HALF = 200000, CHUNK = 4096, BYTES_MOST = 512 << 20, PLACES = 5, SHIFTS = 256 };
static const double BAR = 1.03;

static struct stream_rows searched, swept;
static struct stream_sampled sampled;
static struct stream_writer writer;

_Noreturn static void fail(const char *what) {
	fprintf(stderr, "stream_check: %s\n", what);
	exit(2);
}

/* ---- halves ------------------------------------------------------------------------------------------------------ */

/* What is searched, and what is not seen. Halves are files without a place in any folder: none is left, however this
 * ends. Their names are this process's own. */
struct halves {
	char names[2][PATH_MAX];
	FILE *files[2]; /* NULL: of a run of its own */
	uint32_t spaces;
};

static void start_half(struct halves *halves, int which, const struct stream_note *note) {
	halves->files[which] = tmpfile();
	if (!halves->files[which])
		fail("no file in /tmp");
	snprintf(halves->names[which], sizeof(halves->names[which]), "/proc/self/fd/%d", fileno(halves->files[which]));
	stream_writer_start(&writer, halves->files[which], note);
}

static void end_half(struct halves *halves) {
	if (!stream_writer_end(&writer))
		fail("no room in /tmp");
	halves->spaces = writer.note.spaces > halves->spaces ? writer.note.spaces : halves->spaces;
}

static const struct stream_note made_up = {
	.address_bits = 64, .page_shift = 12, .has_fetches = true, .source = "made up"};

static void make_halves(struct halves *halves, const struct stream_model *model) {
	for (int which = 0; which < 2; which++) {
		start_half(halves, which, &made_up);
		model->write(&writer, which ? model->later : model->seed, HALF);
		end_half(halves);
	}
}

static struct stream_reader *open_stream(FILE **file, const char *name) {
	struct text complaint = {0};
	*file = files_open(name, &complaint);
	struct stream_reader *reader = *file ? stream_open(*file, name, STREAM_WHOLE, &complaint) : NULL;
	if (!reader)
		fail(name);
	return reader;
}

/* A file's, by its events. */
static void split(struct halves *halves, const char *name) {
	FILE *file;
	struct text complaint = {0};
	struct stream_event events[CHUNK];
	struct stream_reader *reader = open_stream(&file, name);
	uint64_t half = (stream_note(reader)->accesses + stream_note(reader)->others) / 2, at = 0;
	start_half(halves, 0, stream_note(reader));
	for (long count; (count = stream_read(reader, events, CHUNK, &complaint)) > 0;)
		for (long i = 0; i < count; i++, at++) {
			if (at == half) {
				end_half(halves);
				start_half(halves, 1, stream_note(reader));
			}
			stream_write(&writer, events[i]);
		}
	end_half(halves);
	stream_close(reader);
	fclose(file);
}

static void take_run(struct halves *halves, int which, const char *name, size_t length) {
	FILE *file;
	if (length >= sizeof(halves->names[which]))
		fail(name);
	memcpy(halves->names[which], name, length);
	halves->names[which][length] = '\0';
	struct stream_reader *reader = open_stream(&file, halves->names[which]);
	uint32_t spaces = stream_note(reader)->spaces;
	halves->spaces = spaces > halves->spaces ? spaces : halves->spaces;
	stream_close(reader);
	fclose(file);
}

/* ---- one stream -------------------------------------------------------------------------------------------------- */

struct teller {
	struct stream_sample sample;
	struct stream_interval first_ns;
};

static void read_half(const struct halves *halves, int which, struct teller *teller) {
	FILE *file;
	struct text complaint = {0};
	struct stream_reader *reader = open_stream(&file, halves->names[which]);
	if (!stream_sampled_read(reader, halves->names[which], &sampled, NULL, &complaint))
		fail(halves->names[which]);
	teller->sample = (struct stream_sample){sampled.packed, sampled.count,    STREAM_PARTS_MOST, -1,
						BYTES_MOST,     NS_PER_SECOND / 2};
	stream_close(reader);
	fclose(file);
}

/* Times alone: that is what is chosen by. */
static int tell(void *owner, const struct stream_row *first, struct stream_row *rows, size_t count) {
	static struct stream_shape shapes[STREAM_ROWS_MOST + 1];
	static struct stream_ratio ratios[STREAM_ROWS_MOST + 1];
	struct teller *teller = owner;
	shapes[0] = first->shape;
	for (size_t i = 0; i < count; i++)
		shapes[1 + i] = rows[i].shape;
	if (!stream_time(&teller->sample, shapes, count + 1, ratios, &teller->first_ns))
		fail("out of memory");
	for (size_t i = 0; i < count; i++)
		rows[i].ratio = ratios[1 + i];
	return 0;
}

static int by_value(const void *a, const void *b) {
	const double *left = a, *right = b;
	return (*left > *right) - (*left < *right);
}

/* Of the times of two, the other's to the first's, at the place that they get where that much is mapped already: a
 * core may tell lines apart by some bits of their addresses. */
static void time_at(const struct teller *teller, const struct stream_shape shapes[2], uint64_t *chance,
		    struct stream_ratio ratios[2]) {
	struct stream_interval first_ns;
	struct stream_sample whole = teller->sample;
	size_t bytes = (size_t)(1 + splitmix64_next(chance) % SHIFTS) * (2 << 20);
	void *shift = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	whole.parts = 1;
	if (shift == MAP_FAILED || !stream_time(&whole, shapes, 2, ratios, &first_ns))
		fail("out of memory");
	munmap(shift, bytes);
}

/* Of b's time to a's, the median over places, at each of which the two change theirs. The interval is that of the
 * medians of places drawn anew. */
static struct stream_interval compare(const struct teller *teller, const struct stream_shape *a,
				      const struct stream_shape *b) {
	static struct stream_ratio there[PLACES][2], again[2];
	const struct stream_shape forth[2] = {*a, *b}, back[2] = {*b, *a};
	uint64_t chance = 1;
	for (size_t place = 0; place < PLACES; place++) {
		time_at(teller, forth, &chance, there[place]);
		time_at(teller, back, &chance, again);
		for (size_t i = 0; i <= STREAM_DRAWS; i++)
			there[place][1].draws[i] = sqrt(there[place][1].draws[i] / again[1].draws[i]);
	}
	for (size_t i = 0; i <= STREAM_DRAWS; i++) {
		double drawn[PLACES];
		for (size_t place = 0; place < PLACES; place++)
			drawn[place] = there[i == 0 ? place : splitmix64_next(&chance) % PLACES][1].draws[i];
		qsort(drawn, PLACES, sizeof(drawn[0]), by_value);
		again[1].draws[i] = drawn[PLACES / 2];
	}
	return stream_interval_of(&again[1]);
}

/* Of the chosen shape's time to that of the fastest of a sweep of the half, taken once more. */
static struct stream_interval against_sweep(const struct halves *halves, int which, const struct stream_given *given,
					    const struct stream_shape *chosen, struct stream_shape *best) {
	struct teller teller;
	read_half(halves, which, &teller);
	stream_sweep(given, tell, &teller, &swept);
	*best = swept.rows[stream_fastest(&swept)].shape;
	return compare(&teller, best, chosen);
}

static void say_shape(const struct stream_shape *shape) {
	printf(" 2^%-2u %4u %7u %6u", shape->slot_bits, shape->ways, shape->entries, shape->asids);
}

struct result {
	double worst;             /* ratio */
	int missed, inconclusive; /* ratios */
};

static void check(const char *name, const struct halves *halves, struct result *result) {
	struct stream_given given = {.spaces = halves->spaces, .page_shift = 12};
	struct stream_shape best;
	struct teller teller;
	read_half(halves, 0, &teller);
	stream_search(&given, tell, &teller, &searched);
	const struct stream_shape chosen = searched.rows[stream_choice(&searched)].shape;
	printf("%-36s", name);
	say_shape(&chosen);
	for (int which = 0; which < 2; which++) {
		struct stream_interval ratio = against_sweep(halves, which, &given, &chosen, &best);
		printf("  %.3f [%.3f %.3f]", ratio.point, ratio.lower, ratio.upper);
		result->worst = fmax(result->worst, ratio.point);
		result->missed += ratio.lower > BAR;
		result->inconclusive += ratio.point > BAR && ratio.lower <= BAR;
	}
	printf("  ");
	say_shape(&best);
	printf("\n");
	fflush(stdout);
	for (int which = 0; which < 2; which++)
		if (halves->files[which])
			fclose(halves->files[which]);
}

static int check_models(const char *only, struct result *result) {
	int streams = 0;
	for (const struct stream_model *model = stream_models; model->name; model++) {
		struct halves halves = {.spaces = 1};
		if (!strstr(model->name, only))
			continue;
		make_halves(&halves, model);
		check(model->name, &halves, result);
		streams++;
	}
	return streams;
}

/* NAME=RUN or NAME=RUN:OTHER. */
static int check_files(const char *only, char **files, struct result *result) {
	int streams = 0;
	for (; *files; files++) {
		struct halves halves = {.spaces = 1};
		char *run = strchr(*files, '='), *other = run ? strchr(run, ':') : NULL;
		if (!run)
			fail(*files);
		*run++ = '\0';
		if (!strstr(*files, only))
			continue;
		if (other) {
			take_run(&halves, 0, run, (size_t)(other - run));
			take_run(&halves, 1, other + 1, strlen(other + 1));
		} else {
			split(&halves, run);
		}
		check(*files, &halves, result);
		streams++;
	}
	return streams;
}

int main(int argc, char **argv) {
	bool is_part = argc > 2 && strcmp(argv[1], "--only") == 0;
	const char *only = is_part ? argv[2] : "";
	struct result result = {0, 0, 0};
	printf("%-36s  slots ways entries spaces  seen                  unseen                 fastest of the sweep\n",
	       "");
	int streams = check_models(only, &result);
	streams += check_files(only, argv + (is_part ? 3 : argc > 0), &result);
	if (streams == 0)
		fail("no stream has that in its name");
	printf("%d streams, %d ratios: %d above the bar of %.2f, %d that may be; the greatest is %.3f: %s\n", streams,
	       2 * streams, result.missed, BAR, result.inconclusive, result.worst,
	       result.missed         ? "missed"
	       : result.inconclusive ? "inconclusive"
				     : "met");
	return result.missed ? 1 : result.inconclusive ? 3 : 0;
}
