/* SPDX-License-Identifier: Apache-2.0
 *
 * The gate with aarch64's page-table entries.
 */
#include "host-tests/gate_cases.h"
