/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/noise/periods.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	LINES_MOST = 4096,
	BASES_MOST = 256,   /* lines that are tried as a comb's base, from the lowest on */
	MEDIAN_REACH = 128, /* lines on each side: what the local median is of */
	FIRST_LINE = 4,     /* fewer turns in the whole series are no period */
	MIRRORS = 8,        /* harmonics are followed to that many times what a series can show */
	TOWER = 3,
};

#define ODDS 1e-3 /* that noise without a period shows a line */
#define PI   3.14159265358979323846

struct line {
	double place; /* of the spectrum, between two of its ordinates */
	double power; /* over what stands out */
	bool used;
};

struct space {
	double *real, *imaginary; /* `count` each */
	double *sorted;           /* of the local median */
	struct line *lines;
	size_t line_count;
};

size_t periods_workspace_bytes(size_t count) {
	return (2 * count + 2 * MEDIAN_REACH + 1) * sizeof(double) + LINES_MOST * sizeof(struct line);
}

/* ---- the transform ----------------------------------------------------------------------------------------------- */

static void swap(double *a, double *b) {
	double kept = *a;
	*a = *b;
	*b = kept;
}

static void reverse_bits(double *real, double *imaginary, size_t count) {
	for (size_t i = 1, reversed = 0; i < count; i++) {
		size_t bit = count >> 1;
		for (; reversed & bit; bit >>= 1)
			reversed ^= bit;
		reversed ^= bit;
		if (i < reversed) {
			swap(&real[i], &real[reversed]);
			swap(&imaginary[i], &imaginary[reversed]);
		}
	}
}

/* Cooley and Tukey's, by halves, in place. */
static void transform(double *real, double *imaginary, size_t count) {
	reverse_bits(real, imaginary, count);
	for (size_t half = 1; half < count; half *= 2)
		for (size_t k = 0; k < half; k++) {
			double angle = -PI * (double)k / (double)half, cosine = cos(angle), sine = sin(angle);
			for (size_t i = k; i < count; i += 2 * half) {
				double r = real[i + half] * cosine - imaginary[i + half] * sine;
				double m = real[i + half] * sine + imaginary[i + half] * cosine;
				real[i + half] = real[i] - r;
				imaginary[i + half] = imaginary[i] - m;
				real[i] += r;
				imaginary[i] += m;
			}
		}
}

/* Power into `real`. The window (Hann's) keeps a line from spreading over the others. */
static void spectrum(const double *series, size_t count, const struct space *space) {
	double mean = 0;
	for (size_t i = 0; i < count; i++)
		mean += series[i] / (double)count;
	for (size_t i = 0; i < count; i++) {
		space->real[i] = (series[i] - mean) * (1 - cos(2 * PI * (double)i / (double)count));
		space->imaginary[i] = 0;
	}
	transform(space->real, space->imaginary, count);
	for (size_t i = 0; i <= count / 2; i++)
		space->real[i] = space->real[i] * space->real[i] + space->imaginary[i] * space->imaginary[i];
}

/* ---- lines ------------------------------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b) {
	double left = *(const double *)a, right = *(const double *)b;
	return (left > right) - (left < right);
}

static double median_about(const struct space *space, size_t place, size_t last) {
	size_t from = place > FIRST_LINE + MEDIAN_REACH ? place - MEDIAN_REACH : FIRST_LINE;
	size_t to = place + MEDIAN_REACH < last ? place + MEDIAN_REACH : last;
	memcpy(space->sorted, &space->real[from], (to - from + 1) * sizeof(double));
	qsort(space->sorted, to - from + 1, sizeof(double), compare);
	return space->sorted[(to - from + 1) / 2];
}

/* Of a parabola through the logarithms of three ordinates: where its top is, from the middle one. */
static double top_of(double before, double at, double behind) {
	double a = log(before), b = log(at), c = log(behind), bend = a - 2 * b + c;
	return bend < 0 ? (a - c) / (2 * bend) : 0;
}

static void find_lines(struct space *space, size_t count) {
	size_t last = count / 2 - 1;
	double level = 0, more = log((double)last / ODDS) / log(2);
	for (size_t i = FIRST_LINE; i <= last && space->line_count < LINES_MOST; i++) {
		const double *power = space->real;
		if ((i - FIRST_LINE) % (MEDIAN_REACH / 2) == 0)
			level = median_about(space, i + MEDIAN_REACH / 4, last) * more;
		if (!(power[i] > level) || power[i] < power[i - 1] || power[i] <= power[i + 1] ||
		    !(power[i - 1] > 0 && power[i + 1] > 0))
			continue;
		space->lines[space->line_count++] = (struct line){
			.place = (double)i + top_of(power[i - 1], power[i], power[i + 1]), .power = power[i]};
	}
}

