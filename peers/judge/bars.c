/* SPDX-License-Identifier: Apache-2.0 */
#include "peers/judge/bars.h"

#include <string.h>

enum peer_validity peer_entry_validity(const struct peer_entry *entry, const struct peer_record *row,
				       double operations) {
	return peer_judge(&entry->claim, &row->costs, entry->minimum_ns / operations * row->core_ghz);
}

static bool is_ours(const struct peer_entry *entry, bool methods) {
	return entry->role == PEER_OURS || (methods && entry->role == PEER_OURS_METHOD);
}

static double fastest_of_ours(const struct peer_record *row, bool methods) {
	double least = row->entries[0].minimum_ns;
	for (size_t i = 1; i < row->count; i++)
		if (is_ours(&row->entries[i], methods) && row->entries[i].minimum_ns < least)
			least = row->entries[i].minimum_ns;
	return least;
}

/* NULL: nobody of that name is here. */
static const struct peer_entry *fastest_peer(const struct peer_record *row, const char *name) {
	bool any = strcmp(name, PEER_BEST) == 0;
	const struct peer_entry *found = NULL;
	for (size_t i = 0; i < row->count; i++) {
		const struct peer_entry *entry = &row->entries[i];
		if (entry->role != PEER_OTHER || entry->absent[0] != 0)
			continue;
		if (any ? entry->reference : strcmp(name, entry->name) != 0)
			continue;
		if (found == NULL || entry->minimum_ns < found->minimum_ns)
			found = entry;
	}
	return found;
}

/* Ours, and with `methods` each of them, over its own limit: the worst. 0: there is none. */
static double over_limit(const struct peer_record *row, bool methods) {
	const struct peer_entry *of = NULL;
	double worst = 0;
	for (size_t i = 0; i < row->count; i++) {
		const struct peer_entry *entry = &row->entries[i];
		const struct peer_entry *ours = entry->role == PEER_LIMIT_OF_OURS                ? &row->entries[0]
						: methods && entry->role == PEER_LIMIT_OF_METHOD ? of
												 : NULL;
		if (entry->role == PEER_OURS_METHOD)
			of = entry;
		if (ours != NULL && ours->minimum_ns / entry->minimum_ns > worst)
			worst = ours->minimum_ns / entry->minimum_ns;
	}
	return worst;
}

static struct peer_judgement judge_walks(const struct peer_bar *bar, const struct peer_record *row) {
	const struct peer_entry *floor = fastest_peer(row, PEER_NEVER_EVICTS);
	if (floor == NULL || floor->walks == 0)
		return (struct peer_judgement){PEER_ABSENT, 0};
	double seen = (double)row->entries[0].walks / (double)floor->walks;
	return (struct peer_judgement){seen <= bar->ratio ? PEER_MET : PEER_MISSED, seen};
}

struct peer_judgement peer_bar_judge(const struct peer_bar *bar, const struct peer_record *row, double operations,
				     unsigned wanted) {
	double ours_ns = fastest_of_ours(row, bar->methods), seen;
	bool void_reference = false;
	if (strcmp(bar->against, PEER_WALKS) == 0)
		return judge_walks(bar, row);
	if (strcmp(bar->against, PEER_NS) == 0) {
		seen = ours_ns / operations;
	} else if (strcmp(bar->against, PEER_CYCLES) == 0) {
		seen = ours_ns / operations * row->core_ghz;
	} else if (strcmp(bar->against, PEER_LIMIT) == 0) {
		seen = over_limit(row, bar->methods);
		if (seen <= 0)
			return (struct peer_judgement){PEER_NO_LIMIT, 0};
	} else {
		const struct peer_entry *peer = fastest_peer(row, bar->against);
		if (peer == NULL)
			return (struct peer_judgement){PEER_ABSENT, 0};
		seen = ours_ns / peer->minimum_ns;
		void_reference = peer->claims && peer_entry_validity(peer, row, operations) != PEER_VALID;
	}
	if (!peer_record_judged(row, wanted))
		return (struct peer_judgement){PEER_VOID_BUSY, seen};
	if (void_reference)
		return (struct peer_judgement){PEER_VOID, seen};
	return (struct peer_judgement){seen <= bar->ratio ? PEER_MET : PEER_MISSED, seen};
}

/* Met where one is; else what keeps it open goes before what says that it was missed. */
enum peer_verdict peer_verdict_of_either(enum peer_verdict a, enum peer_verdict b) {
	static const enum peer_verdict order[] = {PEER_MET,    PEER_VOID_BUSY, PEER_VOID,
						  PEER_MISSED, PEER_ABSENT,    PEER_NO_LIMIT};
	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
		if (a == order[i] || b == order[i])
			return order[i];
	return a;
}
