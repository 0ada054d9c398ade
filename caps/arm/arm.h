/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parts of the aarch64 decoder share. Internal to caps/.
 */
#pragma once

#include "caps/build.h"
#include "caps/tables/tables.h"

/* ---- models (models.c) ------------------------------------------------------------------------------------------- */

/* How strong a core is among those that are built together with it. */
enum caps_arm_class { CAPS_ARM_CLASS_UNKNOWN, CAPS_ARM_SMALL, CAPS_ARM_MIDDLE, CAPS_ARM_LARGE };

struct caps_arm_model {
	uint8_t implementer;
	uint16_t part;
	const char *model;
	const char *microarchitecture; /* NULL: the model's name is its name */
	enum caps_arm_class class;
	bool l2_of_cluster; /* its L2 is shared by the cores of a cluster; else it is a core's own */
};

/* NULL where the list does not have it. */
const struct caps_arm_model *caps_arm_model_find(uint64_t midr);
const char *caps_arm_implementer_name(uint64_t midr);

/* ---- features (features.c) --------------------------------------------------------------------------------------- */

struct caps_arm_feature {
	const char *name; /* as Linux's /proc/cpuinfo spells it */
	enum caps_register field_register;
	uint8_t shift, width;
	uint8_t least;
	bool is_signed;
	enum caps_feature_group group;
};

/* The one of this index as caps_feature_name counts; NULL beyond the last. */
const struct caps_arm_feature *caps_arm_feature(size_t index);

/* Bits by caps_arm_feature's index, as these registers say. */
void caps_arm_features_read(const struct caps_cpu_raw *cpu, uint64_t features[CAPS_FEATURES_MAX / 64]);

/* ---- the decoder's parts ----------------------------------------------------------------------------------------- */

struct caps_arm {
	struct caps_build *build;
	struct caps_pptt pptt;
	bool *has_leaf; /* of each CPU: the PPTT has a leaf for it, of the UID below */
	uint32_t *uid;
};

/* Sets each CPU's hardware_id, then finds its leaf in the PPTT. false: no memory. (places.c) */
bool caps_arm_identify(struct caps_arm *arm);
/* After caps_arm_identify. false: no memory. */
bool caps_arm_places(struct caps_arm *arm);
/* After caps_arm_places. false: no memory. (kinds.c) */
bool caps_arm_kinds(struct caps_arm *arm);
/* After caps_arm_kinds. false: no memory. (caches.c) */
bool caps_arm_caches(struct caps_arm *arm);

/* ---- registers --------------------------------------------------------------------------------------------------- */

static inline bool caps_arm_known(const struct caps_cpu_raw *cpu, enum caps_register which) {
	return cpu->known >> which & 1;
}
static inline unsigned caps_arm_field(uint64_t value, unsigned shift, unsigned width) {
	return (unsigned)(value >> shift & ((UINT64_C(1) << width) - 1));
}
static inline struct caps_source caps_arm_from(enum caps_register which, const struct caps_cpu_raw *cpu) {
	return (struct caps_source){.from = CAPS_FROM_REGISTER, .detail = which, .cpu = cpu->number};
}
