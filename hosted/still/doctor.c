/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/still/doctor.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* docs/still.md has the reasons of these limits. */
enum { IDLE_US_MOST = 10 };        /* to wake from an idle state that nobody sees in a sample of a millisecond */
enum { WATCHED_PART_LEAST = 200 }; /* a core that is busy for less than one such part of the time is not busy */
enum { LOAD_HUNDREDTHS_LEAST = 50 };
static const double memory_left_least = 0.1; /* of all */

static void say(char *line, size_t capacity, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void say(char *line, size_t capacity, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(line, capacity, format, arguments);
	va_end(arguments);
}

#define FOUND(...) say(finding->found, sizeof(finding->found), __VA_ARGS__)
#define MEND(...)  say(finding->mend, sizeof(finding->mend), __VA_ARGS__)

static void worse(struct doctor_finding *finding, unsigned weight) {
	finding->state = DOCTOR_WORSE;
	finding->weight = weight;
}

/* Of two looks: what came between them. */
static uint64_t between(uint64_t before, uint64_t after) {
	return after > before ? after - before : 0;
}

static const char *when(const struct still_facts *facts) {
	return facts->since_start ? "since the machine's start" : "while this watched";
}

static void worth(struct doctor_finding *finding, const struct still_facts *facts, const char *what, double part) {
	finding->measured = true;
	say(finding->worth, sizeof(finding->worth), "%s %.1f %% of the time %s", what, part * 100, when(facts));
}

/* ---- who takes the core's time ----------------------------------------------------------------------------------- */

static void judge_quota(const struct still_facts *facts, struct doctor_finding *finding) {
	uint64_t throttled = between(facts->before.throttled, facts->after.throttled);
	if (!facts->quota_percent.known)
		return;
	finding->state = DOCTOR_FINE;
	if (facts->quota_percent.value == UINT64_MAX) {
		FOUND("no limit");
		return;
	}
	FOUND("%" PRIu64 " %% of a core, then the process stands still to the end of the period",
	      facts->quota_percent.value);
	MEND("start the container without --cpus, or: echo max | sudo tee /sys/fs/cgroup/GROUP/cpu.max");
	worse(finding, throttled != 0 || facts->quota_percent.value < 100 ? 100 : 72);
	if (facts->after.throttled_known) {
		finding->measured = true;
		say(finding->worth, sizeof(finding->worth), "stood still in %" PRIu64 " periods %s", throttled,
		    when(facts));
	}
}

static void judge_stolen(const struct still_facts *facts, struct doctor_finding *finding) {
	uint64_t all = between(facts->before.core_all, facts->after.core_all);
	uint64_t stolen = between(facts->before.core_stolen, facts->after.core_stolen);
	if (!facts->after.times_known || all == 0)
		return;
	if (facts->virtual_machine && facts->after.core_stolen == 0) {
		FOUND("none was counted: a host that does not tell guests looks the same");
		return;
	}
	finding->state = DOCTOR_FINE;
	FOUND("%.2f %% of core %u's time went to other guests %s", 100.0 * (double)stolen / (double)all, facts->cpu,
	      when(facts));
	if (stolen == 0)
		return;
	MEND("a machine of your own, or one with a core of its own (dedicated, pinned)");
	worse(finding, 96);
	worth(finding, facts, "the host took", (double)stolen / (double)all);
}

static void judge_load(const struct still_facts *facts, struct doctor_finding *finding) {
	uint64_t all = between(facts->before.others_all, facts->after.others_all);
	uint64_t busy = between(facts->before.others_busy, facts->after.others_busy);
	if (!facts->load_hundredths.known)
		return;
	finding->state = DOCTOR_FINE;
	FOUND("load %.2f over a minute", (double)facts->load_hundredths.value / 100);
	if (facts->load_hundredths.value < LOAD_HUNDREDTHS_LEAST)
		return;
	MEND("ps -eo psr,pcpu,comm --sort=-pcpu | head, and end or move what is not needed");
	worse(finding, 90);
	if (facts->after.times_known && all != 0)
		worth(finding, facts, "other cores were busy", (double)busy / (double)all);
}

static void judge_sibling(const struct still_facts *facts, struct doctor_finding *finding) {
	uint64_t all = between(facts->before.siblings_all, facts->after.siblings_all);
	uint64_t busy = between(facts->before.siblings_busy, facts->after.siblings_busy);
	if (!facts->siblings_known)
		return;
	if (facts->sibling_count == 0) {
		finding->state = facts->virtual_machine ? DOCTOR_NOT_TOLD : DOCTOR_FINE;
		FOUND("core %u has none%s", facts->cpu,
		      facts->virtual_machine ? " that this guest is told of: the host's other thread may be anybody's"
					     : "");
		return;
	}
	finding->state = DOCTOR_FINE;
	bool is_busy = all != 0 && busy * WATCHED_PART_LEAST > all;
	FOUND("core %u's other thread is core %u, %s", facts->cpu, facts->first_sibling,
	      all == 0  ? "busy or not"
	      : is_busy ? "busy"
			: "idle");
	MEND("echo 0 | sudo tee /sys/devices/system/cpu/cpu%u/online", facts->first_sibling);
	worse(finding, is_busy ? 88 : 46);
	if (all != 0)
		worth(finding, facts, "it was busy", (double)busy / (double)all);
}

static void judge_isolation(const struct still_facts *facts, struct doctor_finding *finding) {
	if (!facts->isolated_known)
		return;
	finding->state = DOCTOR_FINE;
	if (facts->isolated && facts->nohz_full && facts->rcu_nocbs) {
		FOUND("core %u: isolcpus, nohz_full, rcu_nocbs", facts->cpu);
		return;
	}
	FOUND("core %u lacks%s%s%s", facts->cpu, facts->isolated ? "" : " isolcpus",
	      facts->nohz_full ? "" : " nohz_full", facts->rcu_nocbs ? "" : " rcu_nocbs");
	MEND("kernel parameters isolcpus=%u nohz_full=%u rcu_nocbs=%u", facts->cpu, facts->cpu, facts->cpu);
	worse(finding, 50);
}

static void judge_interrupts(const struct still_facts *facts, struct doctor_finding *finding) {
	if (!facts->irqs_here.known)
		return;
	finding->state = DOCTOR_FINE;
	FOUND("%" PRIu64 " of %" PRIu64 " interrupts of devices may come to core %u", facts->irqs_here.value,
	      facts->irqs.value, facts->cpu);
	if (facts->irqs_here.value == 0)
		return;
	MEND("for f in /proc/irq/*/smp_affinity_list; do echo %u | sudo tee $f; done", facts->cpu == 0 ? 1 : 0);
	worse(finding, 48);
	uint64_t count = between(facts->before.interrupts, facts->after.interrupts);
	if (facts->after.interrupts_known && facts->seconds > 0) {
		finding->measured = true;
		say(finding->worth, sizeof(finding->worth), "%.0f a second, the timer's included, %s",
		    (double)count / facts->seconds, when(facts));
	}
}

static void judge_irqbalance(const struct still_facts *facts, struct doctor_finding *finding) {
	if (!facts->processes_known)
		return;
	finding->state = DOCTOR_FINE;
	FOUND(facts->irqbalance ? "runs, and moves interrupts to idle cores" : "does not run");
	if (!facts->irqbalance)
		return;
	MEND("sudo systemctl stop irqbalance");
	worse(finding, 44);
}

static void judge_tick(const struct still_facts *facts, struct doctor_finding *finding) {
	if (!facts->tick_hz.known)
		return;
	finding->state = DOCTOR_FINE;
	FOUND("HZ=%" PRIu64 "%s", facts->tick_hz.value, facts->nohz_full ? ", off where one process runs" : "");
	if (facts->nohz_full || facts->tick_hz.value <= 100)
		return;
	MEND("kernel parameter nohz_full=%u, or a kernel with CONFIG_HZ=100", facts->cpu);
	worse(finding, 40);
}

static void judge_nmi_watchdog(const struct still_facts *facts, struct doctor_finding *finding) {
	if (!facts->nmi_watchdog.known)
		return;
	finding->state = DOCTOR_FINE;
	FOUND(facts->nmi_watchdog.value ? "on: takes a counter, and an interrupt every some seconds" : "off");
	if (facts->nmi_watchdog.value == 0)
		return;
	MEND("sudo sysctl kernel.nmi_watchdog=0");
	worse(finding, 30);
}

/* ---- the core's speed -------------------------------------------------------------------------------------------- */

static void judge_governor(const struct still_facts *facts, struct doctor_finding *finding) {
	if (facts->governor[0] == '\0')
		return;
	finding->state = DOCTOR_FINE;
	FOUND("%.63s", facts->governor);
	if (strcmp(facts->governor, "performance") == 0)
		return;
	MEND("echo performance | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor");
	worse(finding, 80);
}

static void judge_boost(const struct still_facts *facts, struct doctor_finding *finding) {
	if (!facts->no_turbo.known && !facts->boost.known)
		return;
	bool on = facts->no_turbo.known ? facts->no_turbo.value == 0 : facts->boost.value != 0;
	finding->state = DOCTOR_FINE;
	FOUND(on ? "on: the clock follows temperature and how many cores are busy" : "off");
	if (!on)
		return;
	if (facts->no_turbo.known)
		MEND("echo 1 | sudo tee /sys/devices/system/cpu/intel_pstate/no_turbo");
	else
		MEND("echo 0 | sudo tee /sys/devices/system/cpu/cpufreq/boost");
	worse(finding, 70);
}

static void judge_too_hot(const struct still_facts *facts, struct doctor_finding *finding) {
	if (!facts->after.too_hot_known)
		return;
	uint64_t now = between(facts->before.too_hot, facts->after.too_hot);
	finding->state = DOCTOR_FINE;
	FOUND("slowed down by heat %" PRIu64 " times since the machine's start", facts->after.too_hot);
	if (facts->after.too_hot == 0)
		return;
	MEND("let it cool: fans, dust, a flat table; fewer cores at once");
	worse(finding, now != 0 && !facts->since_start ? 94 : 66);
	if (!facts->since_start) {
		finding->measured = true;
		say(finding->worth, sizeof(finding->worth), "%" PRIu64 " times %s", now, when(facts));
	}
}

static void judge_battery(const struct still_facts *facts, struct doctor_finding *finding) {
	if (!facts->on_battery.known)
		return;
	finding->state = DOCTOR_FINE;
	FOUND(facts->on_battery.value ? "runs on it" : "does not run on one");
	if (facts->on_battery.value == 0)
		return;
	MEND("plug it in");
	worse(finding, 78);
}

static void judge_idle(const struct still_facts *facts, struct doctor_finding *finding) {
	if (!facts->idle_us.known)
		return;
	finding->state = DOCTOR_FINE;
	FOUND("the deepest, %.63s, takes %" PRIu64 " us to leave", facts->idle_name[0] ? facts->idle_name : "nameless",
	      facts->idle_us.value);
	if (facts->idle_us.value <= IDLE_US_MOST)
		return;
	MEND("anechoic run --still, or: sudo cpupower idle-set -D %d", IDLE_US_MOST);
	worse(finding, 54);
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

static void judge_low_memory(const struct still_facts *facts, struct doctor_finding *finding) {
	if (!facts->memory_kib.known || !facts->memory_left_kib.known || facts->memory_kib.value == 0)
		return;
	double left = (double)facts->memory_left_kib.value / (double)facts->memory_kib.value;
	finding->state = DOCTOR_FINE;
	FOUND("%.0f %% of %.1f GiB are to be had", left * 100, (double)facts->memory_kib.value / (1 << 20));
	if (left >= memory_left_least)
		return;
	MEND("ps -eo rss,comm --sort=-rss | head, and end what is not needed");
	worse(finding, 76);
}

static void judge_swap(const struct still_facts *facts, struct doctor_finding *finding) {
	if (!facts->swap_kib.known)
		return;
	finding->state = DOCTOR_FINE;
	if (facts->swap_kib.value == 0) {
		FOUND("none");
		return;
	}
	FOUND("%.1f MiB of %.1f are in use", (double)facts->swap_used_kib.value / 1024,
	      (double)facts->swap_kib.value / 1024);
	MEND("sudo swapoff -a");
	worse(finding, facts->swap_used_kib.value ? 60 : 18);
}

static void judge_huge_pages(const struct still_facts *facts, struct doctor_finding *finding) {
	if (facts->huge[0] == '\0')
		return;
	finding->state = DOCTOR_FINE;
	FOUND("%.63s", facts->huge);
	if (strcmp(facts->huge, "always") != 0)
		return;
	MEND("echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled");
	worse(finding, 34);
}

static void judge_aslr(const struct still_facts *facts, struct doctor_finding *finding) {
	if (!facts->randomize.known)
		return;
	finding->state = DOCTOR_FINE;
	FOUND(facts->randomize.value ? "on: each launch has its own places" : "off");
	if (facts->randomize.value == 0)
		return;
	MEND("setarch -R anechoic run, for one launch; what compares launches should leave it on");
	worse(finding, 22);
}

static void judge_ksm(const struct still_facts *facts, struct doctor_finding *finding) {
	if (!facts->ksm.known)
		return;
	finding->state = DOCTOR_FINE;
	FOUND(facts->ksm.value == 1 ? "runs: pages of equal content are merged, and copied at the next write" : "off");
	if (facts->ksm.value != 1)
		return;
	MEND("echo 0 | sudo tee /sys/kernel/mm/ksm/run");
	worse(finding, 36);
}

static void judge_numa_balancing(const struct still_facts *facts, struct doctor_finding *finding) {
	if (!facts->numa_balancing.known || !facts->nodes.known)
		return;
	finding->state = DOCTOR_FINE;
	FOUND("%s, %" PRIu64 " node%s", facts->numa_balancing.value ? "on" : "off", facts->nodes.value,
	      facts->nodes.value == 1 ? "" : "s");
	if (facts->numa_balancing.value == 0 || facts->nodes.value < 2)
		return;
	MEND("sudo sysctl kernel.numa_balancing=0");
	worse(finding, 42);
}

/* ---- the machine ------------------------------------------------------------------------------------------------- */

static void judge_virtual(const struct still_facts *facts, struct doctor_finding *finding) {
	if (!facts->cpuinfo_known)
		return;
	finding->state = DOCTOR_FINE;
	FOUND(facts->virtual_machine ? "a guest: page walks are longer, and the host has cores and clock"
				     : "nothing says so");
	if (!facts->virtual_machine)
		return;
	MEND("the machine itself: the image on a stick, or a bare-metal instance");
	worse(finding, 64);
}

static void judge_clocksource(const struct still_facts *facts, struct doctor_finding *finding) {
	if (facts->clocksource[0] == '\0')
		return;
	finding->state = DOCTOR_FINE;
	FOUND("%.63s", facts->clocksource);
	if (strcmp(facts->clocksource, "tsc") == 0 || strcmp(facts->clocksource, "arch_sys_counter") == 0)
		return;
	MEND("kernel parameter clocksource=tsc, or ask `dmesg | grep -i tsc` why it was given up");
	worse(finding, 58);
}

static void judge_mitigations(const struct still_facts *facts, struct doctor_finding *finding) {
	if (!facts->mitigations.known)
		return;
	finding->state = DOCTOR_FINE;
	FOUND("%" PRIu64 " on", facts->mitigations.value);
	if (facts->mitigations.value == 0)
		return;
	MEND("kernel parameter mitigations=off, where nobody else's code runs; else leave them");
	worse(finding, 14);
}

static void judge_microcode(const struct still_facts *facts, struct doctor_finding *finding) {
	if (!facts->old_microcode.known)
		return;
	if (facts->old_microcode.value == 0) {
		FOUND("no vulnerability waits for a newer one; whether there is one, nobody here knows");
		return;
	}
	FOUND("%" PRIu64 " of the kernel's mitigations lack it", facts->old_microcode.value);
	MEND("sudo apt install intel-microcode amd64-microcode, or newer firmware; then start anew");
	worse(finding, 16);
}

/* ---- what this programme may do ---------------------------------------------------------------------------------- */

static void judge_counters(const struct still_facts *facts, struct doctor_finding *finding) {
	if (!facts->perf_paranoid.known)
		return;
	finding->state = DOCTOR_FINE;
	FOUND("perf_event_paranoid %" PRIu64, facts->perf_paranoid.value);
	if (facts->perf_paranoid.value <= 2)
		return;
	MEND("sudo sysctl kernel.perf_event_paranoid=2");
	worse(finding, 12);
}

static void judge_locking(const struct still_facts *facts, struct doctor_finding *finding) {
	if (!facts->memlock_bytes.known)
		return;
	finding->state = DOCTOR_FINE;
	if (facts->capable_of_locking || facts->memlock_bytes.value == UINT64_MAX) {
		FOUND("as much as there is");
		return;
	}
	FOUND("%" PRIu64 " KiB may be locked", facts->memlock_bytes.value / 1024);
	MEND("ulimit -l unlimited, or in /etc/security/limits.conf: * - memlock unlimited");
	worse(finding, 10);
}

static void judge_priority(const struct still_facts *facts, struct doctor_finding *finding) {
	if (!facts->rt_limit.known)
		return;
	finding->state = DOCTOR_FINE;
	if (facts->capable_of_rt || facts->rt_limit.value != 0) {
		FOUND("real-time priority may be had");
		return;
	}
	FOUND("no real-time priority");
	MEND("sudo, or in /etc/security/limits.conf: * - rtprio 1");
	worse(finding, 8);
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

static const struct topic {
	const char *name, *why;
	bool still;
	void (*judge)(const struct still_facts *facts, struct doctor_finding *finding);
} topics[] = {
	{"quota", "a control group's limit stops all of its processes in the middle of a sample", false, judge_quota},
	{"steal", "the host runs somebody else on this core", false, judge_stolen},
	{"load", "others use caches, memory and power, and may be put on this core", false, judge_load},
	{"sibling", "two threads share one core's units and caches", false, judge_sibling},
	{"governor", "the clock rises and falls with the load", true, judge_governor},
	{"battery", "power is saved by a slower clock", false, judge_battery},
	{"memory", "pages are taken back while they are measured", false, judge_low_memory},
	{"boost", "a figure is good for one temperature", false, judge_boost},
	{"heat", "the clock was lowered", false, judge_too_hot},
	{"guest", "what a page, a timer and an interrupt cost is the host's doing", false, judge_virtual},
	{"swap", "what was not used for a while is read back from a disk", false, judge_swap},
	{"clocksource", "the kernel found the processor's counter wanting: reading the time is slow", false,
	 judge_clocksource},
	{"idle", "a core that slept wakes late and with cold caches", true, judge_idle},
	{"isolation", "the scheduler, its timer and the kernel's callbacks come to this core as to any", false,
	 judge_isolation},
	{"interrupts", "devices break into samples", false, judge_interrupts},
	{"irqbalance", "where interrupts go changes while it is measured", false, judge_irqbalance},
	{"numa", "pages are unmapped to see who uses them, and moved", false, judge_numa_balancing},
	{"tick", "the scheduler's timer breaks into samples", false, judge_tick},
	{"ksm", "pages change under what is measured", false, judge_ksm},
	{"huge pages", "whether a buffer has large pages is luck", false, judge_huge_pages},
	{"nmi watchdog", "interrupts that nothing masks; a counter less", false, judge_nmi_watchdog},
	{"aslr", "code and data lie elsewhere in each launch", false, judge_aslr},
	{"microcode", "the kernel does in software what newer microcode does", false, judge_microcode},
	{"mitigations", "each way into the kernel is dearer", false, judge_mitigations},
	{"counters", "cycles and misses cannot be counted beside the time", false, judge_counters},
	{"locking", "a page may be taken away, and faults", true, judge_locking},
	{"priority", "any other process of this core comes before its turn", true, judge_priority},
};
_Static_assert(sizeof(topics) / sizeof(topics[0]) == DOCTOR_TOPICS, "room for every finding");

/* Worse ones first, the heavier before; of equals the earlier topic. */
static bool goes_before(const struct doctor_finding *a, const struct doctor_finding *b) {
	static const int order[] = {[DOCTOR_WORSE] = 0, [DOCTOR_NOT_TOLD] = 1, [DOCTOR_FINE] = 2};
	return order[a->state] != order[b->state] ? order[a->state] < order[b->state] : a->weight > b->weight;
}

void doctor_judge(const struct still_facts *facts, struct doctor *doctor) {
	memset(doctor, 0, sizeof(*doctor));
	for (size_t i = 0; i < DOCTOR_TOPICS; i++) {
		struct doctor_finding finding = {.name = topics[i].name,
						 .why = topics[i].why,
						 .state = DOCTOR_NOT_TOLD,
						 .still = topics[i].still};
		say(finding.worth, sizeof(finding.worth), "unmeasured");
		topics[i].judge(facts, &finding);
		size_t at = doctor->count++;
		for (; at > 0 && goes_before(&finding, &doctor->findings[at - 1]); at--)
			doctor->findings[at] = doctor->findings[at - 1];
		doctor->findings[at] = finding;
		doctor->worse += finding.state == DOCTOR_WORSE;
		doctor->told += finding.state != DOCTOR_NOT_TOLD;
	}
}
