/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a series of figures changes its level. PELT: R. Killick, P. Fearnhead, I. Eckley, "Optimal Detection of
 * Changepoints With a Linear Computational Cost", Journal of the American Statistical Association 107 (2012), for a
 * change of mean under normal noise of known variance; the variance is estimated from the differences of neighbours,
 * which a change of level hardly touches, by their median absolute value (F. Hampel, JASA 69 (1974), for its scale), so
 * that single wild figures do not hide a change. Pure.
 *
 * The paper prunes a beginning s at an end t where the segment from s to t is worse than the best division of the first
 * t: any later end is reached more cheaply from t. With a least segment that holds from t plus that segment on: till
 * then no segment from t may end, and s stays.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { CHANGE_POINTS_SEGMENT_MIN = 3 };

/* Indices at which a new level begins, ascending, at most `capacity` of them; *found says how many. Segments have
 * CHANGE_POINTS_SEGMENT_MIN figures at the least. A figure more than four deviations from its neighbours' median is
 * taken as that far away, so that one outlier is no level. false: no memory. Values are finite. */
bool change_points_find(const double *values, size_t count, size_t *points, size_t capacity, size_t *found);

/* The division that change_points_find looks for, of figures whose noise has the deviation 1: the least sum of squares
 * around the segments' own means, plus `penalty` (not negative) for each change. Otherwise as above. */
bool change_points_divide(const double *figures, size_t count, double penalty, size_t *points, size_t capacity,
			  size_t *found);
