/* SPDX-License-Identifier: Apache-2.0
 *
 * Power, cores and memory. What counts is in counted.c, control groups and processes in process.c.
 */
#include "hosted/still/facts.h"

#include "hosted/still/facts_parts.h"
#include "hosted/still/list.h"
#include "lib/number_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IDLE_STATES = 16, TEXT = 16384, LOAD_MOST = 1000000 };

#define CPU "sys/devices/system/cpu/"

static void read_number(const struct tree *tree, struct fact_number *number, const char *path) {
	number->known = tree_number(tree, &number->value, "%s", path);
}

/* ---- power ------------------------------------------------------------------------------------------------------- */

static void read_idle_states(const struct tree *tree, struct still_facts *facts) {
	for (unsigned state = 0; state < IDLE_STATES; state++) {
		uint64_t latency, disabled = 0;
		if (!tree_number(tree, &latency, CPU "cpu%u/cpuidle/state%u/latency", facts->cpu, state))
			return;
		(void)tree_number(tree, &disabled, CPU "cpu%u/cpuidle/state%u/disable", facts->cpu, state);
		if (disabled == 1 || (facts->idle_us.known && facts->idle_us.value >= latency))
			continue;
		facts->idle_us = (struct fact_number){true, latency};
		(void)tree_line(tree, facts->idle_name, sizeof(facts->idle_name), CPU "cpu%u/cpuidle/state%u/name",
				facts->cpu, state);
	}
}

struct batteries {
	const struct tree *tree;
	struct fact_number *on_battery;
};

static void look_at_supply(void *argument, const char *name) {
	const struct batteries *batteries = argument;
	char type[FACTS_WORD], status[FACTS_WORD], scope[FACTS_WORD];
	if (!tree_line(batteries->tree, type, sizeof(type), "sys/class/power_supply/%s/type", name) ||
	    strcmp(type, "Battery") != 0)
		return;
	/* A mouse's. */
	if (tree_line(batteries->tree, scope, sizeof(scope), "sys/class/power_supply/%s/scope", name) &&
	    strcmp(scope, "Device") == 0)
		return;
	if (!tree_line(batteries->tree, status, sizeof(status), "sys/class/power_supply/%s/status", name))
		return;
	batteries->on_battery->known = true;
	if (strcmp(status, "Discharging") == 0)
		batteries->on_battery->value = 1;
}

static void read_power(const struct tree *tree, struct still_facts *facts) {
	struct batteries batteries = {tree, &facts->on_battery};
	(void)tree_word(tree, facts->governor, sizeof(facts->governor), CPU "cpu%u/cpufreq/scaling_governor",
			facts->cpu);
	read_number(tree, &facts->no_turbo, CPU "intel_pstate/no_turbo");
	read_number(tree, &facts->boost, CPU "cpufreq/boost");
	read_idle_states(tree, facts);
	if (tree_list(tree, "sys/class/power_supply", look_at_supply, &batteries))
		facts->on_battery.known = true;
}

/* ---- cores ------------------------------------------------------------------------------------------------------- */

static void count_one(void *argument, unsigned number) {
	(void)number;
	++*(unsigned *)argument;
}

static void add_sibling(void *argument, unsigned number) {
	struct still_facts *facts = argument;
	if (number >= FACTS_CPUS || number == facts->cpu || facts->siblings[number])
		return;
	facts->siblings[number] = true;
	if (facts->sibling_count++ == 0)
		facts->first_sibling = number;
}

static void read_siblings(const struct tree *tree, struct still_facts *facts) {
	char list[TEXT];
	if (!tree_line(tree, list, sizeof(list), CPU "cpu%u/topology/thread_siblings_list", facts->cpu) ||
	    !still_list_has(list, facts->cpu))
		return;
	facts->siblings_known = true;
	number_list_read(list, add_sibling, facts);
}

