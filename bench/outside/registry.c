/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/outside/registry.h"

#include "bench/match.h"
#include "lib/units.h"
#include "platform.h"

#include <stdio.h>
#include <string.h>

/* What a row is called when its own name cannot be. */
#define NO_ROWS "no_rows"

/* What every reader of results has room for, those that know no whole numbers but as doubles, too. */
#define PER_ITERATION_MAX (UINT64_C(1) << 53)

struct outside_row {
	const struct benchmark *own; /* as the suite has it: what its functions get; NULL: it has none */
	const char *wrong;           /* why it cannot run; NULL: it can */
	char name[sizeof(((struct bench_row *)0)->name)];
	char limit[sizeof(((struct bench_row *)0)->name)]; /* the own row's, where that is one of the suite's */
	char no_limit[200];                                /* where that is nobody's: what is wrong */
};

struct outside_table {
	size_t count;
	struct bench_suite *suites;
	struct outside_row *rows;
	struct benchmark *benchmarks; /* of all suites, one behind the other */
};

static size_t rows_of(const struct outside_linked *linked) {
	return linked->suite->count != 0 ? linked->suite->count : 1;
}

static const struct outside_row *row_of(const struct benchmark *benchmark) {
	return (const struct outside_row *)(uintptr_t)benchmark->parameter;
}

static enum bench_setup_result set_up(const struct benchmark *benchmark, struct bench_context *context) {
	const struct outside_row *row = row_of(benchmark);
	if (row->wrong != NULL)
		return bench_fail(context, row->wrong);
	return row->own->setup != NULL ? row->own->setup(row->own, context) : BENCH_READY;
}

static const char *check(const struct benchmark *benchmark, void *state) {
	const struct benchmark *own = row_of(benchmark)->own;
	return own->check(own, state);
}

static void tear_down(const struct benchmark *benchmark, struct bench_context *context) {
	const struct benchmark *own = row_of(benchmark)->own;
	if (own->teardown != NULL)
		own->teardown(own, context);
}

static void run_nothing(void *state, uint64_t iterations) {
	(void)state;
	(void)iterations;
}

/* Exports make folders of its parts: none is hidden, or leads out of them. */
static bool is_name(const char *name) {
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+./";
	size_t length = strlen(name);
	return length != 0 && name[0] != '/' && name[length - 1] != '/' && strstr(name, "//") == NULL &&
	       name[0] != '.' && strstr(name, "/.") == NULL && strspn(name, allowed) == length;
}

static bool is_taken(const struct bench_suite *suite, size_t before, const char *name) {
	for (size_t i = 0; i < before; i++)
		if (strcmp(suite->benchmarks[i].name, name) == 0)
			return true;
	return false;
}

static const char *find_wrong_limit(const struct benchmark *own) {
	if (own->paper_ns != 0 && !(own->paper_ns >= 1e-6 && own->paper_ns <= 1e15))
		return "a limit on paper is 1e-6 to 1e15 ns: .paper_ns";
	if ((own->paper_ns > 0) != (own->paper_source != NULL && *own->paper_source != 0))
		return "a limit on paper is a time and who says so: .paper_ns, .paper_source";
	if (own->limit != NULL && own->paper_source != NULL)
		return "a row has one limit: .limit or .paper_ns";
	if ((own->limit != NULL || own->paper_source != NULL) && own->unit == BENCH_UNIT_NONE)
		return "a limit is one of the throughput: .unit, .per_iteration";
	return NULL;
}

/* NULL: nothing; `fits`: its name has room behind the suite's. */
static const char *find_mistake(const struct benchmark *own, bool fits) {
	if (own->name == NULL || !is_name(own->name))
		return "its name is none: letters, digits, _ - + and, not first, . in parts between single /";
	if (!fits)
		return "its name is too long: suite and row have 62 characters together";
	if (own->iteration == NULL || *own->iteration == 0)
		return "the row does not say what an iteration is: .iteration";
	if (own->run == NULL)
		return "the row has nothing to run: .run";
	if (own->unit > BENCH_UNIT_ELEMENTS || (own->unit != BENCH_UNIT_NONE && own->per_iteration == 0))
		return "the row does not say how many units an iteration has: .unit, .per_iteration";
	if (own->per_iteration > PER_ITERATION_MAX)
		return "an iteration has 2^53 units at the most: .per_iteration";
	return find_wrong_limit(own);
}

static bool has_row(const struct outside_linked *linked, const char *limit) {
	for (size_t i = 0; i < linked->suite->count; i++)
		if (linked->suite->rows[i].name != NULL && match_is_of(limit, linked->suite->rows[i].name))
			return true;
	return false;
}

/* A suite's own rows with its name before them. */
static bool is_of_any(const struct outside_linked *all, const char *limit) {
	for (; all->name != NULL; all++) {
		size_t length = strlen(all->name);
		if (strncmp(limit, all->name, length) == 0 && limit[length] == '/' && has_row(all, limit + length + 1))
			return true;
	}
	return false;
}

