/* SPDX-License-Identifier: Apache-2.0
 *
 * Control groups as cgroups(7) has them: version 2's cpu.max ("max 100000" or "50000 100000", microseconds), version
 * 1's cpu.cfs_quota_us, -1 for none. A group's parents limit it as well.
 */
#include "hosted/still/facts_parts.h"
#include "hosted/still/list.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT = 16384, GROUP = 256, CAP_IPC_LOCK_BIT = 14, CAP_SYS_NICE_BIT = 23 };

/* ---- control groups ---------------------------------------------------------------------------------------------- */

struct quota {
	bool known;
	uint64_t percent; /* UINT64_MAX: none */
	uint64_t throttled;
};

static void add_limit(struct quota *quota, uint64_t limit_us, uint64_t period_us) {
	quota->known = true;
	if (period_us != 0 && limit_us <= UINT64_MAX / 100 && limit_us * 100 / period_us < quota->percent)
		quota->percent = limit_us * 100 / period_us;
}

static void add_throttled(const struct tree *tree, struct quota *quota, const char *folder) {
	char text[2048];
	if (!tree_read(tree, text, sizeof(text), "%s/cpu.stat", folder))
		return;
	const char *line = strstr(text, "nr_throttled ");
	uint64_t count = line ? strtoull(line + strlen("nr_throttled "), NULL, 10) : 0;
	if (count > quota->throttled)
		quota->throttled = count;
}

static void look_at_group(const struct tree *tree, struct quota *quota, const char *folder) {
	char line[FACTS_WORD];
	uint64_t limit, period;
	if (tree_line(tree, line, sizeof(line), "%s/cpu.max", folder)) {
		if (sscanf(line, "%" SCNu64 " %" SCNu64, &limit, &period) == 2)
			add_limit(quota, limit, period);
		else if (strncmp(line, "max", 3) == 0)
			quota->known = true;
	} else if (tree_line(tree, line, sizeof(line), "%s/cpu.cfs_quota_us", folder)) {
		quota->known |= line[0] == '-';
		if (line[0] != '-' && tree_number(tree, &limit, "%s/cpu.cfs_quota_us", folder) &&
		    tree_number(tree, &period, "%s/cpu.cfs_period_us", folder))
			add_limit(quota, limit, period);
	}
	add_throttled(tree, quota, folder);
}

/* The group and all above it: below `base`. */
static void look_at_groups(const struct tree *tree, struct quota *quota, const char *base, const char *group) {
	char path[GROUP];
	if (strlen(group) >= sizeof(path))
		return;
	snprintf(path, sizeof(path), "%s", group);
	for (;;) {
		char folder[GROUP + FACTS_WORD];
		snprintf(folder, sizeof(folder), "%s%s", base, strcmp(path, "/") == 0 ? "" : path);
		look_at_group(tree, quota, folder);
		char *slash = strrchr(path, '/');
		if (!slash || path[0] == '\0')
			return;
		*slash = '\0';
	}
}

/* A line of /proc/self/cgroup, "N:CONTROLLERS:PATH". */
static void take_group(const struct tree *tree, struct quota *quota, char *line) {
	char *controllers = strchr(line, ':');
	char *group = controllers ? strchr(controllers + 1, ':') : NULL;
	if (!group)
		return;
	*group++ = '\0';
	controllers++;
	if (controllers[0] == '\0')
		look_at_groups(tree, quota, "sys/fs/cgroup", group);
	else if (strcmp(controllers, "cpu") == 0 || strncmp(controllers, "cpu,", 4) == 0 ||
		 strstr(controllers, ",cpu,") || strcmp(controllers, "cpuacct,cpu") == 0)
		look_at_groups(tree, quota, "sys/fs/cgroup/cpu", group);
}

bool still_facts_quota(const struct tree *tree, struct fact_number *percent, uint64_t *throttled) {
	char text[TEXT];
	struct quota quota = {.percent = UINT64_MAX};
	if (tree_read(tree, text, sizeof(text), "proc/self/cgroup"))
		for (char *next, *line = text; line && *line; line = next) {
			next = strchr(line, '\n');
			if (next)
				*next++ = '\0';
			take_group(tree, &quota, line);
		}
	*percent = (struct fact_number){quota.known, quota.percent};
	*throttled = quota.throttled;
	return quota.known;
}

/* ---- limits ------------------------------------------------------------------------------------------------------ */

/* The soft one, of /proc/self/limits. */
static void read_limit(const char *text, const char *name, struct fact_number *limit) {
	const char *line = strstr(text, name);
	if (!line)
		return;
	line += strlen(name) + strspn(line + strlen(name), " ");
	if (strncmp(line, "unlimited", 9) == 0)
		*limit = (struct fact_number){true, UINT64_MAX};
	else if (*line >= '0' && *line <= '9')
		*limit = (struct fact_number){true, strtoull(line, NULL, 10)};
}

static void read_limits(const struct tree *tree, struct still_facts *facts) {
	char text[TEXT];
	if (tree_read(tree, text, sizeof(text), "proc/self/limits")) {
		read_limit(text, "Max locked memory", &facts->memlock_bytes);
		read_limit(text, "Max realtime priority", &facts->rt_limit);
	}
	if (tree_read(tree, text, sizeof(text), "proc/self/status")) {
		const char *line = strstr(text, "\nCapEff:");
		uint64_t held = line ? strtoull(line + strlen("\nCapEff:"), NULL, 16) : 0;
		facts->capable_of_locking = held >> CAP_IPC_LOCK_BIT & 1;
		facts->capable_of_rt = held >> CAP_SYS_NICE_BIT & 1;
	}
}

/* ---- who else ---------------------------------------------------------------------------------------------------- */

struct looking {
	const struct tree *tree;
	struct still_facts *facts;
};

static bool is_number(const char *name) {
	return name[0] >= '0' && name[0] <= '9';
}

static void look_at_process(void *argument, const char *name) {
	const struct looking *looking = argument;
	char command[FACTS_WORD];
	if (!is_number(name) || !tree_line(looking->tree, command, sizeof(command), "proc/%s/comm", name))
		return;
	looking->facts->processes_known = true;
	looking->facts->irqbalance |= strcmp(command, "irqbalance") == 0;
}

static void look_at_irq(void *argument, const char *name) {
	const struct looking *looking = argument;
	struct still_facts *facts = looking->facts;
	char list[TEXT];
	if (!is_number(name) ||
	    (!tree_line(looking->tree, list, sizeof(list), "proc/irq/%s/effective_affinity_list", name) &&
	     !tree_line(looking->tree, list, sizeof(list), "proc/irq/%s/smp_affinity_list", name)))
		return;
	if (!is_number(list))
		return;
	facts->irqs.known = facts->irqs_here.known = true;
	facts->irqs.value++;
	facts->irqs_here.value += still_list_has(list, facts->cpu);
}

void still_facts_read_process(const struct tree *tree, struct still_facts *facts) {
	struct looking looking = {tree, facts};
	uint64_t throttled;
	(void)still_facts_quota(tree, &facts->quota_percent, &throttled);
	read_limits(tree, facts);
	(void)tree_list(tree, "proc", look_at_process, &looking);
	(void)tree_list(tree, "proc/irq", look_at_irq, &looking);
}
