/* SPDX-License-Identifier: Apache-2.0
 *
 * The library that is preloaded, inside the programme: what is installed is one file, and the library is always of the
 * same build.
 */
#include "record_library.h"

	.section .rodata
	.globl record_library
	.globl record_library_bytes
	.balign 8
record_library:
	.incbin RECORD_LIBRARY
1:
	.balign 8
record_library_bytes:
	.quad 1b - record_library

	.section .note.GNU-stack, "", %progbits
