/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/rooms.h"

#include "bench/room/show.h"
#include "lib/units.h"

#include <inttypes.h>
#include <string.h>

static void read_done(const struct collector *collector, struct rooms *rooms) {
	struct json_span done = {collector->done, collector->done ? strlen(collector->done) : 0};
	struct room_seen whole;
	if (!collector->done || !room_read(done, &whole))
		return;
	rooms->elapsed_ns = whole.measured_ns;
	memcpy(rooms->counted, whole.counted, sizeof(rooms->counted));
	memcpy(rooms->counts, whole.counts, sizeof(rooms->counts));
}

static void take_best(struct rooms *rooms, const struct room_seen *seen) {
	if (seen->probes == 0 || (rooms->best != 0 && seen->ratio_low >= rooms->best))
		return;
	rooms->best = seen->ratio_low;
	rooms->chains = seen->chains;
}

void rooms_of(const struct collector *collector, struct rooms *rooms) {
	*rooms = (struct rooms){0};
	for (size_t i = 0; i < collector->count; i++) {
		const struct collected *benchmark = &collector->benchmarks[i];
		take_best(rooms, &benchmark->room);
		for (size_t visit = 0; visit < benchmark->visit_count; visit++)
			take_best(rooms, &benchmark->visits[visit].room);
	}
	for (size_t i = 0; i < collector->count; i++)
		rooms->tally.words[room_judge(&collector->benchmarks[i].room, rooms->best)]++;
	read_done(collector, rooms);
	const struct room_seen whole = {
		.measured_ns = rooms->elapsed_ns,
		.counted[ROOM_STOLEN_NS] = rooms->counted[ROOM_STOLEN_NS],
		.counts[ROOM_STOLEN_NS] = rooms->counts[ROOM_STOLEN_NS],
	};
	enum room_word most = room_best_of_lost(&whole);
	rooms->word = room_of_many(&rooms->tally, false);
	if (rooms->word > most)
		rooms->word = most;
}

void rooms_of_visits(const struct rooms *rooms, const struct collected *benchmark, struct room_tally *tally) {
	*tally = (struct room_tally){0};
	for (size_t i = 0; i < benchmark->visit_count; i++)
		tally->words[room_judge(&benchmark->visits[i].room, rooms->best)]++;
}

static bool has_any(const struct room_tally *tally) {
	for (int word = ROOM_LOUD; word < ROOM_WORDS; word++)
		if (tally->words[word] != 0)
			return true;
	return false;
}

/* The member's begin; false: nothing. */
static bool open_words(const struct room_tally *tally, enum room_word whole, struct text *text) {
	if (!has_any(tally))
		return false;
	text_member_object(text, "room");
	text_member_string(text, "word", room_word_name(whole));
	text_member_object(text, "benchmarks");
	for (int word = ROOM_SILENT; word >= ROOM_UNKNOWN; word--)
		text_member_u64(text, room_word_name((enum room_word)word), tally->words[word]);
	text_add_string(text, "}");
	return true;
}

void rooms_write_words(const struct room_tally *tally, enum room_word word, struct text *text) {
	if (open_words(tally, word, text))
		text_add_string(text, "}");
}

void rooms_write(const struct rooms *rooms, struct text *text) {
	if (!open_words(&rooms->tally, rooms->word, text))
		return;
	text_member_double(text, "best_ratio", rooms->best);
	room_write_counts(text, rooms->counted, rooms->counts);
	text_add_string(text, "}");
}

/* What somebody counts. */
static void add_count(struct text *text, const struct rooms *rooms, enum room_count count, const char *name) {
	if (rooms->counted[count])
		text_format(text, ", %s %" PRIu64, name, rooms->counts[count]);
}

bool rooms_show_tally(const struct room_tally *tally, const char *before, struct text *text) {
	if (!has_any(tally))
		return false;
	const char *between = before;
	for (int each = ROOM_SILENT; each >= ROOM_UNKNOWN; each--) {
		if (tally->words[each] == 0)
			continue;
		text_format(text, "%s%zu %s", between, tally->words[each], room_word_name((enum room_word)each));
		between = ", ";
	}
	return true;
}

bool rooms_show_words(const struct room_tally *tally, enum room_word word, struct text *text) {
	if (!has_any(tally))
		return false;
	text_format(text, "room    %s:", room_word_name(word));
	return rooms_show_tally(tally, " ", text);
}

void rooms_show(const struct rooms *rooms, struct text *text) {
	if (!rooms_show_words(&rooms->tally, rooms->word, text))
		return;
	text_format(text, "; %" PRIu64 " chains over one: %.3f at best\n        the whole run: ", rooms->chains,
		    rooms->best);
	if (rooms->counted[ROOM_STOLEN_NS])
		text_format(text, "stolen by the host %" PRIu64 " ms", rooms->counts[ROOM_STOLEN_NS] / NS_PER_MS);
	else
		text_add_string(text, "what the host took is not known");
	add_count(text, rooms, ROOM_SWITCHES, "switched away");
	add_count(text, rooms, ROOM_MOVES, "moved");
	add_count(text, rooms, ROOM_INTERRUPTS, "interrupts");
	text_add_string(text, "\n");
}
