/* SPDX-License-Identifier: Apache-2.0
 *
 * The libraries that are preloaded, inside the programme: what is installed is one file, and they are always of the
 * same build.
 */
#include "preload_folder.h"

	.macro library name folder
	.section .rodata
	.globl library_\name, library_\name\()_end
	.balign 8
library_\name:
	.incbin "\folder/anechoic-\name\().so"
library_\name\()_end:
	.endm

	library record PRELOAD_FOLDER
	library kernels PRELOAD_FOLDER
	library pools PRELOAD_FOLDER

	.section .note.GNU-stack, "", %progbits
