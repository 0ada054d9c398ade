/* SPDX-License-Identifier: Apache-2.0
 *
 * How a function begins and ends for the assembler, by object format: ELF, Mach-O (whose C names begin with an
 * underscore), COFF. None is visible outside of what it is linked into, where the format can say so.
 */
#pragma once

/* clang-format off */
#if defined(__APPLE__)
#define FUNCTION(name)         \
	.globl	_##name;       \
	.private_extern _##name; \
	.p2align 6;            \
	_##name:
#define FUNCTION_END(name)
#elif defined(_WIN32)
#define FUNCTION(name) \
	.globl	name;  \
	.p2align 6;    \
	name:
#define FUNCTION_END(name)
#else
#define FUNCTION(name)         \
	.globl	name;          \
	.hidden	name;          \
	.type	name, @function; \
	.p2align 6;            \
	name:
#define FUNCTION_END(name)       \
	.size	name, . - name;  \
	.section .note.GNU-stack, "", @progbits
#endif
