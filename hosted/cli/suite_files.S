/* SPDX-License-Identifier: Apache-2.0
 *
 * What `anechoic new-suite` writes, which is a suite like any other where it lies, too: tests link and run it there.
 */
#include "lib/asset.inc"

	.section .rodata
	.balign 8
	asset suite_source, "examples/suites/new/suite.c"
	asset suite_readme, "examples/suites/new/README.md"
	asset suite_test, "examples/suites/new/test.sh"

	.section .note.GNU-stack, "", %progbits