/* A parameter of the kernel's command line that is a list of cores, flags before it ("domain,managed_irq,1-3"). */
static bool parameter_has(const char *line, const char *name, unsigned cpu) {
	size_t length = strlen(name);
	for (const char *word = strstr(line, name); word; word = strstr(word + 1, name)) {
		if ((word != line && word[-1] != ' ') || word[length] != '=')
			continue;
		const char *list = word + length + 1;
		while (*list >= 'a' && *list <= 'z' && strchr(list, ','))
			list = strchr(list, ',') + 1;
		char cores[FACTS_WORD * 4];
		snprintf(cores, sizeof(cores), "%.*s", (int)strcspn(list, " "), list);
		return still_list_has(cores, cpu);
	}
	return false;
}

static void read_isolation(const struct tree *tree, struct still_facts *facts) {
	char list[TEXT];
	bool cmdline = tree_line(tree, list, sizeof(list), "proc/cmdline");
	facts->isolated_known = cmdline;
	if (cmdline) {
		facts->isolated = parameter_has(list, "isolcpus", facts->cpu);
		facts->nohz_full = parameter_has(list, "nohz_full", facts->cpu);
		facts->rcu_nocbs = parameter_has(list, "rcu_nocbs", facts->cpu);
	}
	if (tree_line(tree, list, sizeof(list), CPU "isolated"))
		facts->isolated |= still_list_has(list, facts->cpu);
	if (tree_line(tree, list, sizeof(list), CPU "nohz_full"))
		facts->nohz_full |= still_list_has(list, facts->cpu);
	/* Linux, Documentation/timers/no_hz.rst: their callbacks are taken away as well. */
	facts->rcu_nocbs |= facts->nohz_full;
}

static void read_tick(const struct tree *tree, struct still_facts *facts) {
	char release[FACTS_WORD];
	static char config[1 << 19];
	if (!tree_line(tree, release, sizeof(release), "proc/sys/kernel/osrelease") ||
	    !tree_read(tree, config, sizeof(config), "boot/config-%s", release))
		return;
	const char *hz = strstr(config, "\nCONFIG_HZ=");
	if (hz)
		facts->tick_hz = (struct fact_number){true, strtoull(hz + strlen("\nCONFIG_HZ="), NULL, 10)};
}

