/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/stream/tlb_advice.h"

#include <inttypes.h>
#include <stdio.h>

static const uint64_t flushes_tried[STREAM_OTHER_FLUSHES] = {1000000, 100000, 10000, 1000};
static const uint32_t pages_tried[STREAM_OTHER_PAGES] = {12, 14, 16, 21};

/* ---- made -------------------------------------------------------------------------------------------------------- */

static void want_others(struct stream_advice *advice) {
	struct stream_shape chosen = advice->rows.rows[advice->chosen].shape, by_default = advice->rows.rows[0].shape;
	advice->other_count = 0;
	for (size_t i = 0; i < STREAM_OTHER_FLUSHES; i++) {
		chosen.flush_every = by_default.flush_every = flushes_tried[i];
		advice->others[advice->other_count++] = (struct stream_row){.shape = chosen};
		advice->others[advice->other_count++] = (struct stream_row){.shape = by_default};
	}
	chosen.flush_every = advice->given.flush_every;
	for (size_t i = 0; i < STREAM_OTHER_PAGES; i++) {
		chosen.page_shift = pages_tried[i];
		if (chosen.page_shift != advice->given.page_shift)
			advice->others[advice->other_count++] = (struct stream_row){.shape = chosen};
	}
}

int stream_advise(struct stream_advice *advice, stream_teller *teller, void *owner) {
	int status = stream_search(&advice->given, teller, owner, &advice->rows);
	if (status != 0)
		return status;
	advice->chosen = stream_choice(&advice->rows);
	want_others(advice);
	return teller(owner, &advice->rows.rows[0], advice->others, advice->other_count);
}

/* ---- words ------------------------------------------------------------------------------------------------------- */

void stream_write_config(const struct stream_shape *shape, struct text *text) {
	text_format(text,
		    "struct tlb_config config = {.entries = %" PRIu32 ", .asids = %" PRIu32 ", .page_bytes = %" PRIu64
		    ", .walk = walk, .owner = owner};",
		    shape->entries, shape->asids, UINT64_C(1) << shape->page_shift);
}

static void write_flags(const struct stream_shape *shape, struct text *text) {
	text_format(text, "-DTLB_SLOT_BITS=%u -DTLB_WAYS=%u", shape->slot_bits, shape->ways);
}

static double mib_of(const struct stream_shape *shape) {
	return (double)stream_shape_bytes(shape) / (1 << 20);
}

static uint64_t misses_of(const struct stream_counts *counts) {
	return counts->refills + counts->walks + counts->fresh;
}

/* How much less time the chosen one takes: 0.1 is a tenth less. */
static struct stream_interval saving_of(const struct stream_advice *advice) {
	struct stream_interval ratio = stream_interval_of(&advice->rows.rows[advice->chosen].ratio);
	return (struct stream_interval){1 - ratio.point, 1 - ratio.upper, 1 - ratio.lower};
}

