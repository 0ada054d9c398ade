/* SPDX-License-Identifier: Apache-2.0
 *
 * What `anechoic new-suite` writes: suites like any other where they lie, too.
 */
#include "lib/asset.inc"

	.section .rodata
	.balign 8
	asset suite_c, "examples/suites/new/suite.c"
	asset suite_cxx, "examples/suites/new_cxx/suite.cc"
	asset suite_asm, "examples/suites/new_asm/suite.c"
	asset suite_asm_x86_64, "examples/suites/new_asm/x86_64/mix.S"
	asset suite_asm_aarch64, "examples/suites/new_asm/aarch64/mix.S"
	asset suite_readme, "examples/suites/new/README.md"
	asset suite_test, "examples/suites/new/test.sh"

	.section .note.GNU-stack, "", %progbits
