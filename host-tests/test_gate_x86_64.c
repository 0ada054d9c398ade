/* SPDX-License-Identifier: Apache-2.0
 *
 * The gate with x86_64's page-table entries.
 */
#include "host-tests/gate_cases.h"
