/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of microarchitectures. What is not in the list has no name; nothing else depends on it.
 * Source: Intel SDM volume 4, table 2-1; Linux, arch/x86/include/asm/intel-family.h; AMD's processor programming
 * references, by family and range of models.
 */
#include "caps/cpuid/cpuid.h"

#include <string.h>

struct model {
	uint32_t family, first, last; /* models */
	uint8_t steppings;            /* up to this one */
	const char *name;             /* where cores are of one kind, or of type Core */
	const char *atom;             /* of type Atom; NULL: `name` */
};

static const struct model intel[] = {
	{0x6, 0x09, 0x09, 15, "Pentium M", NULL},
	{0x6, 0x0d, 0x0d, 15, "Pentium M", NULL},
	{0x6, 0x0e, 0x0e, 15, "Yonah", NULL},
	{0x6, 0x0f, 0x0f, 15, "Merom", NULL},
	{0x6, 0x16, 0x16, 15, "Merom", NULL},
	{0x6, 0x17, 0x17, 15, "Penryn", NULL},
	{0x6, 0x1d, 0x1d, 15, "Penryn", NULL},
	{0x6, 0x1a, 0x1a, 15, "Nehalem", NULL},
	{0x6, 0x1e, 0x1f, 15, "Nehalem", NULL},
	{0x6, 0x2e, 0x2e, 15, "Nehalem", NULL},
	{0x6, 0x25, 0x25, 15, "Westmere", NULL},
	{0x6, 0x2c, 0x2c, 15, "Westmere", NULL},
	{0x6, 0x2f, 0x2f, 15, "Westmere", NULL},
	{0x6, 0x2a, 0x2a, 15, "Sandy Bridge", NULL},
	{0x6, 0x2d, 0x2d, 15, "Sandy Bridge", NULL},
	{0x6, 0x3a, 0x3a, 15, "Ivy Bridge", NULL},
	{0x6, 0x3e, 0x3e, 15, "Ivy Bridge", NULL},
	{0x6, 0x3c, 0x3c, 15, "Haswell", NULL},
	{0x6, 0x3f, 0x3f, 15, "Haswell", NULL},
	{0x6, 0x45, 0x46, 15, "Haswell", NULL},
	{0x6, 0x3d, 0x3d, 15, "Broadwell", NULL},
	{0x6, 0x47, 0x47, 15, "Broadwell", NULL},
	{0x6, 0x4f, 0x4f, 15, "Broadwell", NULL},
	{0x6, 0x56, 0x56, 15, "Broadwell", NULL},
	{0x6, 0x4e, 0x4e, 15, "Skylake", NULL},
	{0x6, 0x5e, 0x5e, 15, "Skylake", NULL},
	{0x6, 0x55, 0x55, 4, "Skylake (server)", NULL},
	{0x6, 0x55, 0x55, 7, "Cascade Lake", NULL},
	{0x6, 0x55, 0x55, 15, "Cooper Lake", NULL},
	{0x6, 0x8e, 0x8e, 9, "Kaby Lake", NULL},
	{0x6, 0x8e, 0x8e, 15, "Coffee Lake", NULL},
	{0x6, 0x9e, 0x9e, 9, "Kaby Lake", NULL},
	{0x6, 0x9e, 0x9e, 15, "Coffee Lake", NULL},
	{0x6, 0xa5, 0xa6, 15, "Comet Lake", NULL},
	{0x6, 0x66, 0x66, 15, "Palm Cove", NULL},
	{0x6, 0x7d, 0x7e, 15, "Sunny Cove", NULL},
	{0x6, 0x6a, 0x6a, 15, "Sunny Cove", NULL},
	{0x6, 0x6c, 0x6c, 15, "Sunny Cove", NULL},
	{0x6, 0x8c, 0x8d, 15, "Willow Cove", NULL},
	{0x6, 0xa7, 0xa7, 15, "Cypress Cove", NULL},
	{0x6, 0x8a, 0x8a, 15, "Sunny Cove", "Tremont"},
	{0x6, 0x97, 0x97, 15, "Golden Cove", "Gracemont"},
	{0x6, 0x9a, 0x9a, 15, "Golden Cove", "Gracemont"},
	{0x6, 0xb7, 0xb7, 15, "Raptor Cove", "Gracemont"},
	{0x6, 0xba, 0xba, 15, "Raptor Cove", "Gracemont"},
	{0x6, 0xbf, 0xbf, 15, "Golden Cove", "Gracemont"},
	{0x6, 0xbe, 0xbe, 15, "Gracemont", NULL},
	{0x6, 0x8f, 0x8f, 15, "Golden Cove", NULL},
	{0x6, 0xcf, 0xcf, 15, "Raptor Cove", NULL},
	{0x6, 0xad, 0xae, 15, "Redwood Cove", NULL},
	{0x6, 0xaf, 0xaf, 15, "Crestmont", NULL},
	{0x6, 0xb6, 0xb6, 15, "Crestmont", NULL},
	{0x6, 0xdd, 0xdd, 15, "Darkmont", NULL},
	{0x6, 0xaa, 0xaa, 15, "Redwood Cove", "Crestmont"},
	{0x6, 0xac, 0xac, 15, "Redwood Cove", "Crestmont"},
	{0x6, 0xb5, 0xb5, 15, "Redwood Cove", "Crestmont"},
	{0x6, 0xbd, 0xbd, 15, "Lion Cove", "Skymont"},
	{0x6, 0xc5, 0xc6, 15, "Lion Cove", "Skymont"},
	{0x6, 0xcc, 0xcc, 15, "Cougar Cove", "Darkmont"},
	{0x6, 0x1c, 0x1c, 15, "Bonnell", NULL},
	{0x6, 0x26, 0x27, 15, "Bonnell", NULL},
	{0x6, 0x35, 0x36, 15, "Saltwell", NULL},
	{0x6, 0x37, 0x37, 15, "Silvermont", NULL},
	{0x6, 0x4a, 0x4a, 15, "Silvermont", NULL},
	{0x6, 0x4d, 0x4d, 15, "Silvermont", NULL},
	{0x6, 0x5a, 0x5a, 15, "Silvermont", NULL},
	{0x6, 0x5d, 0x5d, 15, "Silvermont", NULL},
	{0x6, 0x4c, 0x4c, 15, "Airmont", NULL},
	{0x6, 0x75, 0x75, 15, "Airmont", NULL},
	{0x6, 0x5c, 0x5c, 15, "Goldmont", NULL},
	{0x6, 0x5f, 0x5f, 15, "Goldmont", NULL},
	{0x6, 0x7a, 0x7a, 15, "Goldmont Plus", NULL},
	{0x6, 0x86, 0x86, 15, "Tremont", NULL},
	{0x6, 0x96, 0x96, 15, "Tremont", NULL},
	{0x6, 0x9c, 0x9c, 15, "Tremont", NULL},
	{0x6, 0x57, 0x57, 15, "Knights Landing", NULL},
	{0x6, 0x85, 0x85, 15, "Knights Mill", NULL},
	{0xf, 0x00, 0x06, 15, "NetBurst", NULL},
	{0x12, 0x01, 0x03, 15, "Coyote Cove", "Arctic Wolf"},
	{0x13, 0x01, 0x01, 15, "Panther Cove", NULL},
};