static void read_cores(const struct tree *tree, struct still_facts *facts) {
	char list[TEXT];
	read_siblings(tree, facts);
	if (tree_line(tree, list, sizeof(list), CPU "online"))
		number_list_read(list, count_one, &facts->online);
	facts->is_absent = facts->online != 0 && !still_list_has(list, facts->cpu);
	read_isolation(tree, facts);
	read_tick(tree, facts);
	read_number(tree, &facts->nmi_watchdog, "proc/sys/kernel/nmi_watchdog");
	double load = tree_line(tree, list, sizeof(list), "proc/loadavg") && list[0] >= '0' && list[0] <= '9'
			      ? strtod(list, NULL)
			      : LOAD_MOST;
	if (load < LOAD_MOST)
		facts->load_hundredths = (struct fact_number){true, (uint64_t)(load * 100 + 0.5)};
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

static void read_kib(const char *text, const char *name, struct fact_number *number) {
	const char *line = strstr(text, name);
	if (!line || (line != text && line[-1] != '\n'))
		return;
	line += strlen(name) + strspn(line + strlen(name), " \t");
	if (*line >= '0' && *line <= '9')
		*number = (struct fact_number){true, strtoull(line, NULL, 10)};
}

static void read_memory(const struct tree *tree, struct still_facts *facts) {
	char text[TEXT];
	struct fact_number swap_free = {0};
	if (tree_line(tree, text, sizeof(text), "sys/kernel/mm/transparent_hugepage/enabled") && strchr(text, '[')) {
		const char *word = strchr(text, '[') + 1;
		size_t length = strcspn(word, "]");
		if (length < sizeof(facts->huge))
			memcpy(facts->huge, word, length);
	}
	if (tree_read(tree, text, sizeof(text), "proc/meminfo")) {
		read_kib(text, "MemTotal:", &facts->memory_kib);
		read_kib(text, "MemAvailable:", &facts->memory_left_kib);
		read_kib(text, "SwapTotal:", &facts->swap_kib);
		read_kib(text, "SwapFree:", &swap_free);
	}
	facts->swap_used_kib.known = facts->swap_kib.known && swap_free.known;
	if (facts->swap_used_kib.known && facts->swap_kib.value > swap_free.value)
		facts->swap_used_kib.value = facts->swap_kib.value - swap_free.value;
	read_number(tree, &facts->randomize, "proc/sys/kernel/randomize_va_space");
	read_number(tree, &facts->ksm, "sys/kernel/mm/ksm/run");
	read_number(tree, &facts->numa_balancing, "proc/sys/kernel/numa_balancing");
	if (tree_line(tree, text, sizeof(text), "sys/devices/system/node/online")) {
		unsigned nodes = 0;
		number_list_read(text, count_one, &nodes);
		facts->nodes = (struct fact_number){true, nodes};
	}
}

/* ---- the machine ------------------------------------------------------------------------------------------------- */

struct vulnerabilities {
	const struct tree *tree;
	struct still_facts *facts;
};

static void look_at_vulnerability(void *argument, const char *name) {
	const struct vulnerabilities *of = argument;
	char line[256];
	if (!tree_line(of->tree, line, sizeof(line), CPU "vulnerabilities/%s", name))
		return;
	if (strncmp(line, "Not affected", 12) != 0 && strncmp(line, "Vulnerable", 10) != 0 &&
	    strncmp(line, "Mitigation", 10) != 0)
		return;
	of->facts->mitigations.known = of->facts->old_microcode.known = true;
	of->facts->mitigations.value += strncmp(line, "Mitigation", 10) == 0;
	if (strstr(line, "no microcode") || (strcmp(name, "old_microcode") == 0 && strstr(line, "Vulnerable")))
		of->facts->old_microcode.value++;
}

static void read_machine(const struct tree *tree, struct still_facts *facts) {
	char text[TEXT];
	struct vulnerabilities of = {tree, facts};
	(void)tree_list(tree, CPU "vulnerabilities", look_at_vulnerability, &of);
	/* aarch64's has no flag for it. */
	facts->cpuinfo_known = tree_read(tree, text, sizeof(text), "proc/cpuinfo") && strstr(text, "\nflags");
	facts->virtual_machine = facts->cpuinfo_known && strstr(text, " hypervisor") != NULL;
	if (tree_line(tree, text, sizeof(text), "sys/hypervisor/type"))
		facts->cpuinfo_known = facts->virtual_machine = true;
	(void)tree_word(tree, facts->clocksource, sizeof(facts->clocksource),
			"sys/devices/system/clocksource/clocksource0/current_clocksource");
	read_number(tree, &facts->perf_paranoid, "proc/sys/kernel/perf_event_paranoid");
	if (tree_line(tree, text, sizeof(text), "proc/sys/kernel/perf_event_paranoid") && strcmp(text, "-1") == 0)
		facts->perf_paranoid = (struct fact_number){true, 0};
}

static void keep_last(void *argument, unsigned number) {
	*(int *)argument = (int)number;
}

bool still_facts_last_cpu(const struct tree *tree, unsigned *cpu) {
	char text[TEXT], list[TEXT];
	int last = -1;
	if (!tree_read(tree, text, sizeof(text), "proc/self/status"))
		return false;
	const char *line = strstr(text, "\nCpus_allowed_list:");
	if (!line)
		return false;
	line += strlen("\nCpus_allowed_list:");
	line += strspn(line, " \t");
	snprintf(list, sizeof(list), "%.*s", (int)strcspn(line, "\n"), line);
	number_list_read(list, keep_last, &last);
	if (last < 0)
		return false;
	*cpu = (unsigned)last;
	return true;
}

void still_facts_read(const struct tree *tree, unsigned cpu, struct still_facts *facts) {
	memset(facts, 0, sizeof(*facts));
	facts->cpu = cpu;
	read_power(tree, facts);
	read_cores(tree, facts);
	read_memory(tree, facts);
	read_machine(tree, facts);
	still_facts_read_process(tree, facts);
}
