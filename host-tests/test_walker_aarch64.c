/* SPDX-License-Identifier: Apache-2.0
 *
 * The walker's cases on aarch64's entries; the entries themselves are test_pagetable_aarch64.c's.
 */
#include "host-tests/pagetable_cases.h"