/* A limit that is one of the suite's own rows gets the suite's name before it, as these do. */
static void name_limit(struct outside_row *row, const struct outside_linked *linked, const struct outside_linked *all,
		       outside_is_ours *is_ours) {
	const char *limit = row->own != NULL ? row->own->limit : NULL;
	if (row->wrong != NULL || limit == NULL)
		return;
	if (*limit != '\0' && has_row(linked, limit)) {
		snprintf(row->limit, sizeof(row->limit), "%s/%s", linked->name, limit);
	} else if (!is_of_any(all, limit) && !is_ours(limit)) {
		snprintf(row->no_limit, sizeof(row->no_limit),
			 "no row is '%.64s', or is that with / and more behind it, of suite %.32s or ours: .limit",
			 limit, linked->name);
		row->wrong = row->no_limit;
	}
}

/* Names that cannot be used are replaced by the row's number, which no other row has. */
static void name_row(struct outside_row *row, const struct outside_linked *linked, size_t index,
		     const struct bench_suite *suite) {
	const char *name = row->own != NULL ? row->own->name : NO_ROWS;
	int length = snprintf(row->name, sizeof(row->name), "%s/%s", linked->name, name != NULL ? name : "");
	bool fits = length >= 0 && (size_t)length < sizeof(row->name);
	row->wrong = row->own != NULL ? find_mistake(row->own, fits) : "the suite has no rows: BENCH_SUITE(table)";
	bool is_taken_already = row->wrong == NULL && is_taken(suite, index, row->name);
	if (is_taken_already)
		row->wrong = "another row of the suite has this name";
	if (row->own != NULL && (is_taken_already || !fits || row->own->name == NULL || !is_name(row->own->name)))
		snprintf(row->name, sizeof(row->name), "%s/#%zu", linked->name, index + 1);
}

static void make_row(struct benchmark *benchmark, const struct outside_row *row) {
	static const struct benchmark broken = {
		.iteration = "nothing: the row cannot run", .run = run_nothing, .headline = true};
	bool runs = row->wrong == NULL;
	*benchmark = runs ? *row->own : broken;
	benchmark->name = row->name;
	benchmark->parameter = (uintptr_t)row;
	benchmark->setup = set_up;
	benchmark->check = runs && row->own->check != NULL ? check : NULL;
	benchmark->teardown = runs ? tear_down : NULL;
	benchmark->unchecked = runs && benchmark->check == NULL;
	if (runs && row->limit[0] != 0)
		benchmark->limit = row->limit;
}

static void fill(struct outside_table *table, const struct outside_linked *linked, outside_is_ours *is_ours) {
	size_t made = 0;
	for (size_t i = 0; i < table->count; i++) {
		struct bench_suite *suite = &table->suites[i];
		*suite = (struct bench_suite){
			.name = linked[i].name, .benchmarks = &table->benchmarks[made], .count = rows_of(&linked[i])};
		for (size_t k = 0; k < suite->count; k++, made++) {
			struct outside_row *row = &table->rows[made];
			row->own = linked[i].suite->count != 0 ? &linked[i].suite->rows[k] : NULL;
			name_row(row, &linked[i], k, suite);
			name_limit(row, &linked[i], linked, is_ours);
			make_row(&table->benchmarks[made], row);
		}
	}
}

/* Read-only where the platform can have it so: what is written there by mistake faults, and a guard says where. */
struct outside_table *outside_table_make(const struct outside_linked *linked, outside_is_ours *is_ours) {
	size_t count = 0, rows = 0;
	for (; linked[count].name != NULL; count++)
		rows += rows_of(&linked[count]);
	size_t bytes = sizeof(struct outside_table) + count * sizeof(struct bench_suite) +
		       rows * (sizeof(struct outside_row) + sizeof(struct benchmark));
	void *memory;
	if (platform_memory_map(bytes, PAGE_BYTES, PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE, &memory) != 0)
		return NULL;
	struct outside_table *table = memory;
	table->count = count;
	table->suites = (struct bench_suite *)(table + 1);
	table->rows = (struct outside_row *)(table->suites + count);
	table->benchmarks = (struct benchmark *)(table->rows + rows);
	fill(table, linked, is_ours);
	(void)platform_memory_protect(memory, bytes, PLATFORM_MEMORY_READ);
	return table;
}

const struct bench_suite *outside_table_suite(const struct outside_table *table, size_t index) {
	return index < table->count ? &table->suites[index] : NULL;
}

const struct bench_suite *outside_suite(size_t index, outside_is_ours *is_ours) {
	static const struct outside_table *table;
	if (outside_linked[0].name == NULL)
		return NULL;
	if (table == NULL)
		table = outside_table_make(outside_linked, is_ours);
	return table != NULL ? outside_table_suite(table, index) : NULL;
}
