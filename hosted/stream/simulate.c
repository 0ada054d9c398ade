/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/stream/simulate.h"

#include "bench/plain.h"
#include "hosted/results/files.h"
#include "hosted/stream/read.h"

#include <stdlib.h>

/* Read before they go through all shapes in turn. */
enum { CHUNK = 1 << 15 };

struct batch {
	struct simulated *simulated;
	size_t count;
	struct stream_event events[CHUNK];
	uint64_t packed[CHUNK];
};

static int replay_all(FILE *file, const char *name, struct batch *batch, struct text *complaint) {
	struct stream_reader *reader = stream_open(file, name, STREAM_WHOLE, complaint);
	long got = reader ? 0 : -1;
	while (reader && (got = stream_read(reader, batch->events, CHUNK, complaint)) > 0) {
		for (long i = 0; i < got; i++)
			batch->packed[i] = stream_pack(batch->events[i]);
		for (size_t i = 0; i < batch->count; i++)
			simulated_replay(&batch->simulated[i], batch->packed, (size_t)got);
	}
	stream_close(reader);
	return (int)got;
}

static int simulate_batch(FILE *file, const char *name, const struct stream_shape *shapes, struct batch *batch,
			  struct stream_counts *counts, struct text *complaint) {
	bool good = true;
	rewind(file);
	for (size_t i = 0; i < batch->count; i++) {
		batch->simulated[i] = (struct simulated){.state = NULL};
		good = good && simulated_start(&batch->simulated[i], &shapes[i], NULL);
	}
	if (!good)
		plain_format(complaint, "%s: out of memory\n", name);
	int status = good ? replay_all(file, name, batch, complaint) : -1;
	for (size_t i = 0; i < batch->count; i++) {
		if (status == 0)
			simulated_count(&batch->simulated[i], &counts[i]);
		simulated_free(&batch->simulated[i]);
	}
	return status;
}

/* How many of the shapes fit, one at the least. */
static size_t fitting(const struct stream_shape *shapes, size_t count, size_t bytes_most) {
	size_t bytes = 0, i = 0;
	while (i < count && (i == 0 || bytes + simulated_bytes(&shapes[i]) <= bytes_most))
		bytes += simulated_bytes(&shapes[i++]);
	return i;
}

int stream_simulate(const char *name, const struct stream_shape *shapes, size_t count, size_t bytes_most,
		    struct stream_counts *counts, struct text *complaint) {
	FILE *file = files_open(name, complaint);
	struct batch *batch = calloc(1, sizeof(*batch));
	struct simulated *simulated = calloc(count ? count : 1, sizeof(*simulated));
	int status = file && batch && simulated ? 0 : -1;
	if (file && status != 0)
		plain_format(complaint, "%s: out of memory\n", name);
	for (size_t done = 0; status == 0 && done < count; done += batch->count) {
		batch->simulated = simulated;
		batch->count = fitting(shapes + done, count - done, bytes_most);
		status = simulate_batch(file, name, shapes + done, batch, counts + done, complaint);
	}
	free(simulated);
	free(batch);
	if (file)
		fclose(file);
	return status;
}
