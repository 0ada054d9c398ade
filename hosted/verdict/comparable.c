/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/verdict/comparable.h"

#include "bench/plain.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static double clock_hz(const struct results *results) {
	return json_number_value(json_object_get(json_object_get(results->context, "clock"), "hz"));
}

static const char *article(const char *word) {
	return strchr("AEIOU", word[0]) || strncmp(word, "LP", 2) == 0 ? "an" : "a";
}

/* The kind's name decides where both have one: what the design is called is a list of ours, which may grow. */
static const char *core_mismatch(const struct results *a, const struct results *b) {
	static const char *const paths[] = {"measured_on/kind", "measured_on/microarchitecture"};
	static char why[200];
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		const char *mine = results_context(a, paths[i]), *theirs = results_context(b, paths[i]);
		if (!mine[0] || !theirs[0])
			continue;
		if (strcmp(mine, theirs) == 0)
			return NULL;
		snprintf(why, sizeof(why), "different kinds of core: measured on %s %.60s core and on %s %.60s core",
			 article(mine), mine, article(theirs), theirs);
		return plain_string(why);
	}
	return NULL;
}

struct told {
	const char *path;
	const char *what;
};

static const char *told_apart(const struct told *told, size_t count, const struct results *a, const struct results *b) {
	static char why[256];
	for (size_t i = 0; i < count; i++) {
		const char *mine = results_context(a, told[i].path), *theirs = results_context(b, told[i].path);
		if (strcmp(mine, theirs) == 0)
			continue;
		snprintf(why, sizeof(why), "different %s: '%.60s' and '%.60s'", told[i].what, mine, theirs);
		return plain_string(why);
	}
	return NULL;
}

const char *comparable_machine(const struct results *a, const struct results *b) {
	static const struct told same[] = {{"platform/architecture", "architectures"}, {"platform/cpu", "CPUs"}};
	const char *why = told_apart(same, sizeof(same) / sizeof(same[0]), a, b);
	return why ? why : core_mismatch(a, b);
}

static const struct told signature_members[] = {
	{"platform/architecture", "architectures"}, {"platform/way", "platforms"},   {"platform/cpu", "CPUs"},
	{"platform/hypervisor", "hypervisors"},     {"figures", "kinds of figures"},
};
enum { SIGNATURE_MEMBERS = sizeof(signature_members) / sizeof(signature_members[0]) };

void comparable_signature(const struct results *results, char *signature, size_t capacity) {
	size_t length = 0;
	*signature = '\0';
	for (size_t i = 0; i < SIGNATURE_MEMBERS && length < capacity; i++)
		length += (size_t)snprintf(signature + length, capacity - length, "%s%s", i ? ", " : "",
					   results_context(results, signature_members[i].path));
}

const char *comparable_signature_mismatch(const struct results *a, const struct results *b) {
	return told_apart(signature_members, SIGNATURE_MEMBERS, a, b);
}

const char *comparable_mismatch(const struct results *a, const struct results *b) {
	static const struct told same[] = {
		{"platform/architecture", "architectures"},
		{"platform/cpu", "CPUs"},
		{"platform/way", "platforms"},
		{"platform/hypervisor", "hypervisors"},
		{"figures", "kinds of figures"},
		{"clock/counter", "clocks"},
		{"clock/rate", "clocks' trust"},
	};
	static char why[256];
	const char *other = told_apart(same, sizeof(same) / sizeof(same[0]), a, b);
	if (other)
		return other;
	double ratio = clock_hz(b) > 0 ? clock_hz(a) / clock_hz(b) : 0;
	if (fabs(ratio - 1) > 0.001) {
		snprintf(why, sizeof(why), "different clocks: %.6g MHz and %.6g MHz", clock_hz(a) / 1e6,
			 clock_hz(b) / 1e6);
		return why;
	}
	return core_mismatch(a, b);
}

const char *comparable_refusal(const struct results *a, const struct results *b) {
	const char *why = comparable_mismatch(a, b);
	if (why)
		return why;
	return results_functional_only(a) ? "functional only: these figures say nothing of the hardware" : NULL;
}
