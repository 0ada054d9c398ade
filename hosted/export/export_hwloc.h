/* SPDX-License-Identifier: Apache-2.0
 *
 * A machine's description as hwloc's XML, version 2: what `lstopo -i FILE` draws (hwloc 2.9, "Importing and exporting
 * topologies from/to XML files").
 */
#pragma once

#include "bench/machine/facts.h"

void export_hwloc(const struct facts *facts, struct text *text);