static const struct model amd[] = {
	{0x0f, 0x00, 0xff, 15, "K8", NULL},          {0x10, 0x00, 0xff, 15, "K10", NULL},
	{0x11, 0x00, 0xff, 15, "K8", NULL},          {0x12, 0x00, 0xff, 15, "K10", NULL},
	{0x14, 0x00, 0xff, 15, "Bobcat", NULL},      {0x15, 0x02, 0x02, 15, "Piledriver", NULL},
	{0x15, 0x00, 0x0f, 15, "Bulldozer", NULL},   {0x15, 0x10, 0x1f, 15, "Piledriver", NULL},
	{0x15, 0x30, 0x3f, 15, "Steamroller", NULL}, {0x15, 0x60, 0x7f, 15, "Excavator", NULL},
	{0x16, 0x00, 0x0f, 15, "Jaguar", NULL},      {0x16, 0x30, 0x3f, 15, "Puma", NULL},
	{0x17, 0x08, 0x08, 15, "Zen+", NULL},        {0x17, 0x18, 0x18, 15, "Zen+", NULL},
	{0x17, 0x00, 0x2f, 15, "Zen", NULL},         {0x17, 0x50, 0x5f, 15, "Zen", NULL},
	{0x17, 0x30, 0xaf, 15, "Zen 2", NULL},       {0x18, 0x00, 0xff, 15, "Dhyana", NULL},
	{0x19, 0x00, 0x0f, 15, "Zen 3", NULL},       {0x19, 0x10, 0x1f, 15, "Zen 4", NULL},
	{0x19, 0x20, 0x2f, 15, "Zen 3", NULL},       {0x19, 0x40, 0x4f, 15, "Zen 3+", NULL},
	{0x19, 0x50, 0x5f, 15, "Zen 3", NULL},       {0x19, 0x60, 0x7f, 15, "Zen 4", "Zen 4c"},
	{0x19, 0xa0, 0xaf, 15, "Zen 4c", NULL},      {0x1a, 0x00, 0x0f, 15, "Zen 5", NULL},
	{0x1a, 0x10, 0x1f, 15, "Zen 5c", NULL},      {0x1a, 0x20, 0x4f, 15, "Zen 5", "Zen 5c"},
	{0x1a, 0x60, 0x7f, 15, "Zen 5", "Zen 5c"},
};

static const struct model zhaoxin[] = {
	{0x7, 0x1b, 0x1b, 15, "WuDaoKou", NULL},
	{0x7, 0x3b, 0x3b, 15, "LuJiaZui", NULL},
	{0x7, 0x5b, 0x5b, 15, "YongFeng", NULL},
};

static const char *find(const struct model *models, size_t count, const struct cpuid_identity *identity) {
	for (size_t i = 0; i < count; i++) {
		const struct model *model = &models[i];
		if (identity->family == model->family && identity->model >= model->first &&
		    identity->model <= model->last && identity->stepping <= model->steppings)
			return identity->core_type == CPUID_CORE_TYPE_ATOM && model->atom ? model->atom : model->name;
	}
	return NULL;
}

const char *cpuid_microarchitecture(const struct cpuid_identity *identity) {
	static const struct {
		const char *vendor;
		const struct model *models;
		size_t count;
	} vendors[] = {
		{"GenuineIntel", intel, sizeof(intel) / sizeof(intel[0])},
		{"AuthenticAMD", amd, sizeof(amd) / sizeof(amd[0])},
		{"HygonGenuine", amd, sizeof(amd) / sizeof(amd[0])},
		{"  Shanghai  ", zhaoxin, sizeof(zhaoxin) / sizeof(zhaoxin[0])},
		{"CentaurHauls", zhaoxin, sizeof(zhaoxin) / sizeof(zhaoxin[0])},
	};
	for (size_t i = 0; i < sizeof(vendors) / sizeof(vendors[0]); i++)
		if (strcmp(identity->vendor, vendors[i].vendor) == 0)
			return find(vendors[i].models, vendors[i].count, identity);
	return NULL;
}
