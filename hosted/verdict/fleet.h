/* SPDX-License-Identifier: Apache-2.0
 *
 * Machines of one model against each other: which of them differ from the rest, with a stated share of wrong answers.
 * Pure. docs/methodology.md has the assumptions, and how often it is wrong where they do not hold.
 *
 * A benchmark's logarithms of figures are set against their median over the machines, in units of their scaled median
 * absolute deviation: robust z-scores, which neither the machines that differ nor how far they do can hide (B.
 * Iglewicz, D. Hoaglin, "How to Detect and Handle Outliers", 1993; for the scale of few values C. Croux, P. Rousseeuw,
 * "Time-Efficient Algorithms for Two Highly Robust Estimators of Scale", COMPSTAT 1992). A machine's own figure is its
 * median deviation over the benchmarks, judged likewise: it is near to normal where single figures are not.
 *
 * The null hypothesis: a figure is from the distribution that the rest is from, shifted by at most the threshold, and
 * that one is near to normal. Its tail is Student's, as median and scale are estimates: the scale of n values varies as
 * a standard deviation with 0.37 n degrees of freedom does, having 37 % of its efficiency. Machines that differ are
 * found by Y. Benjamini and Y. Hochberg's procedure (JRSS B 57 (1995)), so that of those that are named the expected
 * share of wrong ones is at most `rate`; on these the benchmarks that differ by Y. Benjamini and M. Bogomolov's (JRSS B
 * 76 (2014)).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { FLEET_MACHINES_LEAST = 10 };

struct fleet_rules {
	double rate;      /* false discovery rate: 0.05 */
	double threshold; /* differences up to it do not matter: 0.01 */
};

/* figures[benchmark * stride + machine]: nanoseconds an iteration, each the median of the machine's runs; 0: none. */
struct fleet {
	const double *figures;
	size_t stride;
	size_t benchmarks;
	size_t machines;
};

struct fleet_cell {
	bool judged;      /* else deviation and z are 0, and p is 1 */
	double deviation; /* from the median machine: 0.07 is 7 % more time */
	double z;         /* the same in scaled median absolute deviations, of logarithms */
	double p;
	double corrected; /* for the number of machines; a benchmark's for theirs, on a machine that stands out */
	bool stands_out;  /* a benchmark does on a machine that does */
};

/* Fills cells[row * fleet->machines + machine], a row for each benchmark and a last one for the machines' own, judged
 * where a machine has half of the benchmarks that are. A benchmark that fewer than FLEET_MACHINES_LEAST machines have,
 * or that more than half of them have to the last digit alike, is not judged. Returns how many are; -1: no memory. */
int fleet_judge(const struct fleet *fleet, const struct fleet_rules *rules, struct fleet_cell *cells);