/* ---- combs ------------------------------------------------------------------------------------------------------- */

/* The line nearest to a place, no more than a line's width from it: LINES_MOST where there is none. */
static size_t line_at(const struct space *space, double place, double reach) {
	size_t low = 0, high = space->line_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (space->lines[middle].place < place)
			low = middle + 1;
		else
			high = middle;
	}
	size_t nearest = LINES_MOST;
	for (size_t i = low > 0 ? low - 1 : 0; i <= low && i < space->line_count; i++)
		if (fabs(space->lines[i].place - place) < reach) {
			reach = fabs(space->lines[i].place - place);
			nearest = i;
		}
	return nearest;
}

struct comb {
	double base;
	unsigned lines;
	double power;
};

/* Harmonics from `base` on, of which one at a time may be missing, as another comb's beat may hide it. */
static struct comb comb_of(const struct space *space, size_t base, double end) {
	struct comb comb = {.base = space->lines[base].place};
	unsigned missing = 0;
	for (unsigned harmonic = 1; comb.base * harmonic < end && missing < 2; harmonic++) {
		size_t line = line_at(space, comb.base * harmonic, 1);
		if (line == LINES_MOST) {
			missing++;
			continue;
		}
		missing = 0;
		comb.lines++;
		comb.power += space->lines[line].power;
		comb.base = space->lines[line].place / harmonic;
	}
	return comb;
}

static double power_at(const struct space *space, double place, double end) {
	size_t line = place < end ? line_at(space, place, 1) : LINES_MOST;
	return line == LINES_MOST ? 0 : space->lines[line].power;
}

/* Its lines, and those that its harmonics beyond the spectrum's end cast back into it, are told. Not one that towers
 * over its neighbours in the comb: a shorter period's base may stand there. */
static void use(struct space *space, const struct comb *comb, size_t count) {
	double end = (double)count / 2;
	for (double place = comb->base; place < (double)count * MIRRORS; place += comb->base) {
		double folded = fmod(place, (double)count);
		folded = folded < end ? folded : (double)count - folded;
		size_t line = line_at(space, folded, 1);
		double most = fmax(power_at(space, place - comb->base, end), power_at(space, place + comb->base, end));
		bool towers = place < end && place > 1.5 * comb->base && most > 0;
		if (line != LINES_MOST && !(towers && space->lines[line].power > TOWER * most))
			space->lines[line].used = true;
	}
}

/* A lone line is one where nothing of its harmonics could be seen. */
static bool is_better(const struct comb *comb, const struct comb *best) {
	return comb->lines != best->lines ? comb->lines > best->lines : comb->power > best->power;
}

/* What one event is where all come at `steps`: from the power at the very place, not at the ordinate beside it. */
static double length_of(const double *series, size_t count, double steps) {
	double real = 0, imaginary = 0, mean = 0;
	for (size_t i = 0; i < count; i++)
		mean += series[i] / (double)count;
	for (size_t i = 0; i < count; i++) {
		double angle = 2 * PI * fmod((double)i / steps, 1);
		real += (series[i] - mean) * cos(angle);
		imaginary += (series[i] - mean) * sin(angle);
	}
	return sqrt(real * real + imaginary * imaginary) * steps / (double)count;
}

size_t periods_find(const double *series, size_t count, void *workspace, struct period periods[PERIODS_MOST]) {
	struct space space = {.real = workspace};
	size_t found = 0;
	if (count < PERIODS_POINTS_LEAST || count > PERIODS_POINTS_MOST || (count & (count - 1)) != 0)
		return 0;
	space.imaginary = space.real + count;
	space.sorted = space.imaginary + count;
	space.lines = (struct line *)(space.sorted + 2 * MEDIAN_REACH + 1);
	spectrum(series, count, &space);
	find_lines(&space, count);
	while (found < PERIODS_MOST) {
		struct comb best = {0};
		size_t best_line = 0;
		for (size_t i = 0, tried = 0; i < space.line_count && tried < BASES_MOST; i++) {
			if (space.lines[i].used)
				continue;
			struct comb comb = comb_of(&space, i, (double)count / 2);
			tried++;
			if (is_better(&comb, &best)) {
				best = comb;
				best_line = i;
			}
		}
		if (best.lines == 0)
			break;
		use(&space, &best, count);
		space.lines[best_line].used = true;
		double steps = (double)count / best.base;
		periods[found++] = (struct period){steps, best.lines, length_of(series, count, steps)};
	}
	return found;
}
