/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/tune/signature.h"

#include "bench/machine/facts.h"
#include "caps/cpuid/cpuid.h"
#include "platform.h"
#include "simd_hash.h"

#include <stdio.h>
#include <string.h>

/* Cut off where it does not fit. */
static void set(char *to, size_t capacity, const char *from) {
	size_t used = 0;
	for (; *from && used + 1 < capacity; from++)
		to[used++] = *from < ' ' || *from > '~' ? '?' : *from;
	to[used] = '\0';
}

#define SET(field, from) set(signature->field, sizeof(signature->field), from)

/* Leaf 0x1a's word, or its like of AMD's, which a core says of itself: it needs no other core to be asked. */
static void read_x86_64(const struct caps_cpu_raw *cpu, struct tune_signature *signature) {
	struct cpuid_identity identity;
	cpuid_identity_read(cpu, &identity);
	snprintf(signature->cpu, sizeof(signature->cpu), "%s %u.%u.%u", identity.vendor, (unsigned)identity.family,
		 (unsigned)identity.model, (unsigned)identity.stepping);
	if (identity.core_type)
		SET(core_type, identity.core_type == CPUID_CORE_TYPE_ATOM ? "E" : "P");
}

/* Arm ARM (DDI 0487), D23.2 "MIDR_EL1": Implementer, PartNum, Variant, Revision. */
static void read_aarch64(const struct caps_cpu_raw *cpu, struct tune_signature *signature) {
	uint64_t midr = cpu->registers[CAPS_MIDR_EL1];
	if (cpu->known & 1u << CAPS_MIDR_EL1)
		snprintf(signature->cpu, sizeof(signature->cpu), "0x%02x 0x%03x r%up%u", (unsigned)(midr >> 24 & 0xff),
			 (unsigned)(midr >> 4 & 0xfff), (unsigned)(midr >> 20 & 0xf), (unsigned)(midr & 0xf));
}

static const struct caps_cpu_raw *own_cpu(const struct facts *facts) {
	for (size_t i = 0; facts->stays && i < facts->raw.cpu_count; i++)
		if (facts->raw.cpus[i].number == facts->stays_on)
			return &facts->raw.cpus[i];
	return facts->raw.cpu_count ? &facts->raw.cpus[0] : NULL;
}

/* What the decoders know better: which of several kinds of cores this one is. */
static void read_described(const struct facts *facts, uint32_t number, struct tune_signature *signature) {
	const struct caps_machine *machine = facts->machine;
	SET(model, machine->model.value);
	SET(microcode, machine->microcode.value);
	SET(hypervisor, machine->hypervisor.value);
	for (size_t i = 0; machine->kind_count > 1 && i < machine->cpu_count; i++) {
		const struct caps_kind *kind = &machine->kinds[machine->cpus[i].kind];
		if (machine->cpus[i].number != number)
			continue;
		if (kind->name.value[0])
			SET(core_type, kind->name.value);
		if (kind->model.value[0])
			SET(model, kind->model.value);
	}
}

int tune_signature_read(struct tune_signature *signature) {
	struct facts facts;
	struct text complaint = {0};
	const struct platform_info *info = platform_describe();
	*signature = (struct tune_signature){.kernels = SIMD_HASH};
	SET(architecture, info->architecture);
	if (facts_read(&facts, FACTS_BRIEF) != 0)
		return PLATFORM_ENOMEM;
	const struct caps_cpu_raw *cpu = own_cpu(&facts);
	if (cpu && facts.raw.architecture == CAPS_X86_64)
		read_x86_64(cpu, signature);
	else if (cpu)
		read_aarch64(cpu, signature);
	if (cpu && facts_describe(&facts, &complaint) == 0)
		read_described(&facts, cpu->number, signature);
	if (!signature->hypervisor[0] && strcmp(info->hypervisor, "none") != 0)
		SET(hypervisor, info->hypervisor);
	if (!signature->cpu[0])
		SET(cpu, info->cpu_model);
	text_free(&complaint);
	facts_free(&facts);
	return 0;
}

/* ---- comparison -------------------------------------------------------------------------------------------------- */

static bool same(const char *made, const char *here, const char *before, const char *between, struct text *why) {
	if (strcmp(made, here) == 0)
		return true;
	text_format(why, "%s%s%s%s", before, made, between, here);
	return false;
}

static bool same_core_type(const char *made, const char *here, struct text *why) {
	if (strcmp(made, here) == 0)
		return true;
	text_format(why, "it was made on a core of %s%s, this one is of %s%s", *made ? "type " : "no type", made,
		    *here ? "type " : "none", here);
	return false;
}

static bool same_hypervisor(const char *made, const char *here, struct text *why) {
	if (strcmp(made, here) == 0)
		return true;
	text_format(why, "it was made %s%s, this is %s%s", *made ? "under " : "on a machine of its own", made,
		    *here ? "a guest of " : "no guest", here);
	return false;
}

bool tune_signature_fits(const struct tune_signature *made, const struct tune_signature *here, struct text *why) {
	if (!same(made->architecture, here->architecture, "it was made on ", ", this is ", why) ||
	    !same(made->cpu, here->cpu, "it was made on ", ", this is ", why) ||
	    !same_core_type(made->core_type, here->core_type, why) ||
	    !same_hypervisor(made->hypervisor, here->hypervisor, why))
		return false;
	if (made->microcode[0] && here->microcode[0] &&
	    !same(made->microcode, here->microcode, "it was made with microcode ", ", here it is ", why))
		return false;
	return same(made->kernels, here->kernels, "it was made for other kernels: ", ", these are ", why);
}
