/* SPDX-License-Identifier: Apache-2.0 */
#include "caps/arm/arm.h"

const char *caps_feature_name(enum caps_architecture architecture, size_t index) {
	const struct caps_arm_feature *feature = architecture == CAPS_AARCH64 ? caps_arm_feature(index) : NULL;
	return feature ? feature->name : NULL;
}

enum caps_feature_group caps_feature_group(enum caps_architecture architecture, size_t index) {
	const struct caps_arm_feature *feature = architecture == CAPS_AARCH64 ? caps_arm_feature(index) : NULL;
	return feature ? feature->group : CAPS_FEATURES_OTHER;
}
