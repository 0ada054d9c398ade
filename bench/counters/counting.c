/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/counters/counting.h"

#include "bench/machine/facts.h"

#include <stdio.h>
#include <string.h>

/* Beside which all others are counted. */
enum { BASE_EVENTS = 2 };

static struct platform_pmu_event event_of(const struct counting *counting, enum event event) {
	if (event == EVENT_CYCLES)
		return (struct platform_pmu_event){PLATFORM_PMU_CYCLES, 0};
	if (event == EVENT_INSTRUCTIONS)
		return (struct platform_pmu_event){PLATFORM_PMU_INSTRUCTIONS, 0};
	return (struct platform_pmu_event){PLATFORM_PMU_CODE, counting->codes[event].code};
}

static int start(const struct counting *counting, const struct counting_group *group) {
	struct platform_pmu_event events[PLATFORM_PMU_EVENTS_MAX];
	for (unsigned i = 0; i < group->count; i++)
		events[i] = event_of(counting, group->events[i]);
	return platform_pmu_start(events, group->count);
}

/* ---- what there is ----------------------------------------------------------------------------------------------- */

static bool has_architectural_events(const struct caps_raw *raw, uint32_t cpu) {
	enum { LEAF_PMU = 0xa, VERSION_MASK = 0xff };
	for (size_t i = 0; i < raw->cpu_count; i++)
		for (size_t leaf = 0; raw->cpus[i].number == cpu && leaf < raw->cpus[i].leaf_count; leaf++)
			if (raw->cpus[i].leaves[leaf].leaf == LEAF_PMU)
				return (raw->cpus[i].leaves[leaf].eax & VERSION_MASK) >= 2;
	return false;
}

/* Of the core that the programme is on. */
static const struct caps_cpu *cpu_of(const struct facts *facts) {
	const struct caps_machine *machine = facts->machine;
	for (size_t i = 0; i < machine->cpu_count; i++)
		if (!facts->stays || machine->cpus[i].number == facts->stays_on)
			return &machine->cpus[i];
	return NULL;
}

/* Cores of several kinds count different things by one code: without its own core's kind nothing is counted but what
 * has no code. */
static void read_codes(struct counting *counting) {
	struct facts facts;
	struct text complaint = {0};
	if (facts_read(&facts, FACTS_BRIEF) == 0 && facts_describe(&facts, &complaint) == 0) {
		const struct caps_cpu *cpu = cpu_of(&facts);
		bool known = cpu != NULL && (facts.stays || facts.machine->kind_count == 1);
		const struct caps_kind *kind = known ? &facts.machine->kinds[cpu->kind] : NULL;
		const char *design = kind ? kind->microarchitecture.value : "";
		bool architectural = known && has_architectural_events(&facts.raw, cpu->number);
		snprintf(counting->design, sizeof(counting->design), "%s", design);
		for (int i = BASE_EVENTS; known && i < EVENT_COUNT; i++)
			counting->codes[i] =
				events_code(facts.machine->architecture, architectural, design, (enum event)i);
	}
	text_free(&complaint);
	facts_free(&facts);
}

static struct counting_group base(void) {
	return (struct counting_group){.count = BASE_EVENTS, .events = {EVENT_CYCLES, EVENT_INSTRUCTIONS}};
}

static int try(const struct counting *counting, const struct counting_group *group) {
	int started = start(counting, group);
	platform_pmu_stop();
	return started;
}

/* What does not count even by itself is counted nowhere. */
static void drop_uncounted(struct counting *counting) {
	for (int i = BASE_EVENTS; i < EVENT_COUNT; i++) {
		struct counting_group alone = base();
		alone.events[alone.count++] = (enum event)i;
		if (counting->codes[i].name && try(counting, &alone) != (int)alone.count)
			counting->codes[i].name = NULL;
	}
}

/* As many of the events from `next` on as count together, as a group; returns where the next group begins. */
static int group_make(struct counting *counting, int next) {
	struct counting_group group = base();
	unsigned room = (unsigned)counting->pmu.at_once + BASE_EVENTS;
	int last = next;
	for (; last < EVENT_COUNT && group.count < room && group.count < PLATFORM_PMU_EVENTS_MAX; last++)
		if (counting->codes[last].name)
			group.events[group.count++] = (enum event)last;
	int started = try(counting, &group);
	if (started < BASE_EVENTS)
		return EVENT_COUNT;
	if ((unsigned)started < group.count) {
		last = (int)group.events[started];
		group.count = (unsigned)started;
	}
	if (group.count > BASE_EVENTS || counting->group_count == 0)
		counting->groups[counting->group_count++] = group;
	return last;
}

void counting_prepare(struct counting *counting) {
	*counting = (struct counting){0};
	platform_pmu_describe(&counting->pmu);
	if (counting->pmu.at_once == 0)
		return;
	read_codes(counting);
	drop_uncounted(counting);
	int next = BASE_EVENTS;
	do
		next = group_make(counting, next);
	while (next < EVENT_COUNT && counting->group_count < EVENT_COUNT);
	if (counting->group_count == 0)
		snprintf(counting->pmu.reason, sizeof(counting->pmu.reason),
			 "cycles and instructions cannot be counted together here");
}

/* ---- counted ----------------------------------------------------------------------------------------------------- */

/* In a function of its own as the timed region is (runner.c): the same call of what is run. */
__attribute__((noinline)) static int count_once(const struct benchmark *benchmark, void *state, uint64_t iterations,
						uint64_t *before, uint64_t *after) {
	void (*run)(void *, uint64_t) = benchmark->run;
	__asm__ volatile("" : "+r"(run));
	int error = platform_pmu_read(before);
	run(state, iterations);
	return error != 0 ? error : platform_pmu_read(after);
}

static bool count_round(const struct counting_group *group, unsigned round, const struct benchmark *benchmark,
			void *state, struct counts *counts) {
	for (unsigned length = 0; length < 2; length++) {
		uint64_t before[PLATFORM_PMU_EVENTS_MAX], after[PLATFORM_PMU_EVENTS_MAX];
		if (count_once(benchmark, state, counts->iterations << length, before, after) != 0)
			return false;
		for (unsigned i = 0; i < group->count; i++) {
			enum event event = group->events[i];
			if (counts->counted[event])
				continue; /* by an earlier group */
			counts->values[event][round][length] = after[i] - before[i];
		}
	}
	return true;
}

bool counting_measure(const struct counting *counting, unsigned number, const struct benchmark *benchmark, void *state,
		      void (*before)(void *argument, uint64_t iterations), void *argument, struct counts *counts) {
	enum { TRIES = 3 };
	const struct counting_group *group = &counting->groups[number];
	bool whole = false;
	for (int attempt = 0; attempt < TRIES && !whole; attempt++) {
		before(argument, 3 * counts->iterations);
		whole = start(counting, group) == (int)group->count;
		for (unsigned round = 0; whole && round < counts->rounds; round++) {
			if (round > 0)
				before(argument, 3 * counts->iterations);
			whole = count_round(group, round, benchmark, state, counts);
		}
		platform_pmu_stop();
	}
	for (unsigned i = 0; whole && i < group->count; i++)
		counts->counted[group->events[i]] = true;
	return whole;
}