/* Of an access. */
static struct stream_interval ns_of(const struct stream_advice *advice, const struct stream_row *row) {
	struct stream_interval ratio = stream_interval_of(&row->ratio);
	double ns = advice->default_ns.point;
	return (struct stream_interval){ns * ratio.point, ns * ratio.lower, ns * ratio.upper};
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

static void show_stream(const struct stream_advice *advice, struct text *text) {
	const struct stream_counts *counts = &advice->rows.rows[0].counts;
	text_format(text,
		    "stream   %s: %" PRIu64 " accesses (%s), %s%" PRIu64 " pages of %" PRIu64 " bytes, %" PRIu32
		    " address space%s\n",
		    advice->name, counts->accesses, advice->note.source, advice->more_pages ? "more than " : "",
		    advice->pages, UINT64_C(1) << advice->given.page_shift, advice->given.spaces,
		    advice->given.spaces == 1 ? "" : "s");
	if (advice->note.thinned)
		text_format(text, "         one window of %" PRIu64 " of what was accessed\n",
			    UINT64_C(1) << advice->note.thinned);
	if (advice->given.flush_every)
		text_format(text, "         all flushed every %" PRIu64 " events besides\n", advice->given.flush_every);
}

static void show_measured(const struct stream_advice *advice, struct text *text) {
	text_format(text,
		    "here     the default takes %.3f ns an access [%.3f %.3f], others by their ratio to it; a walk is "
		    "%s\n\n",
		    advice->default_ns.point, advice->default_ns.lower, advice->default_ns.upper,
		    advice->walk_told ? "what --walk-ns says" : "one of four levels");
}

static void show_head(struct text *text, const char *first) {
	text_format(text,
		    "%-10s   slots ways entries spaces   misses of which walked   ns an access [interval]      MiB\n",
		    first);
}

static void show_row(const struct stream_advice *advice, const struct stream_row *row, const char *first,
		     struct text *text) {
	struct stream_interval ns = ns_of(advice, row);
	char slots[16], interval[48];
	snprintf(slots, sizeof(slots), "2^%u", row->shape.slot_bits);
	snprintf(interval, sizeof(interval), "%.3f [%.3f %.3f]", ns.point, ns.lower, ns.upper);
	text_format(text, "%-10s %7s %4u %7" PRIu32 " %6" PRIu32 " %8" PRIu64 " %15" PRIu64 "   %-25s %7.2f\n", first,
		    slots, row->shape.ways, row->shape.entries, row->shape.asids, misses_of(&row->counts),
		    row->counts.walks + row->counts.fresh, interval, mib_of(&row->shape));
}

static void show_rows(const struct stream_advice *advice, struct text *text) {
	show_head(text, "");
	for (size_t i = 0; i < advice->rows.count; i++)
		show_row(advice, &advice->rows.rows[i], i == advice->chosen ? "chosen" : i == 0 ? "default" : "", text);
}

static void show_others(const struct stream_advice *advice, struct text *text) {
	text_add_string(text, "\n");
	show_head(text, "flushed");
	for (size_t i = 0; i < advice->other_count; i++) {
		const struct stream_shape *shape = &advice->others[i].shape;
		char first[24];
		if (i == 2 * STREAM_OTHER_FLUSHES) {
			text_add_string(text, "\n");
			show_head(text, "pages of");
		}
		snprintf(first, sizeof(first), "%" PRIu64 "%s",
			 i < 2 * STREAM_OTHER_FLUSHES ? shape->flush_every : UINT64_C(1) << (shape->page_shift - 10),
			 i < 2 * STREAM_OTHER_FLUSHES ? "" : " KiB");
		show_row(advice, &advice->others[i], first, text);
	}
}

static void show_saving(const struct stream_advice *advice, struct text *text) {
	const struct stream_row *chosen = &advice->rows.rows[advice->chosen];
	const struct stream_row *by_default = &advice->rows.rows[0];
	struct stream_interval saved = saving_of(advice);
	text_add_string(text, "\nchosen: compiled with ");
	write_flags(&chosen->shape, text);
	text_add_string(text, "\n\n    ");
	stream_write_config(&chosen->shape, text);
	text_format(text, "\n\nagainst the default (%u slot bits, %u ways, %" PRIu32 " entries): ",
		    by_default->shape.slot_bits, by_default->shape.ways, by_default->shape.entries);
	if (saved.lower <= 0 && saved.upper >= 0)
		text_add_string(text, "no time to gain");
	else
		text_format(text, "%.2f %% [%.2f %.2f] %s time", 100 * (saved.point < 0 ? -saved.point : saved.point),
			    100 * (saved.point < 0 ? -saved.upper : saved.lower),
			    100 * (saved.point < 0 ? -saved.lower : saved.upper), saved.point < 0 ? "more" : "less");
	text_format(text, ", %.2f MiB where it takes %.2f\n", mib_of(&chosen->shape), mib_of(&by_default->shape));
}

void stream_advice_show(const struct stream_advice *advice, struct text *text) {
	show_stream(advice, text);
	show_measured(advice, text);
	show_rows(advice, text);
	show_others(advice, text);
	show_saving(advice, text);
}

/* ---- JSON -------------------------------------------------------------------------------------------------------- */

static void write_interval(const char *name, struct stream_interval interval, struct text *json) {
	text_member_object(json, name);
	text_member_double(json, "point", interval.point);
	text_member_double(json, "lower", interval.lower);
	text_member_double(json, "upper", interval.upper);
	text_add_string(json, "}");
}

static void write_row(const struct stream_advice *advice, const char *name, const struct stream_row *row,
		      struct text *json) {
	text_member_object(json, name);
	text_member_u64(json, "slot_bits", row->shape.slot_bits);
	text_member_u64(json, "ways", row->shape.ways);
	text_member_u64(json, "entries", row->shape.entries);
	text_member_u64(json, "asids", row->shape.asids);
	text_member_u64(json, "page_bytes", UINT64_C(1) << row->shape.page_shift);
	text_member_u64(json, "flush_every", row->shape.flush_every);
	text_member_u64(json, "refills", row->counts.refills);
	text_member_u64(json, "walks", row->counts.walks + row->counts.fresh);
	text_member_u64(json, "fresh_walks", row->counts.fresh);
	text_member_u64(json, "flushes", row->counts.flushes);
	text_member_u64(json, "switches", row->counts.switches);
	write_interval("ns_per_access", ns_of(advice, row), json);
	text_member_u64(json, "memory_bytes", stream_shape_bytes(&row->shape));
	text_add_string(json, "}");
}

static void write_rows(const struct stream_advice *advice, const char *name, const struct stream_row *rows,
		       size_t count, struct text *json) {
	text_member_array(json, name);
	for (size_t i = 0; i < count; i++)
		write_row(advice, NULL, &rows[i], json);
	text_add_string(json, "]");
}

static void write_words(const struct stream_shape *shape, struct text *json) {
	struct text config = {0}, flags = {0};
	stream_write_config(shape, &config);
	write_flags(shape, &flags);
	text_add(&config, "", 1);
	text_add(&flags, "", 1);
	json->failed |= config.failed || flags.failed;
	if (!json->failed) {
		text_member_string(json, "config", config.bytes);
		text_member_string(json, "flags", flags.bytes);
	}
	text_free(&config);
	text_free(&flags);
}

void stream_advice_write(const struct stream_advice *advice, struct text *json) {
	const struct stream_row *chosen = &advice->rows.rows[advice->chosen];
	const struct stream_row *by_default = &advice->rows.rows[0];
	text_add_string(json, "{");
	text_member_string(json, "schema", "anechoic-tlb-advice/1");
	text_member_string(json, "source", advice->note.source);
	text_member_u64(json, "one_window_of", UINT64_C(1) << advice->note.thinned);
	text_member_u64(json, "accesses", chosen->counts.accesses);
	text_member_u64(json, "pages", advice->pages);
	text_member_bool(json, "more_pages", advice->more_pages);
	text_member_bool(json, "walk_told", advice->walk_told);
	write_row(advice, "chosen", chosen, json);
	write_row(advice, "default", by_default, json);
	write_interval("saved", saving_of(advice), json);
	write_words(&chosen->shape, json);
	write_rows(advice, "rows", advice->rows.rows, advice->rows.count, json);
	write_rows(advice, "others", advice->others, advice->other_count, json);
	text_add_string(json, "}\n");
}
