/* SPDX-License-Identifier: Apache-2.0
 *
 * What an operating system says, for the decoders that have nothing better. Internal to caps/.
 */
#pragma once

#include "caps/build.h"

enum { CAPS_TOLD_MITIGATIONS_MAX = 64 };

/* Where CPUs lie, by os_package, os_die, os_cluster and os_core. false: not said of all. */
bool caps_told_places(const struct caps_build *build, struct caps_place *places);
struct caps_source caps_told_topology_source(void);

/* The operating system's cache at the CPU of this number; NULL: none said. */
const struct caps_os_cache *caps_told_cache(const struct caps_raw *raw, uint32_t number, uint32_t level,
					    enum caps_cache_type type);

/* A key for caps_build_cache that those who share it have in common, apart from any key below 1 << 63. false: it does
 * not say who shares it. */
bool caps_told_cache_key(const struct caps_os_cache *cache, uint64_t *key);
struct caps_source caps_told_cache_source(void);
