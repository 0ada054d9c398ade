/* SPDX-License-Identifier: Apache-2.0
 *
 * What Linux says of what makes figures worse, read and nothing else: no word here is a judgement (doctor.h has those).
 * Source of each: proc(5), and Linux, Documentation/ABI and Documentation/admin-guide, under the file's name. What is
 * not known was absent, unreadable or made no sense.
 */
#pragma once

#include "hosted/still/tree.h"

enum { FACTS_WORD = 64, FACTS_CPUS = 4096 };

struct fact_number {
	bool known;
	uint64_t value;
};

/* Sums since the machine's start. */
struct still_counted {
	bool times_known, interrupts_known, throttled_known;
	/* /proc/stat, in its ticks: of the core, of its siblings together, of all others together. */
	uint64_t core_all, core_stolen, siblings_all, siblings_busy, others_all, others_busy;
	uint64_t interrupts; /* of the core, those that can be masked */
	uint64_t throttled;  /* periods in which the control group had used its quota up */
	uint64_t too_hot;    /* /sys/.../thermal_throttle: of core and package */
	bool too_hot_known;
};

struct still_facts {
	unsigned cpu; /* the one that is measured on */
	unsigned online;
	bool is_absent;            /* cores are listed, and it is not among them */
	bool siblings[FACTS_CPUS]; /* threads of the same core, without it */
	bool siblings_known;
	unsigned sibling_count, first_sibling;

	/* Power. */
	char governor[FACTS_WORD];
	struct fact_number no_turbo, boost; /* intel_pstate's; cpufreq's */
	struct fact_number idle_us;         /* latency of the deepest idle state that is not disabled */
	char idle_name[FACTS_WORD];         /* its name */
	struct fact_number on_battery;      /* 1: a battery is discharging, 0: none is */

	/* Time and cores. */
	bool isolated_known, isolated, nohz_full, rcu_nocbs;
	struct fact_number irqs, irqs_here; /* that can be moved; whose affinity has the core */
	bool irqbalance, processes_known;
	struct fact_number tick_hz;
	struct fact_number nmi_watchdog;
	struct fact_number load_hundredths; /* over a minute */
	struct fact_number quota_percent;   /* of one core; UINT64_MAX: there is no limit */
	struct fact_number rt_limit, memlock_bytes;
	bool capable_of_rt, capable_of_locking;

	/* Memory. */
	char huge[FACTS_WORD]; /* the word in brackets of transparent_hugepage/enabled */
	struct fact_number swap_kib, swap_used_kib, memory_kib, memory_left_kib;
	struct fact_number randomize, ksm, numa_balancing, nodes;

	/* The machine. */
	bool cpuinfo_known, virtual_machine;
	char clocksource[FACTS_WORD];
	struct fact_number mitigations; /* vulnerabilities that something is done about */
	struct fact_number old_microcode;
	struct fact_number perf_paranoid;

	/* Two looks; where the first was not taken, it is all 0 and `seconds` are those since the start. */
	struct still_counted before, after;
	bool since_start;
	double seconds; /* 0: not known */
};

/* The last core that /proc/self/status allows. */
bool still_facts_last_cpu(const struct tree *tree, unsigned *cpu);

/* All but the two looks; `facts` is cleared, 12 KiB. */
void still_facts_read(const struct tree *tree, unsigned cpu, struct still_facts *facts);

/* Siblings must be known. */
void still_facts_count(const struct tree *tree, const struct still_facts *facts, struct still_counted *counted);

/* Seconds since the machine's start; 0: not known. */
double still_facts_uptime(const struct tree *tree);
