/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/watch/cusum.h"

#include "hosted/watch/cusum_table.h"

#include <math.h>
#include <string.h>

double cusum_height(double run_length) {
	const int last = CUSUM_TABLE_ROWS - 1;
	if (!(run_length > 0 && run_length <= CUSUM_BEYOND * cusum_table[last].run_length))
		return 0;
	int row = 0;
	while (row < last && cusum_table[row].run_length < run_length)
		row++;
	if (row == 0)
		return cusum_table[0].height;
	/* The run length grows about exponentially with the height. */
	double low = log(cusum_table[row - 1].run_length), high = log(cusum_table[row].run_length);
	double part = (log(run_length) - low) / (high - low);
	return cusum_table[row - 1].height + part * (cusum_table[row].height - cusum_table[row - 1].height);
}

void cusum_begin(struct cusum *cusum, double height) {
	memset(cusum, 0, sizeof(*cusum));
	cusum->height = height;
}

/* No further than one value beyond the height, so that what is over is soon forgotten. */
static void grow(double *sum, uint64_t *since, double part, double most, uint64_t number) {
	if (*sum <= 0)
		*since = number;
	double grown = *sum + part;
	*sum = grown < 0 ? 0 : grown > most ? most : grown;
}

void cusum_add(struct cusum *cusum, double z, uint64_t number) {
	if (isnan(z))
		return;
	z = z > CUSUM_CUT ? CUSUM_CUT : z < -CUSUM_CUT ? -CUSUM_CUT : z;
	double most = cusum->height + CUSUM_CUT;
	grow(&cusum->up, &cusum->up_since, z - CUSUM_REFERENCE, most, number);
	grow(&cusum->down, &cusum->down_since, -z - CUSUM_REFERENCE, most, number);
}

double cusum_strength(const struct cusum *cusum) {
	return (cusum->up >= cusum->down ? cusum->up : -cusum->down) / cusum->height;
}

uint64_t cusum_since(const struct cusum *cusum) {
	return cusum->up >= cusum->down ? cusum->up_since : cusum->down_since;
}
