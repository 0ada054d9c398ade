/* SPDX-License-Identifier: Apache-2.0 */
#include "caps/arm/arm.h"
#include "caps/cpuid/cpuid.h"

const char *caps_feature_name(enum caps_architecture architecture, size_t index) {
	if (architecture == CAPS_AARCH64)
		return caps_arm_feature(index) ? caps_arm_feature(index)->name : NULL;
	return cpuid_feature(index) ? cpuid_feature(index)->name : NULL;
}

enum caps_feature_group caps_feature_group(enum caps_architecture architecture, size_t index) {
	if (architecture == CAPS_AARCH64)
		return caps_arm_feature(index) ? caps_arm_feature(index)->group : CAPS_FEATURES_OTHER;
	return cpuid_feature(index) ? cpuid_feature(index)->group : CAPS_FEATURES_OTHER;
}
