/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/verdict/row_room.h"

void row_room_add(struct row_room *room, const struct results_benchmark *benchmark) {
	if (!benchmark || benchmark->count == 0)
		return;
	room->untold += !benchmark->has_room;
	room->tally.words[benchmark->has_room ? benchmark->room : ROOM_UNKNOWN]++;
}

/* One of which nothing is known may have been the loud one. */
void row_room_settle(struct row_room *room) {
	bool is_whole = room->tally.words[ROOM_UNKNOWN] == 0;
	room->word = is_whole ? room_of_many(&room->tally, room->apart) : ROOM_UNKNOWN;
}

const char *row_room_refusal(const struct row_room *room) {
	static const char *const reasons[ROOM_WORDS] = {
		[ROOM_UNKNOWN] = "the room is not known",
		[ROOM_LOUD] = "the room was loud",
		[ROOM_USABLE] = "the room was usable, no better",
		[ROOM_QUIET] = "the room was quiet, no better",
	};
	if (room->least == ROOM_UNKNOWN || room->word >= room->least)
		return NULL;
	return room->untold ? "the file says nothing of its room" : reasons[room->word];
}
